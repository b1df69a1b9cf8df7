// SPDX-License-Identifier: Apache-2.0

package application

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// ranks is a queue that keeps how requests were put into it.
type ranks struct {
	priorityqueue.PriorityQueue[reconcile.Request]

	after    []time.Duration
	priority []int
}

func (r *ranks) AddWithOpts(o priorityqueue.AddOpts, _ ...reconcile.Request) {
	r.after, r.priority = append(r.after, o.After), append(r.priority, *o.Priority)
}

// TestSpread: requests come one after the other, behind others, and the last of
// many within a bound.
func TestSpread(t *testing.T) {
	for n, last := range map[int]time.Duration{0: 0, 1: 0, 11: 10 * apartLost, 30000: spreadOver - 2*time.Millisecond} {
		requests := make([]reconcile.Request, n)
		for i := range requests {
			requests[i] = reconcile.Request{NamespacedName: types.NamespacedName{Name: fmt.Sprint(i)}}
		}
		q := &ranks{}
		spread(q, apartLost, requests)
		if len(q.after) != n || n > 0 && (q.after[0] != 0 || q.after[n-1] != last || q.priority[n-1] != handler.LowPriority) {
			t.Errorf("%d requests: want the last after %s: %v", n, last, q.after[max(0, n-1):])
		}
	}
}

func TestLost(t *testing.T) {
	for name, tc := range map[string]struct {
		status metav1.ConditionStatus
		reason string
		want   bool
	}{
		"it answers":         {metav1.ConditionTrue, workload.ReasonReachable, false},
		"it does not":        {metav1.ConditionFalse, workload.ReasonUnreachable, true},
		"it refuses us":      {metav1.ConditionFalse, workload.ReasonCredentialsRefused, false},
		"not looked at, yet": {metav1.ConditionUnknown, v1alpha1.ReasonPending, false},
	} {
		t.Run(name, func(t *testing.T) {
			target := &workload.KubernetesTarget{}
			target.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: tc.status, Reason: tc.reason}}
			if got := lost(target); got != tc.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
