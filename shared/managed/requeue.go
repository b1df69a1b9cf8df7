// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/conditions"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Bounds of the time between two looks.
const (
	soonest   = 5 * time.Second // while the cloud is at work; the poll interval where that is shorter
	latest    = time.Minute     // while the cloud is at work, and of a back-off
	patience  = 5 * time.Minute // where somebody has to act, who may not be there
	jitter    = 0.2             // of the poll interval
	slowdown  = 6               // poll intervals between two looks at what is stalled
	firstWait = time.Second     // after a first error
)

// requeue says when to look again: by the class of the error and how long it
// has lasted, after a tenth of the resource's age while the cloud is at work,
// else after poll. It reads the back-off off the conditions, so that a restart
// neither forgets it nor starts a storm. Credentials that expire are renewed in
// time, whatever the situation.
func requeue(o outcome, c []metav1.Condition, created time.Time, poll time.Duration, now time.Time) reconcile.Result {
	result := next(o, c, created, poll, now)
	if left := o.renewal.Sub(now); !o.renewal.IsZero() && left < result.RequeueAfter {
		return reconcile.Result{RequeueAfter: max(left, firstWait)}
	}
	return result
}

func next(o outcome, c []metav1.Condition, created time.Time, poll time.Duration, now time.Time) reconcile.Result {
	low := handler.LowPriority
	switch {
	case o.step == gone:
		return reconcile.Result{}
	case o.stalled():
		return reconcile.Result{RequeueAfter: wait.Jitter(slowdown*poll, jitter), Priority: &low}
	case o.err != nil:
		return reconcile.Result{RequeueAfter: backOff(o.err, conditions.Lasting(c, now), poll)}
	case o.working():
		return reconcile.Result{RequeueAfter: clamp(now.Sub(since(o, c, created))/10, min(soonest, poll), latest)}
	default:
		return reconcile.Result{RequeueAfter: wait.Jitter(poll, jitter), Priority: &low}
	}
}

// backOff doubles, roughly, what an error has lasted: the wait is half of it.
func backOff(e *fault.Error, lasting, poll time.Duration) time.Duration {
	least, most := firstWait, latest
	switch e.Class {
	case fault.Permission, fault.Quota, fault.Capacity:
		least, most = 10*firstWait, patience
	case fault.Throttled:
		least = soonest
	case fault.Conflict, fault.Dependency: // something else is at work
		least = min(soonest, poll)
	case fault.Transient, fault.Invalid, fault.Gone, fault.Exists:
	}
	return max(wait.Jitter(clamp(lasting/2, least, most), jitter), e.RetryAfter)
}

// since is when the work that is under way began: the creation, or else the
// moment from which the object has been Reconciling.
func since(o outcome, c []metav1.Condition, created time.Time) time.Time {
	if r := meta.FindStatusCondition(c, v1alpha1.ConditionReconciling); r != nil && o.step != creating {
		return r.LastTransitionTime.Time
	}
	return created
}

func clamp(d, least, most time.Duration) time.Duration {
	return min(max(d, least), most)
}
