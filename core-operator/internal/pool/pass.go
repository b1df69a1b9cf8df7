// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// untilKnown is when to look again where not everything is known yet.
const untilKnown = time.Second

// Reconcile takes the next step for all pools. What a pool has is read from its
// status, by the API server itself: it is the one record of what was begun.
func (p *Pools) Reconcile(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
	now := p.Clock.Now()
	if wait := p.last.Add(p.Pause).Sub(now); wait > 0 && wait <= p.Pause {
		time.Sleep(wait) // many wakes make one pass
		now = p.Clock.Now()
	}
	p.last = now
	w, err := p.look(ctx, now)
	if err == nil {
		err = p.serve(ctx, w)
	}
	switch {
	case errors.Is(err, contract.ErrNotSynced):
		return reconcile.Result{RequeueAfter: untilKnown}, nil
	case err != nil:
		return reconcile.Result{}, err
	}
	var failed []error
	records := make([]compute.ClusterPool, 0, len(w.fleets))
	for _, f := range w.fleets {
		f.keep(w)
		f.shrink(w)
		failed = append(failed, p.drain(ctx, w, f), p.settle(ctx, w, f), p.carryOut(ctx, w, f))
		records = append(records, *f.recorded)
	}
	p.tell(records)
	return result(w, now, errors.Join(failed...))
}

// result is when to look again. Somebody else's write in between is no failure.
func result(w *world, now time.Time, err error) (reconcile.Result, error) {
	if apierrors.IsConflict(err) {
		return reconcile.Result{RequeueAfter: untilKnown}, nil
	}
	if err != nil || w.next.IsZero() {
		return reconcile.Result{}, err
	}
	return reconcile.Result{RequeueAfter: max(w.next.Sub(now), time.Millisecond)}, nil
}
