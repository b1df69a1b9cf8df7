// SPDX-License-Identifier: Apache-2.0

package application

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/operator/wake"
)

// wakes is a source of requests: what happens on targets and to claims.
type wakes struct {
	*wake.Source

	reconciler *Reconciler
}

func newWakes(r *Reconciler) *wakes {
	w := &wakes{reconciler: r}
	w.Source = wake.New("targets and claims", w.known)
	r.Connections.OnChange(w.object)
	r.Connections.OnReady(w.target)
	r.Claims.OnChange(w.claim)
	return w
}

// known waits for the claims: one that was not seen yet would pass for missing.
func (w *wakes) known(ctx context.Context) error {
	if err := w.reconciler.Claims.WaitForSync(ctx); err != nil {
		return fmt.Errorf("waiting for the claims: %w", err)
	}
	return nil
}

func (w *wakes) object(applicationUID string) {
	w.Add(func(context.Context) []reconcile.Request {
		name, known := w.reconciler.memory.nameOf(applicationUID)
		if !known {
			return nil
		}
		return []reconcile.Request{{NamespacedName: name}}
	})
}

func (w *wakes) target(name string) {
	w.Add(func(ctx context.Context) []reconcile.Request {
		return w.reconciler.find(ctx, client.MatchingFields{IndexTargets: name})
	})
}

func (w *wakes) claim(c *contract.Claim) {
	w.Add(func(ctx context.Context) []reconcile.Request {
		return w.reconciler.find(ctx, client.InNamespace(c.Namespace), client.MatchingFields{indexClaims: claimKey(c.Kind, c.Name)})
	})
}
