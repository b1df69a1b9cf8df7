// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// partial is how objects of the kinds that take part as one thing are decoded.
type partial struct {
	object func() metaObject
	list   func() runtime.Object
	tell   func(metaObject) // of each that is new, changed or gone; must not block
	by     cache.Indexers
}

// follower follows the objects of all kinds that take part in the contract as
// certain things, as such kinds come and go. It is a manager.Runnable.
type follower struct {
	config      *rest.Config
	client      *http.Client
	definitions cache.SharedIndexInformer
	parts       map[string]partial // by the value of LabelContract

	mu      sync.RWMutex
	watches map[schema.GroupKind]*watch
	running sync.WaitGroup
}

func newFollower(config *rest.Config, parts map[string]partial) (*follower, error) {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("making an HTTP client: %w", err)
	}
	definitions, err := newDefinitions(config, client, false)
	if err != nil {
		return nil, err
	}
	return &follower{config: config, client: client, definitions: definitions, parts: parts, watches: map[schema.GroupKind]*watch{}}, nil
}

// Start follows the CRDs, and their objects, until ctx ends.
func (f *follower) Start(ctx context.Context) error {
	_, err := f.definitions.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { f.see(ctx, object) },
		UpdateFunc: func(_, object any) { f.see(ctx, object) },
		DeleteFunc: f.lose,
	})
	if err != nil {
		return fmt.Errorf("watching CRDs: %w", err)
	}
	f.definitions.RunWithContext(ctx)
	f.running.Wait()
	return nil
}

// NeedLeaderElection implements manager.LeaderElectionRunnable: a replica that
// waits to lead knows the objects already.
func (f *follower) NeedLeaderElection() bool { return false }

// WaitForSync returns when all kinds are known. Their objects follow: who asks for
// them is told ErrNotSynced until then.
func (f *follower) WaitForSync(ctx context.Context) error {
	if !cache.WaitForCacheSync(ctx.Done(), f.definitions.HasSynced) {
		return fmt.Errorf("waiting for the list of CRDs: %w", context.Cause(ctx))
	}
	return nil
}

// see follows the objects of a kind, unless that is done already.
func (f *follower) see(ctx context.Context, object any) {
	d := definitionIn(object)
	if d == nil {
		return
	}
	part, ours := f.parts[d.Contract]
	gk := d.Kind.GroupKind()
	f.mu.Lock()
	defer f.mu.Unlock()
	current, wanted := f.watches[gk], d.Established && ours
	if wanted && current != nil && current.follows(d) {
		return
	}
	f.end(gk)
	if !wanted || ctx.Err() != nil {
		return
	}
	w, err := newWatch(f.config, f.client, d, part.object(), part.list(), part.by)
	if err != nil {
		return // a kind whose name no client can be made for: nothing to watch
	}
	if _, err := w.informer.AddEventHandler(part.handler()); err != nil {
		return // an informer that was not started takes every handler
	}
	watching, stop := context.WithCancel(ctx)
	w.stop = stop
	f.watches[gk] = w
	f.running.Go(func() { w.informer.RunWithContext(watching) })
}

// lose ends what is known of a kind whose CRD is gone.
func (f *follower) lose(object any) {
	if d := definitionIn(object); d != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.end(d.Kind.GroupKind())
	}
}

func (f *follower) end(gk schema.GroupKind) {
	if w := f.watches[gk]; w != nil {
		w.stop()
		delete(f.watches, gk)
	}
}

func (p partial) handler() cache.ResourceEventHandler {
	told := func(object any) {
		if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
			object = gone.Obj
		}
		if o, ok := object.(metaObject); ok {
			p.tell(o)
		}
	}
	return cache.ResourceEventHandlerFuncs{AddFunc: told, UpdateFunc: func(_, object any) { told(object) }, DeleteFunc: told}
}

// watched returns the watch of a kind; nil where there is no such kind. The error is
// ErrNotSynced.
func (f *follower) watched(gk schema.GroupKind) (*watch, error) {
	if !f.definitions.HasSynced() {
		return nil, fmt.Errorf("looking for %s: %w", gk.Kind, ErrNotSynced)
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	known := f.watches[gk]
	if known != nil && !known.informer.HasSynced() {
		return nil, fmt.Errorf("looking for %s: %w", gk.Kind, ErrNotSynced)
	}
	return known, nil
}

// everyone returns all objects that take part as one thing; none where there is no
// such kind. The error is ErrNotSynced.
func everyone[T metaObject](f *follower, contract string) ([]T, error) {
	if !f.definitions.HasSynced() {
		return nil, fmt.Errorf("looking for every %s: %w", contract, ErrNotSynced)
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	var out []T
	for _, w := range f.watches {
		if w.definition.Contract != contract {
			continue
		}
		if !w.informer.HasSynced() {
			return nil, fmt.Errorf("looking for every %s: %w", contract, ErrNotSynced)
		}
		for _, o := range w.informer.GetStore().List() {
			if one, ok := o.(T); ok {
				out = append(out, one)
			}
		}
	}
	return out, nil
}

// subscribers are told of objects of one type.
type subscribers[T metaObject] struct {
	mu  sync.Mutex
	all []func(T)
}

func (s *subscribers[T]) add(f func(T)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, f)
}

func (s *subscribers[T]) tell(o metaObject) {
	one, ok := o.(T)
	if !ok {
		return
	}
	s.mu.Lock()
	all := s.all
	s.mu.Unlock()
	for _, f := range all {
		f(one)
	}
}
