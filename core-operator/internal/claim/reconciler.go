// SPDX-License-Identifier: Apache-2.0

// Package claim reconciles claims, of whatever kind: it chooses what shall
// satisfy a claim, has it made or binds what exists already, publishes the
// connection secret, and lets go of it all when the claim is deleted. The files
// are the steps; this one puts them in order.
package claim

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// FieldManager is the name under which core owns the fields that it writes.
const FieldManager = "core-operator"

// Env is what the reconciler needs of the operator that it runs in.
type Env struct {
	// Kube reads through the manager's cache, secrets excepted, and writes.
	Kube client.Client
	// Live reads from the API server itself.
	Live client.Reader
	// Kinds knows the managed resources of every operator.
	Kinds *contract.Kinds
	// Workloads knows the applications that use claims, and where they run.
	Workloads *contract.Workloads
	// Library gives out classes as they were when they were chosen.
	Library *class.Library
	// Clock tells the time.
	Clock clock.PassiveClock
	// Events records transitions on claims.
	Events events.EventRecorder
	// MaxConcurrent is how many claims of one kind are worked on at a time; 0: 10.
	MaxConcurrent int
}

// Reconciler reconciles the claims of one kind. It holds no state about them.
type Reconciler struct {
	Env

	kind    schema.GroupVersionKind
	started time.Time
	written written
}

// New returns a reconciler for the claims of a kind. The Env's scheme knows the kind.
func New(kind schema.GroupVersionKind, env Env) *Reconciler {
	return &Reconciler{Env: env, kind: kind, started: env.Clock.Now()}
}

// Reconcile makes one pass over a claim.
func (r *Reconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	c, err := r.empty()
	if err != nil {
		return reconcile.Result{}, err
	}
	if err := r.Kube.Get(ctx, request.NamespacedName, c); apierrors.IsNotFound(err) {
		r.written.forget(request.NamespacedName)
		return reconcile.Result{}, nil
	} else if err != nil {
		return reconcile.Result{}, fmt.Errorf("reading %s %s: %w", r.kind.Kind, request, err)
	}
	if r.written.newerThan(c) {
		return reconcile.Result{RequeueAfter: lagDelay}, nil
	}
	p := newPass(c, r.kind, metav1.NewTime(r.Clock.Now().Truncate(time.Second)))
	v, err := r.advance(ctx, p)
	if err == nil && !v.gone && v.later == 0 {
		err = r.conclude(ctx, p, v)
	}
	if apierrors.IsConflict(err) {
		return reconcile.Result{RequeueAfter: staleDelay}, nil // read again: somebody was faster
	}
	if err != nil {
		return reconcile.Result{}, err
	}
	return v.requeue(p.lasting()), nil
}

// step is a part of the way of a claim. A final verdict ends the pass.
type step func(context.Context, *pass) (verdict, error)

// advance takes a claim as far as it gets.
func (r *Reconciler) advance(ctx context.Context, p *pass) (verdict, error) {
	steps := []step{r.recognise, r.retire, r.choose, r.observe, r.converge, r.await, r.publish, r.rotate}
	if p.claim.GetDeletionTimestamp() != nil {
		steps = []step{r.release}
	}
	for _, take := range steps {
		if v, err := take(ctx, p); err != nil || v.final() {
			return v, err
		}
	}
	return r.bound(p), nil
}

func (r *Reconciler) empty() (claimapi.Claim, error) {
	object, err := r.Kube.Scheme().New(r.kind)
	if err != nil {
		return nil, fmt.Errorf("making an empty %s: %w", r.kind.Kind, err)
	}
	c, ok := object.(claimapi.Claim)
	if !ok {
		return nil, fmt.Errorf("%s: %w", r.kind.Kind, errNotAClaim)
	}
	return c, nil
}
