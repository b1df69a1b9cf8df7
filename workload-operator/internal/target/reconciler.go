// SPDX-License-Identifier: Apache-2.0

// Package target looks after the clusters that applications can run on: it
// connects to each with the kubeconfig that its KubernetesTarget names, sees that
// it still is the same cluster, and says how it is.
package target

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
	"github.com/crossplaneio/crossplane/workload-operator/internal/report"
)

// defaultPoll is how often a cluster that answers is looked at.
const defaultPoll = time.Minute

// soon is how long a pass that was overtaken by another write waits.
const soon = 200 * time.Millisecond

// Reconciler reconciles KubernetesTargets. What it keeps are the connections.
type Reconciler struct {
	managed.Env

	Connections *remote.Connections
}

// Reconcile makes one pass over a target.
func (r *Reconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	t := &v1alpha1.KubernetesTarget{}
	if err := r.Kube.Get(ctx, req.NamespacedName, t); apierrors.IsNotFound(err) {
		r.Connections.Drop(req.Name)
		return reconcile.Result{}, nil
	} else if err != nil {
		return reconcile.Result{}, fmt.Errorf("reading target %s: %w", req.Name, err)
	}
	before := t.Status.DeepCopy()
	o, err := r.pass(ctx, t)
	if err == nil && o.seen != nil {
		err = r.attribute(ctx, t.Name, o.seen)
	}
	if err == nil && !o.gone {
		err = r.report(ctx, before, t, o)
	}
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return reconcile.Result{RequeueAfter: soon}, nil
	}
	if err != nil {
		return reconcile.Result{}, err
	}
	r.admit(t, o)
	if o.seen != nil {
		if err := r.tell(ctx, t.Name, o.seen); err != nil { // the target itself is no worse for it
			log.FromContext(ctx).Error(err, "can't write what applications take of the target; trying again with the next look")
		}
	}
	return o.requeue(t.Status.Conditions, r.poll(), r.Clock.Now()), nil
}

// pass takes the one step that is due. Its error is about our own API only.
func (r *Reconciler) pass(ctx context.Context, t *v1alpha1.KubernetesTarget) (outcome, error) {
	if !t.DeletionTimestamp.IsZero() {
		return r.release(ctx, t)
	}
	if !controllerutil.ContainsFinalizer(t, v1alpha1.FinalizerTarget) {
		if err := r.finalizer(ctx, t, controllerutil.AddFinalizer); err != nil {
			return outcome{}, err
		}
	}
	seen, err := r.look(ctx, t)
	return outcome{seen: seen, err: remote.Classify(err)}, nil
}

// look connects to the cluster and describes it.
func (r *Reconciler) look(ctx context.Context, t *v1alpha1.KubernetesTarget) (*sight, error) {
	by, err := r.access(ctx, t)
	if err != nil {
		return nil, err
	}
	connection, err := r.Connections.For(t.Name, by.kubeconfig)
	if err != nil {
		return nil, err
	}
	uid, err := connection.ClusterUID(ctx)
	if err != nil {
		return nil, err
	}
	if err := judge(t, uid, string(r.Hub)); err != nil {
		connection.Admit("")
		return nil, err
	}
	seen, err := look(ctx, connection, uid, string(r.Hub))
	if err != nil {
		return nil, err
	}
	seen.network = by.network
	return seen, nil
}

// admit lets applications use the connection once the status says which cluster
// it leads to.
func (r *Reconciler) admit(t *v1alpha1.KubernetesTarget, o outcome) {
	switch {
	case o.gone:
		r.Connections.Drop(t.Name)
	case o.seen != nil:
		r.Connections.Admit(t.Name, o.seen.uid)
	}
}

// finalizer changes the finalizers by a write that fails where t is stale.
func (r *Reconciler) finalizer(ctx context.Context, t *v1alpha1.KubernetesTarget, change func(client.Object, string) bool) error {
	before := t.DeepCopy()
	change(t, v1alpha1.FinalizerTarget)
	if err := r.Kube.Patch(ctx, t, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("writing the finalizers of target %s: %w", t.Name, err)
	}
	return nil
}

// report writes the outcome down where it differs from what is there.
func (r *Reconciler) report(ctx context.Context, before *v1alpha1.KubernetesTargetStatus, t *v1alpha1.KubernetesTarget, o outcome) error {
	o.conclude(t, r.Clock.Now())
	if equality.Semantic.DeepEqual(before, &t.Status) {
		return nil
	}
	if err := report.Write(ctx, r.Kube, r.Operator, t, &t.Status); err != nil {
		return fmt.Errorf("target %s: %w", t.Name, err)
	}
	report.Announce(ctx, r.Events, t, before.Conditions, t.Status.Conditions)
	return nil
}

func (r *Reconciler) poll() time.Duration {
	if r.Poll > 0 {
		return r.Poll
	}
	return defaultPoll
}
