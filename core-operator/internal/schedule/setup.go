// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"fmt"
	"maps"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	toolscache "k8s.io/client-go/tools/cache"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// Setup adds a scheduler to mgr, and the controller of previews that asks it.
func Setup(ctx context.Context, mgr ctrl.Manager, env Env) (*Scheduler, error) {
	s := New(env)
	if err := s.subscribe(ctx, mgr); err != nil {
		return nil, err
	}
	_ = metrics.Registry.Register(timeToReady) // another manager's, in this process, is the same one
	if err := mgr.Add(s); err != nil {
		return nil, fmt.Errorf("adding the scheduler: %w", err)
	}
	if err := setupPreviews(mgr, s); err != nil {
		return nil, err
	}
	return s, nil
}

// subscribe has the scheduler told of all that a decision can depend on.
func (s *Scheduler) subscribe(ctx context.Context, mgr ctrl.Manager) error {
	s.Workloads.OnApplication(func(a *contract.Application) { s.inbox.changed(keyOf(a)); s.queue.wake() })
	s.Workloads.OnTarget(func(t *workload.KubernetesTarget) { s.inbox.target(t.Name); s.queue.wake() })
	s.Kinds.OnManaged(s.facts.managed)
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	told := map[client.Object]toolscache.ResourceEventHandler{
		namespace:             s.namespaces(),
		&core.ResourceClass{}: s.classes(),
	}
	for _, kind := range s.Claims {
		object, err := mgr.GetScheme().New(kind)
		if err != nil {
			return fmt.Errorf("making an empty %s: %w", kind.Kind, err)
		}
		if o, ok := object.(client.Object); ok {
			told[o] = s.claims(kind.GroupKind())
		}
	}
	for object, handler := range told {
		informer, err := mgr.GetCache().GetInformer(ctx, object)
		if err != nil {
			return fmt.Errorf("watching %T: %w", object, err)
		}
		if _, err := informer.AddEventHandler(handler); err != nil {
			return fmt.Errorf("watching %T: %w", object, err)
		}
	}
	return nil
}

// claims has the applications looked at that use a claim which is new or gone, or
// of which something has changed that counts.
func (s *Scheduler) claims(kind schema.GroupKind) toolscache.ResourceEventHandler {
	told := func(object any) {
		if gone, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
			object = gone.Obj
		}
		c, ok := object.(claimapi.Claim)
		if !ok {
			return
		}
		users, err := s.Workloads.Applications(c.GetNamespace())
		if err != nil {
			return // each is looked at when it is known
		}
		for _, a := range users {
			if claim.Uses(a, kind, c.GetName()) {
				s.inbox.again(keyOf(a))
			}
		}
		s.queue.wake()
	}
	return toolscache.ResourceEventHandlerFuncs{
		AddFunc: told, DeleteFunc: told,
		UpdateFunc: func(before, now any) {
			if was, ok := before.(claimapi.Claim); ok {
				if is, ok := now.(claimapi.Claim); ok && reflect.DeepEqual(counts(was), counts(is)) {
					return
				}
			}
			told(now)
		},
	}
}

// counts is what of a claim a decision depends on.
func counts(c claimapi.Claim) []any {
	_, status := c.Claim()
	return []any{
		c.GetUID(), c.GetGeneration(), c.GetDeletionTimestamp() != nil, status.Class, status.Location, status.Target,
		status.ResourceRef, status.FailedAttempts, status.BoundTime != nil,
	}
}

// classes has everything looked at when a class has changed: rare, and any claim
// may be concerned.
func (s *Scheduler) classes() toolscache.ResourceEventHandler {
	all := func() { s.inbox.everything(); s.queue.wake() }
	return toolscache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { all() }, DeleteFunc: func(any) { all() },
		UpdateFunc: func(before, now any) {
			was, _ := before.(*core.ResourceClass)
			is, _ := now.(*core.ResourceClass)
			if was != nil && is != nil && was.Generation == is.Generation && maps.Equal(was.Labels, is.Labels) && reflect.DeepEqual(was.Status, is.Status) {
				return
			}
			all()
		},
	}
}

// namespaces has the applications of a namespace looked at that got other labels.
func (s *Scheduler) namespaces() toolscache.ResourceEventHandler {
	return toolscache.ResourceEventHandlerFuncs{UpdateFunc: func(before, now any) {
		was, _ := before.(*metav1.PartialObjectMetadata)
		is, _ := now.(*metav1.PartialObjectMetadata)
		if was == nil || is == nil || maps.Equal(was.Labels, is.Labels) {
			return
		}
		all, err := s.Workloads.Applications(is.Name)
		if err != nil {
			return // each is looked at when it is known
		}
		for _, a := range all {
			s.inbox.again(keyOf(a))
		}
		s.queue.wake()
	}}
}

// Reconsider has all that wait looked at again: what Nomination or Draining says has
// changed.
func (s *Scheduler) Reconsider(targets ...string) {
	for _, name := range targets {
		s.inbox.target(name)
	}
	s.inbox.everything()
	s.queue.wake()
}
