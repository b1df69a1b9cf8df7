// SPDX-License-Identifier: Apache-2.0

package availability

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
)

// wake is the source of what is not about one class: it has all of them looked
// at. There are some dozens, and what wakes them is rare.
type wake struct {
	env Env
	// leases reports whether the Leases that were there are known.
	leases cache.InformerSynced

	mu    sync.Mutex
	ctx   context.Context //nolint:containedctx // the life of the queue
	queue workqueue.TypedRateLimitingInterface[reconcile.Request]
}

func newWake(env Env) *wake {
	w := &wake{env: env}
	env.Kinds.OnKind(func(schema.GroupKind) { w.all() })
	return w
}

// Start implements source.Source. What happened before is of no interest: every
// class is looked at once at the start.
func (w *wake) Start(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ctx, w.queue = ctx, queue
	return nil
}

// WaitForSync implements source.SyncingSource: no class is looked at before it
// is known which kinds and operators there are, or a restart would find none.
func (w *wake) WaitForSync(ctx context.Context) error {
	if err := w.env.Kinds.WaitForKinds(ctx); err != nil {
		return fmt.Errorf("waiting for the managed kinds: %w", err)
	}
	if !cache.WaitForCacheSync(ctx.Done(), w.leases) {
		return fmt.Errorf("waiting for the Leases of operators: %w", context.Cause(ctx))
	}
	return nil
}

// String names the source in logs.
func (w *wake) String() string { return "managed kinds and operators" }

// all has every class looked at.
func (w *wake) all() {
	w.mu.Lock()
	ctx, queue := w.ctx, w.queue
	w.mu.Unlock()
	if queue == nil {
		return
	}
	classes := &core.ResourceClassList{}
	if err := w.env.Kube.List(ctx, classes, client.UnsafeDisableDeepCopy); err != nil {
		return // the manager ends
	}
	for i := range classes.Items {
		queue.Add(reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&classes.Items[i])})
	}
}
