// SPDX-License-Identifier: Apache-2.0

// Package provider reconciles Providers: the objects that say in which account
// of a cloud an operator works, and as whom. It has the credentials verified,
// says the outcome in the Provider's conditions, and keeps a Provider for as
// long as a managed resource uses it. How credentials are read and verified is
// each cloud's own.
package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Provider is an object that embeds v1alpha1.ProviderStatus in its status and
// hands out a pointer to it.
type Provider interface {
	client.Object
	ProviderStatus() *v1alpha1.ProviderStatus
}

// Verified is what became known of credentials that the cloud accepts.
type Verified struct {
	// Summary says in a few words for people whose credentials they are. It
	// holds no secret.
	Summary string
	// Version changes whenever other credentials come into use. It is no secret
	// and does not tell anything about them.
	Version string
}

// Sources are the objects, in the operator's own namespace, that a Provider's
// credentials and certificates come from, by name.
type Sources struct {
	Secrets, ConfigMaps []string
}

// Kind is a cloud's kind of Provider.
type Kind[P Provider] struct {
	// New returns an empty object of the kind.
	New func() P

	// Verify reads the credentials that p names, live, asks the cloud whose they
	// are, and puts that into its own part of p's status. It puts the new
	// credentials into use for whoever connects from now on. Errors are, or wrap,
	// fault.Errors whose reason says what is wrong with the credentials.
	Verify func(ctx context.Context, p P) (Verified, error)

	// Forget is called when a Provider is gone: whatever was kept of it can go.
	Forget func(name string)

	// Sources of p; a change of one of them has p verified again.
	Sources func(p P) Sources

	// Users are the kinds of managed resources that may name such a Provider.
	// Their CRDs declare .spec.providerRef.name as a selectable field.
	Users []client.Object

	// Poll is how often accepted credentials are verified again. Default: 10 minutes.
	Poll time.Duration
}

// With returns the kind and, after it, kinds of managed resources that refer to
// objects of it.
func (k Kind[P]) With(kinds ...managed.Controller) []managed.Controller {
	for _, user := range kinds {
		k.Users = append(k.Users, user.Object())
	}
	return append([]managed.Controller{k}, kinds...)
}

// Object implements managed.Controller.
func (k Kind[P]) Object() client.Object { return k.New() }

// SetupWithManager implements managed.Controller. The manager's cache must hold
// secrets and config maps of the operator's own namespace only, as operator.Run
// has it: no others may be watched.
func (k Kind[P]) SetupWithManager(mgr ctrl.Manager, env managed.Env) error {
	users, err := usersOf(k.Users, mgr)
	if err != nil {
		return err
	}
	gvk, err := apiutil.GVKForObject(k.New(), mgr.GetScheme())
	if err != nil {
		return fmt.Errorf("finding the kind of Providers: %w", err)
	}
	wake := func(names func(Sources) []string) handler.EventHandler {
		return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, changed client.Object) []reconcile.Request {
			return k.namedBy(ctx, mgr, func(s Sources) bool {
				return changed.GetNamespace() == env.Namespace && slices.Contains(names(s), changed.GetName())
			})
		})
	}
	// Only metadata are watched: no secret's content is kept in memory.
	changed := builder.WithPredicates(predicate.ResourceVersionChangedPredicate{})
	err = ctrl.NewControllerManagedBy(mgr).Named(strings.ToLower(gvk.GroupKind().String())).
		For(k.New(), builder.WithPredicates(specOrAsked())).
		WatchesMetadata(&corev1.Secret{}, wake(func(s Sources) []string { return s.Secrets }), changed).
		WatchesMetadata(&corev1.ConfigMap{}, wake(func(s Sources) []string { return s.ConfigMaps }), changed).
		Complete(&reconciler[P]{kind: k, env: env, users: users})
	if err != nil {
		return fmt.Errorf("setting up the controller of %s: %w", gvk.Kind, err)
	}
	return nil
}

// namedBy returns requests for the Providers whose sources satisfy use.
func (k Kind[P]) namedBy(ctx context.Context, mgr ctrl.Manager, use func(Sources) bool) []reconcile.Request {
	var requests []reconcile.Request
	list, err := newList(k.New(), mgr.GetScheme())
	if err == nil {
		err = mgr.GetCache().List(ctx, list)
	}
	if err != nil {
		return nil // The cache ends with its manager: nobody is left to wake.
	}
	_ = meta.EachListItem(list, func(item runtime.Object) error {
		if p, ok := item.(P); ok && use(k.Sources(p)) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(p)})
		}
		return nil
	})
	return requests
}

func newList(obj client.Object, scheme *runtime.Scheme) (client.ObjectList, error) {
	gvk, err := apiutil.GVKForObject(obj, scheme)
	if err != nil {
		return nil, fmt.Errorf("finding the kind of Providers: %w", err)
	}
	list, err := scheme.New(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
	if err != nil {
		return nil, fmt.Errorf("making a list of %s: %w", gvk.Kind, err)
	}
	return list.(client.ObjectList), nil //nolint:errcheck,forcetypeassert // every list kind of an API is one
}
