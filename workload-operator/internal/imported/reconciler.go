// SPDX-License-Identifier: Apache-2.0

// Package imported looks after clusters that somebody else made: it sees that both
// kubeconfigs of an ImportedCluster lead to the one cluster, as two identities, and
// hands them out as the operator of a managed cluster does.
package imported

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
	"github.com/crossplaneio/crossplane/workload-operator/internal/report"
)

// defaultPoll is how often a cluster that answers is looked at.
const defaultPoll = time.Minute

// soon is how long a pass that was overtaken by another write waits.
const soon = 200 * time.Millisecond

// Reconciler reconciles ImportedClusters. What it keeps are the connections.
type Reconciler struct {
	managed.Env

	// Connections to imported clusters, and to nothing else.
	Connections *remote.Connections
}

// Reconcile makes one pass over an imported cluster. There is nothing to undo where
// one is deleted: its connection secret goes with it, whose it is.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	c := &v1alpha1.ImportedCluster{}
	there := true
	if err := r.Kube.Get(ctx, req.NamespacedName, c); apierrors.IsNotFound(err) {
		there = false
	} else if err != nil {
		return reconcile.Result{}, fmt.Errorf("reading the cluster: %w", err)
	}
	if !there || !c.DeletionTimestamp.IsZero() {
		r.drop(req.Name)
		return reconcile.Result{}, nil
	}
	before := c.Status.DeepCopy()
	o, err := r.pass(ctx, c)
	if err == nil {
		err = r.report(ctx, before, c, o)
	}
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) || apierrors.IsAlreadyExists(err) {
		return reconcile.Result{RequeueAfter: soon}, nil
	}
	if err != nil {
		return reconcile.Result{}, err
	}
	return remote.NextLook(c.Status.Conditions, o.err, r.poll(), r.Clock.Now()), nil
}

// pass looks at the cluster and keeps how to connect. Its error is about our own API
// only.
func (r *Reconciler) pass(ctx context.Context, c *v1alpha1.ImportedCluster) (outcome, error) {
	if err := r.identify(ctx, c); err != nil {
		return outcome{}, err
	}
	given, err := r.ways(ctx, c)
	if err != nil {
		return blamed(err, false)
	}
	seen, err := given.look(ctx, c)
	if err != nil {
		return blamed(err, !remote.Unanswered(remote.Classify(err)))
	}
	kept, err := r.Keep(ctx, c, c.Status.ConnectionRevision, given.secret())
	if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		err = fault.New(fault.Dependency, contract.ReasonReferenceNotReady,
			"%w; namespace %s has to be there, and workload-operator's role in it", err, r.ConnectionNamespace)
	}
	if err != nil {
		return blamed(err, true)
	}
	return outcome{given: given, seen: seen, kept: kept}, nil
}

// blamed returns the outcome of a pass that came to an end because of what an
// administrator, or the cluster, has to change; or what else err is.
func blamed(err error, judged bool) (outcome, error) {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return outcome{err: known, judged: judged}, nil
	}
	return outcome{}, err
}

// identify puts on c under which id its connection secret is known, so that it is
// found again after a restore from a backup.
func (r *Reconciler) identify(ctx context.Context, c *v1alpha1.ImportedCluster) error {
	if c.Annotations[contract.AnnotationOwnerID] != "" {
		return nil
	}
	before := c.DeepCopy()
	if c.Annotations == nil {
		c.Annotations = map[string]string{}
	}
	c.Annotations[contract.AnnotationOwnerID] = managed.OwnerID(c)
	lock := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := r.Kube.Patch(ctx, c, lock, client.FieldOwner(r.Operator)); err != nil {
		return fmt.Errorf("writing the owner id of imported cluster %s: %w", c.Name, err)
	}
	return nil
}

// report writes the outcome down where it differs from what is there.
func (r *Reconciler) report(ctx context.Context, before *v1alpha1.ImportedClusterStatus, c *v1alpha1.ImportedCluster, o outcome) error {
	o.conclude(c, r.ConnectionNamespace, r.Clock.Now())
	if equality.Semantic.DeepEqual(before, &c.Status) {
		return nil
	}
	if err := report.Write(ctx, r.Kube, r.Operator, c, &c.Status); err != nil {
		return fmt.Errorf("imported cluster %s: %w", c.Name, err)
	}
	report.Announce(ctx, r.Events, c, before.Conditions, c.Status.Conditions)
	return nil
}

func (r *Reconciler) poll() time.Duration {
	if r.Poll > 0 {
		return r.Poll
	}
	return defaultPoll
}
