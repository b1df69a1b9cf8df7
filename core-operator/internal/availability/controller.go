// SPDX-License-Identifier: Apache-2.0

// Package availability says of each ResourceClass whether claims can use it:
// whether its templates are valid, and whether what they make can be made now.
// It looks again when something changed that it looked at, so that a class whose
// operator comes later becomes ready by itself.
package availability

import (
	"context"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// labelAggregate marks the ClusterRoles that give core its rights on a
// provider's kinds.
const labelAggregate = "crossplane.io/aggregate-to-core"

// fieldManager is the name under which core owns the fields that it writes.
const fieldManager = "core-operator"

// Env is what the controller needs of the operator that it runs in.
type Env struct {
	// Kube reads through the manager's cache, and writes.
	Kube client.Client
	// Kinds knows the kinds that classes make.
	Kinds *contract.Kinds
	// Namespace of the operators: of their Leases.
	Namespace string
	// Clock tells the time for conditions.
	Clock clock.PassiveClock
	// Events records transitions on classes.
	Events events.EventRecorder
}

// What the controller needs to do, Leases in core's own namespace:
//
// +kubebuilder:rbac:groups=core.crossplane.io,resources=resourceclasses,verbs=get;list;watch
// +kubebuilder:rbac:groups=core.crossplane.io,resources=resourceclasses/status,verbs=patch
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=get;list;watch,namespace=crossplane-system

// reconciler looks at one class at a time.
type reconciler struct {
	Env

	schemas class.Schemas
	rights  *rights
	beats   *heartbeats
	// refused is since when core has been found to lack a right, by class.
	refused map[string]time.Time
}

// Setup adds the controller to mgr.
func Setup(ctx context.Context, mgr ctrl.Manager, env Env) error {
	wakes := newWakes(env)
	r := &reconciler{
		Env: env, schemas: class.KnownTo(env.Kinds), rights: newRights(env.Kube), beats: newHeartbeats(wakes.all),
		refused: map[string]time.Time{},
	}
	leases, err := r.watchLeases(ctx, mgr)
	if err != nil {
		return err
	}
	wakes.leases = leases.HasSynced
	err = ctrl.NewControllerManagedBy(mgr).Named("resourceclass").
		For(&core.ResourceClass{}, builder.WithPredicates(predicate.Or[client.Object](
			predicate.GenerationChangedPredicate{}, predicate.LabelChangedPredicate{}, predicate.AnnotationChangedPredicate{}))).
		WatchesRawSource(wakes).
		WithOptions(controller.Options{MaxConcurrentReconciles: 1, SkipNameValidation: new(true)}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the controller of classes: %w", err)
	}
	return nil
}

// watchLeases follows the Leases that operators hold while they run.
func (r *reconciler) watchLeases(ctx context.Context, mgr ctrl.Manager) (cache.ResourceEventHandlerRegistration, error) {
	informer, err := mgr.GetCache().GetInformer(ctx, &coordinationv1.Lease{})
	if err != nil {
		return nil, fmt.Errorf("watching Leases: %w", err)
	}
	registration, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    r.renewed,
		UpdateFunc: func(_, now any) { r.renewed(now) },
		DeleteFunc: func(gone any) {
			if l, ok := r.lease(gone); ok {
				r.beats.lost(l.Name)
			}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("watching Leases: %w", err)
	}
	return registration, nil
}

func (r *reconciler) renewed(object any) {
	l, ok := r.lease(object)
	if !ok || l.Spec.RenewTime == nil || l.Spec.LeaseDurationSeconds == nil {
		return
	}
	r.beats.seen(l.Name, l.Spec.RenewTime.Time, time.Duration(*l.Spec.LeaseDurationSeconds)*time.Second)
}

func (r *reconciler) lease(object any) (*coordinationv1.Lease, bool) {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	l, ok := object.(*coordinationv1.Lease)
	return l, ok && l.Namespace == r.Namespace
}

// Reconcile says of one class whether it can be used.
func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	c := &core.ResourceClass{}
	err := r.Kube.Get(ctx, request.NamespacedName, c)
	if apierrors.IsNotFound(err) || err == nil && c.DeletionTimestamp != nil {
		delete(r.refused, request.Name)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading class %s: %w", request.Name, err)
	}
	valid, compiled := r.valid(c)
	available, err := r.available(ctx, c, compiled)
	if err != nil {
		return ctrl.Result{}, err
	}
	if err := r.record(ctx, c, valid, available); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: r.nextLook(c.Name, available)}, nil
}

// Nothing tells when a right is granted, so it is looked for: often at first,
// since charts bring it within seconds, and seldom after a while.
const (
	soonest = time.Second
	latest  = time.Minute
)

// nextLook returns when to look at a class again although nothing is known to
// have changed; 0 for never.
func (r *reconciler) nextLook(class string, available finding) time.Duration {
	if available.reason != core.ReasonOperatorForbidden {
		delete(r.refused, class)
		return 0
	}
	now := r.Clock.Now()
	if _, known := r.refused[class]; !known {
		r.refused[class] = now
	}
	return min(max(now.Sub(r.refused[class])/4, soonest), latest)
}
