// SPDX-License-Identifier: Apache-2.0

package presence

import (
	"context"
	"fmt"
	"slices"
	"time"

	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// seen is what a handler is told by: client-go's name for it is too long for a line.
type seen = toolscache.ResourceEventHandlerRegistration

// registration is a handler on a kind, whether the kind is there or not.
type registration struct {
	*latch

	handler toolscache.ResourceEventHandler
	options toolscache.HandlerOptions
	within  seen // nil while the kind is not bound
}

var _ seen = (*registration)(nil)

// HasSynced reports whether the handler has seen all objects that were there at
// first, or there was no such kind.
func (r *registration) HasSynced() bool { return r.closed() }

// HasSyncedChecker is HasSynced for those who wait.
func (r *registration) HasSyncedChecker() toolscache.DoneChecker { return r.latch }

// handled is the part of an informer that takes handlers.
type handled interface {
	AddEventHandlerWithOptions(handler toolscache.ResourceEventHandler, options toolscache.HandlerOptions) (seen, error)
}

func (r *registration) bind(ctx context.Context, informer handled) error {
	within, err := informer.AddEventHandlerWithOptions(r.handler, r.options)
	if err != nil {
		return fmt.Errorf("adding a handler: %w", err)
	}
	r.within = within
	go follow(ctx, within.HasSyncedChecker(), r.latch)
	return nil
}

// AddEventHandler implements cache.Informer.
func (k *kind) AddEventHandler(handler toolscache.ResourceEventHandler) (seen, error) {
	return k.AddEventHandlerWithOptions(handler, toolscache.HandlerOptions{})
}

// AddEventHandlerWithResyncPeriod implements cache.Informer.
func (k *kind) AddEventHandlerWithResyncPeriod(handler toolscache.ResourceEventHandler, resync time.Duration) (seen, error) {
	return k.AddEventHandlerWithOptions(handler, toolscache.HandlerOptions{ResyncPeriod: &resync})
}

// AddEventHandlerWithOptions implements cache.Informer.
func (k *kind) AddEventHandlerWithOptions(handler toolscache.ResourceEventHandler, options toolscache.HandlerOptions) (seen, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := &registration{latch: newLatch(k.gvk.String()), handler: handler, options: options}
	if k.bound != nil {
		if err := r.bind(k.ctx, k.bound); err != nil {
			return nil, err
		}
	}
	if k.absent || k.failure != nil {
		r.latch.close()
	}
	k.handlers = append(k.handlers, r)
	return r, nil
}

// RemoveEventHandler implements cache.Informer.
func (k *kind) RemoveEventHandler(handle seen) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.handlers, func(r *registration) bool { return r == handle })
	if i < 0 {
		return nil
	}
	r := k.handlers[i]
	k.handlers = slices.Delete(k.handlers, i, i+1)
	if k.bound == nil || r.within == nil {
		return nil
	}
	if err := k.bound.RemoveEventHandler(r.within); err != nil {
		return fmt.Errorf("removing a handler: %w", err)
	}
	return nil
}

// AddIndexers implements cache.Informer.
func (k *kind) AddIndexers(indexers toolscache.Indexers) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.indexers = append(k.indexers, indexers)
	if k.bound == nil {
		return nil
	}
	if err := k.bound.AddIndexers(indexers); err != nil {
		return fmt.Errorf("indexing %s: %w", k.gvk.GroupKind(), err)
	}
	return nil
}

// index adds an index by field.
func (k *kind) index(ctx context.Context, field string, extract client.IndexerFunc) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.indices[field] = extract
	if k.bound == nil {
		return nil
	}
	if err := k.cache.Cache.IndexField(ctx, k.object, field, extract); err != nil {
		return fmt.Errorf("indexing %s by %s: %w", k.gvk.GroupKind(), field, err)
	}
	return nil
}

// HasSynced implements cache.Informer.
func (k *kind) HasSynced() bool { return k.settled.closed() }

// HasSyncedChecker implements cache.Informer.
func (k *kind) HasSyncedChecker() toolscache.DoneChecker { return k.settled }

// IsStopped implements cache.Informer. A kind that left may return, so it never
// is while the cache lives.
func (k *kind) IsStopped() bool {
	k.cache.mu.Lock()
	defer k.cache.mu.Unlock()
	return k.cache.ctx != nil && k.cache.ctx.Err() != nil
}
