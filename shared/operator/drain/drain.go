// SPDX-License-Identifier: Apache-2.0

// Package drain lets a reconciler finish what it has begun. A manager that is
// told to end cancels the context of every pass under way, which would cut a
// pass off between the cloud's answer and the write that records it. Everything
// recovers from that, as from a crash; but an orderly end need not be one.
package drain

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Grace is how long a pass may go on after the operator was told to end. It is
// shorter than what the manager waits for it, which is shorter than the thirty
// seconds that Kubernetes gives a pod.
const Grace = 20 * time.Second

// Reconciler returns r with passes that go on for up to grace when the context
// that they were begun with is cancelled. New passes are not begun then: that is
// the controller's part.
func Reconciler[request comparable](r reconcile.TypedReconciler[request], grace time.Duration) reconcile.TypedReconciler[request] {
	return reconciler[request]{next: r, grace: grace}
}

type reconciler[request comparable] struct {
	next  reconcile.TypedReconciler[request]
	grace time.Duration
}

// Reconcile implements reconcile.TypedReconciler.
func (r reconciler[request]) Reconcile(ctx context.Context, req request) (reconcile.Result, error) {
	pass, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	if deadline, ok := ctx.Deadline(); ok {
		pass, end = context.WithDeadline(pass, deadline)
		defer end()
	}
	unhook := context.AfterFunc(ctx, func() {
		select {
		case <-pass.Done():
		case <-time.After(r.grace):
			end()
		}
	})
	defer unhook()
	return r.next.Reconcile(pass, req) //nolint:wrapcheck // the reconciler's own error
}
