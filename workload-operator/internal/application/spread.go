// SPDX-License-Identifier: Apache-2.0

package application

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// When a target ceases to answer, all its applications have to say so, and take it
// back when it answers again: so many writes at once would hold up others.
const (
	apartLost  = 2 * time.Second        // nothing can be done for them, and the target itself says it at once
	apartFound = 100 * time.Millisecond // some may have waited
	spreadOver = time.Minute            // at most
)

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// byTarget wakes applications for what happens to a target: all at once, unless it
// has ceased to answer or answers again.
func (r *Reconciler) byTarget() handler.EventHandler {
	once := handler.EnqueueRequestsFromMapFunc(r.ofTarget)
	return handler.Funcs{
		CreateFunc: once.Create, DeleteFunc: once.Delete, GenericFunc: once.Generic,
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
			switch {
			case lost(e.ObjectNew):
				spread(q, apartLost, r.ofTarget(ctx, e.ObjectNew))
			case lost(e.ObjectOld):
				spread(q, apartFound, r.ofTarget(ctx, e.ObjectNew))
			default:
				once.Update(ctx, e, q)
			}
		},
	}
}

// lost reports whether a target is one that does not answer.
func lost(o client.Object) bool {
	t, ok := o.(*workload.KubernetesTarget)
	if !ok {
		return false
	}
	ready := meta.FindStatusCondition(t.Status.Conditions, v1alpha1.ConditionReady)
	return ready != nil && ready.Status == metav1.ConditionFalse && ready.Reason == workload.ReasonUnreachable
}

// spread puts requests into the queue one after the other, behind whatever else
// there is to do.
func spread(q queue, apart time.Duration, requests []reconcile.Request) {
	apart = min(apart, spreadOver/time.Duration(max(len(requests), 1)))
	ranked, ok := q.(priorityqueue.PriorityQueue[reconcile.Request])
	for i, request := range requests {
		after := time.Duration(i) * apart
		if !ok {
			q.AddAfter(request, after)
			continue
		}
		ranked.AddWithOpts(priorityqueue.AddOpts{After: after, Priority: new(handler.LowPriority)}, request)
	}
}
