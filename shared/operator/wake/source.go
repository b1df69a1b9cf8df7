// SPDX-License-Identifier: Apache-2.0

// Package wake is a source of requests for what happens elsewhere than to the
// objects of a controller.
package wake

import (
	"context"
	"sync"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Source is a source.SyncingSource that requests are put into. What happened
// before it starts is of no interest: every object is looked at once at the start.
type Source struct {
	name string
	sync func(context.Context) error

	mu    sync.Mutex
	ctx   context.Context //nolint:containedctx // the life of the queue
	queue workqueue.TypedRateLimitingInterface[reconcile.Request]
}

// New returns a source of that name, for logs. The controller looks at nothing
// before sync returns; its error ends the controller.
func New(name string, sync func(context.Context) error) *Source {
	return &Source{name: name, sync: sync}
}

// Start implements source.Source.
func (s *Source) Start(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ctx, s.queue = ctx, queue
	return nil
}

// WaitForSync implements source.SyncingSource.
func (s *Source) WaitForSync(ctx context.Context) error { return s.sync(ctx) }

// String names the source in logs.
func (s *Source) String() string { return s.name }

// Add has what find returns looked at, once the source has started.
func (s *Source) Add(find func(context.Context) []reconcile.Request) {
	s.mu.Lock()
	ctx, queue := s.ctx, s.queue
	s.mu.Unlock()
	if queue == nil {
		return
	}
	for _, request := range find(ctx) {
		queue.Add(request)
	}
}
