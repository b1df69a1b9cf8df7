// SPDX-License-Identifier: Apache-2.0

package presence

import (
	"context"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// kind is the informer of one kind, bound to one of the cache within while the
// kind's definition is there. What its users add to it, it adds again at each
// return.
type kind struct {
	cache  *Cache
	gvk    schema.GroupVersionKind
	object client.Object

	definition uid  // of the definition that it was matched with; empty: there was none
	matched    bool // both under cache.mu

	settled *latch // it is known whether the kind is there, and if so, it has synced

	mu       sync.RWMutex
	bound    cache.Informer  // nil while the kind is not there or not served yet
	ctx      context.Context //nolint:containedctx // ends when the kind leaves
	cancel   context.CancelFunc
	absent   bool
	failure  error // why the kind can't be watched although it is there
	indices  map[string]client.IndexerFunc
	indexers []toolscache.Indexers
	handlers []*registration
}

var _ cache.Informer = (*kind)(nil)

func newKind(c *Cache, gvk schema.GroupVersionKind, obj client.Object) *kind {
	return &kind{
		cache: c, gvk: gvk, object: obj, cancel: func() {},
		settled: newLatch(gvk.String()), indices: map[string]client.IndexerFunc{},
	}
}

// read calls present or absent under a lock that keeps the kind from leaving.
// While it is not known yet which of them is right it returns false.
func (k *kind) read(present, absent func() error) (bool, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	switch {
	case k.bound != nil && k.bound.HasSynced():
		return true, present()
	case k.failure != nil:
		return true, k.failure
	case k.absent:
		return true, absent()
	default:
		return false, nil
	}
}

// miss says that the kind's definition is not there.
func (k *kind) miss() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.absent = true
	k.settle()
	k.cache.log.Info("waiting for the CustomResourceDefinition of a kind", "kind", k.gvk.GroupKind().String())
}

// leave ends the watch.
func (k *kind) leave() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cancel()
	if k.bound != nil {
		k.unbind()
	}
}

// arrive begins the watch as soon as the kind is served.
func (k *kind) arrive(ctx context.Context) {
	k.mu.Lock()
	defer k.mu.Unlock()
	returned := k.absent
	k.absent, k.failure = false, nil
	ctx, k.cancel = context.WithCancel(ctx)
	k.ctx = ctx
	go k.bindWhenServed(ctx, returned)
}

// The API server serves a kind a moment after its definition is established. A
// list that fails for longer than patience is a failure, which readers are told;
// it is tried again for ever, because it heals when somebody grants a right.
const patience = 2 * time.Second

func (k *kind) bindWhenServed(ctx context.Context, returned bool) {
	began := time.Now()
	retry := wait.Backoff{Duration: 50 * time.Millisecond, Factor: 1.5, Jitter: 0.1, Steps: 1000, Cap: 5 * time.Second}
	for ctx.Err() == nil {
		err := k.probe(ctx)
		if err == nil {
			err = k.bind(ctx)
		}
		if err == nil {
			k.tellBound(returned)
			return
		}
		if time.Since(began) > patience {
			k.fail(ctx, err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(retry.Step()):
		}
	}
}

func (k *kind) tellBound(returned bool) {
	log := k.cache.log
	if !returned {
		log = log.V(1)
	}
	log.Info("watching a kind", "kind", k.gvk.GroupKind().String())
}

// probe sees whether the kind can be listed: an informer that fails at first
// would be slow to try again.
func (k *kind) probe(ctx context.Context) error {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(k.gvk.GroupVersion().WithKind(k.gvk.Kind + "List"))
	if err := k.cache.live.List(ctx, list, client.Limit(1)); err != nil {
		return fmt.Errorf("listing %s: %w", k.gvk.GroupKind(), err)
	}
	return nil
}

func (k *kind) fail(ctx context.Context, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	if k.failure == nil || k.failure.Error() != err.Error() {
		k.cache.log.Error(err, "cannot watch a kind; trying on", "kind", k.gvk.GroupKind().String())
	}
	k.failure = err
	k.settle()
}

// bind makes an informer and adds all that was asked for.
func (k *kind) bind(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if ctx.Err() != nil {
		return nil
	}
	informer, err := k.cache.Cache.GetInformer(ctx, k.object, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("watching %s: %w", k.gvk.GroupKind(), err)
	}
	k.bound, k.failure = informer, nil
	if err := k.equip(ctx); err != nil {
		k.unbind()
		return err
	}
	go follow(ctx, informer.HasSyncedChecker(), k.settled)
	return nil
}

func (k *kind) equip(ctx context.Context) error {
	for field, extract := range k.indices {
		if err := k.cache.Cache.IndexField(ctx, k.object, field, extract); err != nil {
			return fmt.Errorf("indexing %s by %s: %w", k.gvk.GroupKind(), field, err)
		}
	}
	for _, i := range k.indexers {
		if err := k.bound.AddIndexers(i); err != nil {
			return fmt.Errorf("indexing %s: %w", k.gvk.GroupKind(), err)
		}
	}
	for _, r := range k.handlers {
		if err := r.bind(ctx, k.bound); err != nil {
			return err
		}
	}
	return nil
}

// unbind removes the informer within. An informer that is left behind when its
// kind is gone complains for ever.
func (k *kind) unbind() {
	if err := k.cache.Cache.RemoveInformer(k.ctx, k.object); err != nil {
		k.cache.log.Error(err, "cannot end a watch", "kind", k.gvk.GroupKind().String())
	}
	k.bound = nil
	for _, r := range k.handlers {
		r.within = nil
	}
}

// settle lets go of those who wait for a sync that will not come for now.
func (k *kind) settle() {
	k.settled.close()
	for _, r := range k.handlers {
		r.latch.close()
	}
}

// follow closes a latch when something has synced, or when there is nothing any
// more that could.
func follow(ctx context.Context, synced toolscache.DoneChecker, l *latch) {
	select {
	case <-synced.Done():
	case <-ctx.Done():
	}
	l.close()
}
