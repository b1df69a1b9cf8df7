// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/operator/wake"
)

// indexWaits finds the claims that something may wake.
const indexWaits = "crossplane.io/waits-for"

const (
	waitsForClass    = "class"
	waitsForResource = "resource"
	isOpen           = "open"     // to targets that use it
	isReleased       = "released" // once nobody uses it
	usesClass        = "class/"
	usesKind         = "kind/"
	usesName         = "name/"
)

// waitsFor returns what a claim waits for or depends on. A claim of a class is
// only woken by it while it has something to gain from it.
func waitsFor(object client.Object) []string {
	c, ok := object.(claimapi.Claim)
	if !ok {
		return nil
	}
	spec, status := c.Claim()
	var keys []string
	switch {
	case status.ResourceRef != nil:
	case spec.Static():
		keys = append(keys, waitsForResource)
	default:
		keys = append(keys, waitsForClass)
	}
	ready := meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady)
	if asked := c.GetAnnotations()[v1alpha1.AnnotationClassRevision]; status.Class != nil && (!ready || asked != "") {
		keys = append(keys, usesClass+status.Class.Name)
	}
	if status.OpenedFor != "" {
		keys = append(keys, isOpen)
	}
	if c.GetDeletionTimestamp() != nil {
		keys = append(keys, isReleased)
	}
	for _, entry := range status.Resources {
		gk := groupKind(entry.ResourceReference)
		keys = append(keys, usesKind+gk.String(), nameKey(gk, entry.Name))
	}
	return keys
}

// nameKey is what the index has for claims that have, or want, a resource of a name.
func nameKey(kind schema.GroupKind, name string) string { return usesName + kind.String() + "/" + name }

// waiting returns the claims that the index has under a key. What can't be
// listed yet is not known yet either, and is looked at when it is.
func (r *Reconciler) waiting(ctx context.Context, key string, options ...client.ListOption) []reconcile.Request {
	list := lists(r.Kube.Scheme(), r.kind)()
	if list == nil {
		return nil
	}
	options = append(options, client.MatchingFields{indexWaits: key}, client.UnsafeDisableDeepCopy)
	if err := r.Kube.List(ctx, list, options...); err != nil {
		return nil
	}
	var requests []reconcile.Request
	_ = meta.EachListItem(list, func(item runtime.Object) error {
		if c, ok := item.(client.Object); ok {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(c)})
		}
		return nil
	})
	return requests
}

func (r *Reconciler) ofClass(ctx context.Context, class client.Object) []reconcile.Request {
	return append(r.waiting(ctx, waitsForClass), r.waiting(ctx, usesClass+class.GetName())...)
}

func (r *Reconciler) ofNamespace(ctx context.Context, namespace client.Object) []reconcile.Request {
	in := client.InNamespace(namespace.GetName())
	return append(r.waiting(ctx, waitsForClass, in), r.waiting(ctx, waitsForResource, in)...)
}

// wakes is the source of what managed resources and their kinds wake.
type wakes struct {
	*wake.Source

	reconciler *Reconciler

	mu   sync.Mutex
	seen map[schema.GroupKind]presence
}

// presence is what a claim has to know of a kind.
type presence struct {
	uid    types.UID
	usable bool
	synced bool
}

func newWakes(r *Reconciler) *wakes {
	w := &wakes{reconciler: r, seen: map[schema.GroupKind]presence{}}
	w.Source = wake.New("managed resources", w.known)
	r.Kinds.OnManaged(w.managed)
	r.Kinds.OnKind(w.kind)
	r.Workloads.OnApplication(w.application)
	r.Workloads.OnTarget(w.target)
	return w
}

// known waits until it is known what exists, or a claim restored from a backup
// would pass for new.
func (w *wakes) known(ctx context.Context) error {
	if err := w.reconciler.Kinds.WaitForSync(ctx); err != nil {
		return fmt.Errorf("waiting for the managed resources: %w", err)
	}
	if err := w.reconciler.Workloads.WaitForSync(ctx); err != nil {
		return fmt.Errorf("waiting for the applications: %w", err)
	}
	return nil
}

// application wakes the claims that an application uses, or may have used: what it
// no longer uses is not told.
func (w *wakes) application(a *contract.Application) {
	w.Add(func(ctx context.Context) []reconcile.Request { return w.reconciler.usedIn(ctx, a) })
}

// target wakes the claims that are used from a target.
func (w *wakes) target(t *workload.KubernetesTarget) {
	w.Add(func(ctx context.Context) []reconcile.Request {
		applications, err := w.reconciler.Workloads.Concerned(t.Name)
		if err != nil {
			return nil // they are told of when they are known
		}
		var requests []reconcile.Request
		for _, a := range applications {
			requests = append(requests, w.reconciler.usedIn(ctx, a)...)
		}
		return requests
	})
}

// managed wakes the claim that a resource belongs or belonged to, or those that
// might bind it. It does so for every change: who owns which field is not known
// here, and giving one back changes nothing else. When one comes or goes that
// also concerns a claim which wants its name and is not named by it.
func (w *wakes) managed(before, now *contract.Managed) {
	kind := w.reconciler.kind
	for _, m := range []*contract.Managed{before, now} {
		if m != nil && m.Spec.ClaimRef != nil && m.Spec.ClaimRef.Group == kind.Group && m.Spec.ClaimRef.Kind == kind.Kind {
			ref := m.Spec.ClaimRef
			w.Add(func(context.Context) []reconcile.Request {
				return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: ref.Namespace, Name: ref.Name}}}
			})
		}
	}
	if now == nil || now.Spec.ClaimRef == nil {
		w.Add(func(ctx context.Context) []reconcile.Request { return w.reconciler.waiting(ctx, waitsForResource) })
	}
	if one := cmp.Or(now, before); now == nil || before == nil {
		key := nameKey(groupKind(referenceTo(one)), one.Name)
		w.Add(func(ctx context.Context) []reconcile.Request { return w.reconciler.waiting(ctx, key) })
	}
}

// kind wakes the claims that have resources of a kind that came or went, and
// those for which nothing was chosen yet.
func (w *wakes) kind(gk schema.GroupKind) {
	var is presence
	if d, there := w.reconciler.Kinds.Definition(gk); there {
		is = presence{uid: d.UID, usable: d.Usable(), synced: w.reconciler.Kinds.Synced(gk)}
	}
	w.mu.Lock()
	was := w.seen[gk]
	w.seen[gk] = is
	w.mu.Unlock()
	if was != is {
		w.Add(func(ctx context.Context) []reconcile.Request {
			return slices.Concat(w.reconciler.waiting(ctx, usesKind+gk.String()),
				w.reconciler.waiting(ctx, waitsForResource), w.reconciler.waiting(ctx, waitsForClass))
		})
	}
}
