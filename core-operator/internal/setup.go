// SPDX-License-Identifier: Apache-2.0

package internal

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/crossplaneio/crossplane/core-operator/internal/availability"
	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/core-operator/internal/pool"
	"github.com/crossplaneio/crossplane/core-operator/internal/schedule"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Setup adds to mgr what core does: it follows the kinds that take part in the
// contract, says which classes can be used, places applications, keeps the clusters
// of pools, and reconciles claims.
func Setup(ctx context.Context, mgr ctrl.Manager, env managed.Env) error {
	kinds, err := contract.New(mgr.GetConfig())
	if err != nil {
		return fmt.Errorf("following the managed kinds: %w", err)
	}
	if err := mgr.Add(kinds); err != nil {
		return fmt.Errorf("following the managed kinds: %w", err)
	}
	workloads, err := contract.NewWorkloads(mgr.GetConfig())
	if err != nil {
		return fmt.Errorf("following applications and targets: %w", err)
	}
	if err := mgr.Add(workloads); err != nil {
		return fmt.Errorf("following applications and targets: %w", err)
	}
	err = availability.Setup(ctx, mgr, availability.Env{
		Kube: env.Kube, Kinds: kinds, Namespace: env.Namespace, Clock: env.Clock, Events: env.Events,
	})
	if err != nil {
		return fmt.Errorf("looking after classes: %w", err)
	}
	library := &class.Library{
		Revisions: &class.Revisions{Reader: env.Live, Writer: env.Kube, Namespace: env.Namespace},
		Schemas:   class.KnownTo(kinds),
	}
	claims := make([]schema.GroupVersionKind, 0, len(Claims()))
	for _, object := range Claims() {
		kind, err := apiutil.GVKForObject(object, mgr.GetScheme())
		if err != nil {
			return fmt.Errorf("finding the kind of %T: %w", object, err)
		}
		claims = append(claims, kind)
	}
	pools := pool.New(pool.Env{Kube: env.Kube, Live: env.Live, Workloads: workloads, Clock: env.Clock, Events: env.Events})
	scheduler, err := schedule.Setup(ctx, mgr, schedule.Env{
		Kube: env.Kube, Live: env.Live, Kinds: kinds, Workloads: workloads, Claims: claims,
		Namespace: env.Namespace, Clock: env.Clock, Events: env.Events,
		Nomination: pools.Nomination, Draining: pools.Draining,
		Departure: pools.Departure, Reserved: pools.Reserved,
	})
	if err != nil {
		return fmt.Errorf("placing applications: %w", err)
	}
	pools.Scheduler = scheduler
	pools.OnChange(func(_ []types.UID, targets []string) { scheduler.Reconsider(targets...) })
	if err := pools.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("looking after cluster pools: %w", err)
	}
	return claim.Setup(ctx, mgr, claim.Env{
		Kube: env.Kube, Live: env.Live, Kinds: kinds, Workloads: workloads, Library: library,
		Clock: env.Clock, Events: env.Events, MaxConcurrent: env.MaxConcurrent,
	}, Claims()...)
}
