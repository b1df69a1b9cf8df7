// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/operator/drain"
)

// What a kind gets that says nothing else.
const (
	defaultPoll       = 10 * time.Minute
	defaultSettle     = time.Minute
	defaultConcurrent = 10
)

// complete fills in what the kind left out and what the operator overrides.
func (k Kind[MR, Obs]) complete(env Env) Kind[MR, Obs] {
	if k.Poll == 0 {
		k.Poll = defaultPoll
	}
	if env.Poll != 0 {
		k.Poll = env.Poll
	}
	if k.Settle == 0 {
		k.Settle = defaultSettle
	}
	if k.Naming == "" {
		k.Naming = Chosen
	}
	if k.Name == nil {
		k.Name = func(mr MR, owner string) string { return ChosenName(mr.GetName(), owner) }
	}
	return k
}

// ChosenName is the external name that kinds use which have no rules of their
// own: the object's name, cut to 54 characters, and the first eight of the owner id.
func ChosenName(name, owner string) string {
	const longest, unique = 54, 8
	name = strings.Trim(name[:min(len(name), longest)], "-.")
	return strings.ToLower(name + "-" + owner[:min(len(owner), unique)])
}

// Object implements Controller.
func (k Kind[MR, Obs]) Object() client.Object { return k.New() }

// SetupWithManager implements Controller.
func (k Kind[MR, Obs]) SetupWithManager(mgr ctrl.Manager, env Env) error {
	r := NewReconciler(k, env)
	b := ctrl.NewControllerManagedBy(mgr).
		Named(strings.ToLower(r.kindName())).
		For(k.New(), builder.WithPredicates(predicate.Funcs{UpdateFunc: worthLooking})).
		WithOptions(controller.Options{MaxConcurrentReconciles: cmp.Or(env.MaxConcurrent, defaultConcurrent)})
	if k.Provider != nil {
		b = b.Watches(k.Provider(), handler.EnqueueRequestsFromMapFunc(r.referrers(func(mr MR) []string {
			spec, _ := mr.Managed()
			return []string{spec.ProviderRef.Name}
		})), builder.WithPredicates(predicate.Funcs{UpdateFunc: providerChanged}))
	}
	for _, ref := range k.References {
		obj, err := mgr.GetScheme().New(ref.To)
		if err != nil {
			return fmt.Errorf("watch %s: %w", ref.To.Kind, err)
		}
		to, ok := obj.(Resource)
		if !ok {
			return fmt.Errorf("watch %s: %w", ref.To.Kind, errNotManaged)
		}
		b = b.Watches(to, handler.EnqueueRequestsFromMapFunc(r.referrers(ref.Names)), builder.WithPredicates(predicate.Funcs{UpdateFunc: usableChanged}))
	}
	if err := b.Complete(drain.Reconciler(reconcile.AsReconciler(env.Kube, r), drain.Grace)); err != nil {
		return fmt.Errorf("set up %s: %w", r.kindName(), err)
	}
	return nil
}

// referrers returns a function that finds, in the cache, the resources of this
// kind that name an object.
func (r *Reconciler[MR, Obs]) referrers(names func(mr MR) []string) handler.MapFunc {
	return func(ctx context.Context, to client.Object) []reconcile.Request {
		var requests []reconcile.Request
		err := r.each(ctx, func(mr MR) {
			if slices.Contains(names(mr), to.GetName()) {
				requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(mr)})
			}
		})
		if err != nil {
			r.log(ctx).Error(err, "find what refers to an object", "object", to.GetName())
		}
		return requests
	}
}

// worthLooking leaves out the operator's own writes of status and metadata:
// reacting to them would be a cloud call each.
func worthLooking(e event.UpdateEvent) bool {
	was, is := e.ObjectOld, e.ObjectNew
	if was.GetGeneration() != is.GetGeneration() || !was.GetDeletionTimestamp().Equal(is.GetDeletionTimestamp()) {
		return true
	}
	for _, key := range []string{
		v1alpha1.AnnotationPaused, v1alpha1.AnnotationImport, v1alpha1.AnnotationOnCRDRemoval,
		v1alpha1.AnnotationReconcileRequestedAt, v1alpha1.AnnotationRotatePasswordRequestedAt,
	} {
		if was.GetAnnotations()[key] != is.GetAnnotations()[key] {
			return true
		}
	}
	old := was.GetAnnotations()[v1alpha1.AnnotationExternalName]
	return old != "" && old != is.GetAnnotations()[v1alpha1.AnnotationExternalName]
}

// usableChanged reports whether what others wait for has changed: readiness or
// the external name.
func usableChanged(e event.UpdateEvent) bool {
	was, ok := e.ObjectOld.(Resource)
	is, also := e.ObjectNew.(Resource)
	return !ok || !also || isReady(was) != isReady(is) || ExternalName(was) != ExternalName(is)
}

// providerChanged reports whether a Provider has become worth trying (again).
func providerChanged(e event.UpdateEvent) bool {
	type provider interface {
		ProviderStatus() *v1alpha1.ProviderStatus
	}
	was, ok := e.ObjectOld.(provider)
	is, also := e.ObjectNew.(provider)
	if !ok || !also || e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() {
		return true
	}
	old, now := was.ProviderStatus(), is.ProviderStatus()
	return old.CredentialsVersion != now.CredentialsVersion ||
		meta.IsStatusConditionTrue(old.Conditions, v1alpha1.ConditionReady) != meta.IsStatusConditionTrue(now.Conditions, v1alpha1.ConditionReady)
}

// each calls f with every object of the kind that the cache has.
func (r *Reconciler[MR, Obs]) each(ctx context.Context, f func(mr MR)) error {
	gvk, err := apiutil.GVKForObject(r.kind.New(), r.env.Kube.Scheme())
	if err != nil {
		return fmt.Errorf("find the kind: %w", err)
	}
	obj, err := r.env.Kube.Scheme().New(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
	if err != nil {
		return fmt.Errorf("find the list of %s: %w", gvk.Kind, err)
	}
	list, ok := obj.(client.ObjectList)
	if !ok {
		return fmt.Errorf("%sList: %w", gvk.Kind, errNotManaged)
	}
	if err := r.env.Kube.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("list %s: %w", gvk.Kind, err)
	}
	return meta.EachListItem(list, func(o runtime.Object) error { //nolint:wrapcheck // the function never fails
		if mr, ok := o.(MR); ok {
			f(mr)
		}
		return nil
	})
}
