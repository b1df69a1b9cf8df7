// SPDX-License-Identifier: Apache-2.0

package application

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/contract"
)

// wakes is a source of requests: what happens on targets and to claims.
type wakes struct {
	reconciler *Reconciler

	mu    sync.Mutex
	ctx   context.Context //nolint:containedctx // the life of the queue
	queue workqueue.TypedRateLimitingInterface[reconcile.Request]
}

func newWakes(r *Reconciler) *wakes {
	w := &wakes{reconciler: r}
	r.Connections.OnChange(w.object)
	r.Connections.OnReady(w.target)
	r.Claims.OnChange(w.claim)
	return w
}

// Start implements source.Source. What happened before is of no interest: every
// application is looked at once at the start.
func (w *wakes) Start(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ctx, w.queue = ctx, queue
	return nil
}

// WaitForSync implements source.SyncingSource: a claim that was not seen yet would
// pass for missing.
func (w *wakes) WaitForSync(ctx context.Context) error {
	if err := w.reconciler.Claims.WaitForSync(ctx); err != nil {
		return fmt.Errorf("waiting for the claims: %w", err)
	}
	return nil
}

func (w *wakes) String() string { return "targets and claims" }

func (w *wakes) object(applicationUID string) {
	w.add(func(context.Context) []reconcile.Request {
		name, known := w.reconciler.memory.nameOf(applicationUID)
		if !known {
			return nil
		}
		return []reconcile.Request{{NamespacedName: name}}
	})
}

func (w *wakes) target(name string) {
	w.add(func(ctx context.Context) []reconcile.Request {
		return w.reconciler.find(ctx, client.MatchingFields{indexTargets: name})
	})
}

func (w *wakes) claim(c *contract.Claim) {
	w.add(func(ctx context.Context) []reconcile.Request {
		return w.reconciler.find(ctx, client.InNamespace(c.Namespace), client.MatchingFields{indexClaims: claimKey(c.Kind, c.Name)})
	})
}

func (w *wakes) add(find func(context.Context) []reconcile.Request) {
	w.mu.Lock()
	ctx, queue := w.ctx, w.queue
	w.mu.Unlock()
	if queue == nil {
		return
	}
	for _, request := range find(ctx) {
		queue.Add(request)
	}
}
