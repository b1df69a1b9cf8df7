// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// syncPatience is how long WaitForSync waits for kinds that the API serves and
// does not let us list.
const syncPatience = 10 * time.Second

// Kinds knows the kinds that take part in the contract, and the managed
// resources of those kinds, as they come and go. It is a manager.Runnable, and
// can be asked from before it starts; what it has not seen yet is not there.
type Kinds struct {
	config      *rest.Config
	client      *http.Client
	dynamic     dynamic.Interface
	definitions cache.SharedIndexInformer

	mu        sync.RWMutex
	known     map[schema.GroupKind]*Definition
	watches   map[schema.GroupKind]*watch
	onKind    []func(schema.GroupKind)
	onManaged []func(before, now *Managed)
	running   sync.WaitGroup
}

// New returns Kinds of the API that config reaches.
func New(config *rest.Config) (*Kinds, error) {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("making an HTTP client: %w", err)
	}
	dyn, err := dynamic.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, fmt.Errorf("making a dynamic client: %w", err)
	}
	definitions, err := newDefinitions(config, client, true)
	if err != nil {
		return nil, err
	}
	return &Kinds{
		config: config, client: client, dynamic: dyn, definitions: definitions,
		known: map[schema.GroupKind]*Definition{}, watches: map[schema.GroupKind]*watch{},
	}, nil
}

// OnKind calls f whenever the definition of a kind comes, changes or goes, and
// when its objects are known. To be called before Start; f must not block.
func (k *Kinds) OnKind(f func(schema.GroupKind)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.onKind = append(k.onKind, f)
}

// OnManaged calls f whenever a managed resource of any kind is new (before is
// nil), changed, or gone (now is nil). To be called before Start; f must not
// block, nor change what it is given.
func (k *Kinds) OnManaged(f func(before, now *Managed)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.onManaged = append(k.onManaged, f)
}

// Start follows the CRDs that take part and the objects of managed kinds until
// ctx ends.
func (k *Kinds) Start(ctx context.Context) error {
	_, err := k.definitions.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { k.see(ctx, object) },
		UpdateFunc: func(_, object any) { k.see(ctx, object) },
		DeleteFunc: k.lose,
	})
	if err != nil {
		return fmt.Errorf("watching CRDs: %w", err)
	}
	k.definitions.RunWithContext(ctx)
	k.running.Wait()
	return nil
}

// NeedLeaderElection implements manager.LeaderElectionRunnable: a replica that
// waits to lead knows the kinds already.
func (k *Kinds) NeedLeaderElection() bool { return false }

// see takes note of a CRD that is new or changed.
func (k *Kinds) see(ctx context.Context, object any) {
	d := definitionIn(object)
	if d == nil {
		return
	}
	k.mu.Lock()
	k.known[d.Kind.GroupKind()] = d
	k.follow(ctx, d)
	k.mu.Unlock()
	k.tell(d.Kind.GroupKind())
}

// lose takes note of a CRD that is gone.
func (k *Kinds) lose(object any) {
	d := definitionIn(object)
	if d == nil {
		return
	}
	gk := d.Kind.GroupKind()
	k.mu.Lock()
	delete(k.known, gk)
	k.unfollow(gk)
	k.mu.Unlock()
	k.tell(gk)
}

func (k *Kinds) tell(gk schema.GroupKind) {
	k.mu.RLock()
	subscribers := k.onKind
	k.mu.RUnlock()
	for _, f := range subscribers {
		f(gk)
	}
}

// follow starts to watch the objects of a managed kind, unless it does already.
func (k *Kinds) follow(ctx context.Context, d *Definition) {
	gk := d.Kind.GroupKind()
	current := k.watches[gk]
	wanted := d.Established && d.Contract == v1alpha1.ContractManaged
	if current != nil && wanted && current.follows(d) {
		return
	}
	k.unfollow(gk)
	if !wanted || ctx.Err() != nil {
		return
	}
	w, err := k.open(d)
	if err != nil {
		return // a kind whose name no client can be made for: nothing to watch
	}
	watching, stop := context.WithCancel(ctx)
	w.stop = stop
	k.watches[gk] = w
	k.running.Go(func() { w.run(watching, func(ctx context.Context) error { return k.allowed(ctx, d) }) })
	k.running.Go(func() {
		if cache.WaitForCacheSync(watching.Done(), w.informer.HasSynced) {
			k.tell(gk)
		}
	})
}

// open prepares a watch that tells the subscribers of its objects.
func (k *Kinds) open(d *Definition) (*watch, error) {
	w, err := newWatch(k.config, k.client, d, &Managed{}, &ManagedList{}, indexers())
	if err != nil {
		return nil, err
	}
	_, err = w.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { k.told(nil, object) },
		UpdateFunc: func(before, object any) { k.told(before, object) },
		DeleteFunc: func(object any) {
			if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = gone.Obj
			}
			k.told(object, nil)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("watching %s: %w", d.Name(), err)
	}
	return w, nil
}

func (k *Kinds) told(before, now any) {
	was, _ := before.(*Managed)
	is, _ := now.(*Managed)
	k.mu.RLock()
	subscribers := k.onManaged
	k.mu.RUnlock()
	for _, f := range subscribers {
		f(was, is)
	}
}

func (k *Kinds) unfollow(gk schema.GroupKind) {
	if w := k.watches[gk]; w != nil {
		w.stop()
		delete(k.watches, gk)
	}
}

// Definition returns what is known of a kind.
func (k *Kinds) Definition(gk schema.GroupKind) (*Definition, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	d, ok := k.known[gk]
	return d, ok
}

// Definitions returns what is known of every kind, in the order of their names.
func (k *Kinds) Definitions() []*Definition {
	k.mu.RLock()
	defer k.mu.RUnlock()
	all := make([]*Definition, 0, len(k.known))
	for _, d := range k.known {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *Definition) int { return strings.Compare(a.Name(), b.Name()) })
	return all
}

// Synced reports whether all managed resources of a kind are known.
func (k *Kinds) Synced(gk schema.GroupKind) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	w := k.watches[gk]
	return w != nil && w.informer.HasSynced()
}

// WaitForSync returns when all CRDs and the objects of every managed kind are
// known. It does not wait long for kinds that the API does not let us list.
func (k *Kinds) WaitForSync(ctx context.Context) error {
	if err := k.WaitForKinds(ctx); err != nil {
		return err
	}
	patience, cancel := context.WithTimeout(ctx, syncPatience)
	defer cancel()
	for _, d := range k.Definitions() {
		gk := d.Kind.GroupKind()
		if d.Contract == v1alpha1.ContractManaged && d.Established {
			cache.WaitForCacheSync(patience.Done(), func() bool { return k.Synced(gk) })
		}
	}
	return nil
}

// WaitForKinds returns when all CRDs are known.
func (k *Kinds) WaitForKinds(ctx context.Context) error {
	if !cache.WaitForCacheSync(ctx.Done(), k.listed) {
		return fmt.Errorf("waiting for the list of CRDs: %w", context.Cause(ctx))
	}
	return nil
}

// listed reports whether every CRD that was there at first is known: what the
// informer has is handed on a moment later.
func (k *Kinds) listed() bool {
	if !k.definitions.HasSynced() {
		return false
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.known) >= len(k.definitions.GetStore().ListKeys())
}

// Get returns a managed resource as it is known, or nil. Read only.
func (k *Kinds) Get(gk schema.GroupKind, name string) *Managed {
	k.mu.RLock()
	defer k.mu.RUnlock()
	w := k.watches[gk]
	if w == nil {
		return nil
	}
	object, _, _ := w.informer.GetStore().GetByKey(name)
	m, _ := object.(*Managed)
	return m
}

// All returns the managed resources of one kind. Read only.
func (k *Kinds) All(gk schema.GroupKind) []*Managed {
	k.mu.RLock()
	defer k.mu.RUnlock()
	w := k.watches[gk]
	if w == nil {
		return nil
	}
	return managed(w.informer.GetStore().List())
}

func (k *Kinds) find(index, value string) []*Managed {
	k.mu.RLock()
	defer k.mu.RUnlock()
	var found []*Managed
	for _, w := range k.watches {
		objects, err := w.informer.GetIndexer().ByIndex(index, value)
		if err == nil {
			found = append(found, managed(objects)...)
		}
	}
	slices.SortFunc(found, func(a, b *Managed) int {
		return strings.Compare(a.Kind+"/"+a.Name, b.Kind+"/"+b.Name)
	})
	return found
}

func managed(objects []any) []*Managed {
	all := make([]*Managed, 0, len(objects))
	for _, object := range objects {
		if m, ok := object.(*Managed); ok {
			all = append(all, m)
		}
	}
	return all
}
