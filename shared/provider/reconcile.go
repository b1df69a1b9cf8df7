// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// defaultPoll is how often accepted credentials are verified again.
const defaultPoll = 10 * time.Minute

// soon is how long a pass that was overtaken by another write waits.
const soon = 200 * time.Millisecond

// reconciler keeps nothing in memory: conditions say how long a trouble has lasted.
type reconciler[P Provider] struct {
	kind  Kind[P]
	env   managed.Env
	users users
}

// specOrAsked lets through what a person changed, and no status write of ours.
func specOrAsked() predicate.Predicate {
	return predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})
}

// Reconcile makes one pass over a Provider.
func (r *reconciler[P]) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	p := r.kind.New()
	if err := r.env.Kube.Get(ctx, req.NamespacedName, p); err != nil {
		if apierrors.IsNotFound(err) {
			r.kind.Forget(req.Name)
			return reconcile.Result{}, nil
		}
		return reconcile.Result{}, fmt.Errorf("reading provider %s: %w", req.Name, err)
	}
	before, _ := p.DeepCopyObject().(P)
	o, err := r.pass(ctx, p)
	if err == nil && !o.gone {
		err = r.report(ctx, before, p, o)
	}
	if apierrors.IsConflict(err) {
		return reconcile.Result{RequeueAfter: soon}, nil
	}
	if err != nil {
		return reconcile.Result{}, err
	}
	return requeue(o, p.ProviderStatus().Conditions, r.poll(), r.env.Clock.Now()), nil
}

// pass takes the one step that is due. Its error is about our own API only.
func (r *reconciler[P]) pass(ctx context.Context, p P) (outcome, error) {
	if !p.GetDeletionTimestamp().IsZero() {
		return r.release(ctx, p)
	}
	if !controllerutil.ContainsFinalizer(p, v1alpha1.FinalizerProvider) {
		if err := r.finalizer(ctx, p, controllerutil.AddFinalizer); err != nil {
			return outcome{}, err
		}
	}
	verified, err := r.kind.Verify(ctx, p)
	return outcome{verified: verified, err: err}, nil
}

// release lets a Provider go that nobody uses any more.
func (r *reconciler[P]) release(ctx context.Context, p P) (outcome, error) {
	if !controllerutil.ContainsFinalizer(p, v1alpha1.FinalizerProvider) {
		return outcome{gone: true}, nil // Somebody else's finalizer keeps it.
	}
	inUse, err := r.users.of(ctx, r.env.Live, p.GetName())
	if err != nil || inUse != "" {
		return outcome{inUse: inUse}, err
	}
	return outcome{gone: true}, r.finalizer(ctx, p, controllerutil.RemoveFinalizer)
}

// finalizer changes the finalizers by a write that fails where p is stale.
func (r *reconciler[P]) finalizer(ctx context.Context, p P, change func(client.Object, string) bool) error {
	before, _ := p.DeepCopyObject().(client.Object)
	change(p, v1alpha1.FinalizerProvider)
	err := r.env.Kube.Patch(ctx, p, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("writing the finalizers of provider %s: %w", p.GetName(), err)
	}
	return nil
}

// report writes the outcome down where it differs from what is there.
func (r *reconciler[P]) report(ctx context.Context, before, p P, o outcome) error {
	status := p.ProviderStatus()
	status.ObservedGeneration = p.GetGeneration()
	status.LastHandledReconcileAt = p.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt]
	if o.err == nil && o.inUse == "" {
		status.CredentialsVersion = o.verified.Version
	}
	status.Conditions = after(status.Conditions, o, p.GetGeneration(), r.env.Clock.Now())
	if equality.Semantic.DeepEqual(before.ProviderStatus(), status) {
		return nil
	}
	r.announce(ctx, before, p)
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	before.SetResourceVersion(p.GetResourceVersion())
	if err := r.env.Kube.Status().Patch(ctx, p, patch); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("writing the status of provider %s: %w", p.GetName(), err)
	}
	return nil
}

// announce tells of a transition: an event and one line in the log.
func (r *reconciler[P]) announce(ctx context.Context, before, p P) {
	now, then := telling(p.ProviderStatus().Conditions), telling(before.ProviderStatus().Conditions)
	if then.Type == now.Type && then.Status == now.Status && then.Reason == now.Reason && then.Message == now.Message {
		return
	}
	log.FromContext(ctx).Info("transition", "condition", now.Type, "status", now.Status, "reason", now.Reason, "message", now.Message)
	if r.env.Events == nil {
		return
	}
	kind := corev1.EventTypeNormal
	if now.Status != "True" {
		kind = corev1.EventTypeWarning
	}
	r.env.Events.Eventf(p, nil, kind, now.Reason, "Verify", "%s", now.Message)
}

func (r *reconciler[P]) poll() time.Duration {
	if r.kind.Poll > 0 {
		return r.kind.Poll
	}
	return defaultPoll
}
