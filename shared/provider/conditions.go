// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"slices"
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

// outcome is what one pass found out; conditions and the next look follow from
// it alone.
type outcome struct {
	verified Verified
	err      error  // of verifying
	inUse    string // who uses a Provider that is being deleted, in words
	gone     bool   // there is nothing left to report on
}

// settled reports whether the credentials were judged at all. A cloud that
// can't be reached says nothing about them.
func (o outcome) settled() bool {
	switch fault.Of(o.err).Class {
	case fault.Transient, fault.Throttled, fault.Conflict:
		return false
	case fault.Dependency, fault.Quota, fault.Capacity, fault.Permission, fault.Invalid, fault.Gone, fault.Exists:
	}
	return true
}

// after returns what old becomes after a pass with outcome o.
func after(old []metav1.Condition, o outcome, generation int64, now time.Time) []metav1.Condition {
	out := slices.Clone(old)
	set := func(typ string, status metav1.ConditionStatus, reason, message string) {
		meta.SetStatusCondition(&out, metav1.Condition{Type: typ, Status: status, Reason: reason, Message: message,
			ObservedGeneration: generation, LastTransitionTime: metav1.NewTime(now.Truncate(time.Second))})
	}
	working, stalled := "", ""
	switch {
	case o.inUse != "":
		set(v1alpha1.ConditionSynced, metav1.ConditionFalse, v1alpha1.ReasonInUse, o.inUse)
		working = v1alpha1.ReasonInUse
	case o.err == nil:
		set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonVerified, o.verified.Summary)
		set(v1alpha1.ConditionSynced, metav1.ConditionTrue, v1alpha1.ReasonVerified, "")
	case !o.settled():
		working = fault.Of(o.err).ConditionReason()
		if ready := meta.FindStatusCondition(old, v1alpha1.ConditionReady); ready == nil || ready.Status == metav1.ConditionUnknown {
			set(v1alpha1.ConditionReady, metav1.ConditionUnknown, working, o.err.Error())
		}
		set(v1alpha1.ConditionSynced, metav1.ConditionFalse, working, o.err.Error())
	default:
		stalled = fault.Of(o.err).ConditionReason()
		set(v1alpha1.ConditionReady, metav1.ConditionFalse, stalled, o.err.Error())
		set(v1alpha1.ConditionSynced, metav1.ConditionFalse, stalled, o.err.Error())
	}
	toggle(&out, v1alpha1.ConditionReconciling, working, set)
	toggle(&out, v1alpha1.ConditionStalled, stalled, set)
	return out
}

// toggle keeps a condition that is there only while it is True.
func toggle(c *[]metav1.Condition, typ, reason string, set func(string, metav1.ConditionStatus, string, string)) {
	if reason == "" {
		meta.RemoveStatusCondition(c, typ)
		return
	}
	set(typ, metav1.ConditionTrue, reason, meta.FindStatusCondition(*c, v1alpha1.ConditionSynced).Message)
}

// telling returns the condition that a person wants to hear about first.
func telling(c []metav1.Condition) metav1.Condition {
	ready, synced := meta.FindStatusCondition(c, v1alpha1.ConditionReady), meta.FindStatusCondition(c, v1alpha1.ConditionSynced)
	switch {
	case synced != nil && synced.Status == metav1.ConditionFalse:
		return *synced
	case ready != nil:
		return *ready
	default:
		return metav1.Condition{}
	}
}

// Bounds of the time between two passes.
const (
	whileInUse = 5 * time.Second
	soonest    = time.Second
	latest     = time.Minute
	jitter     = 0.2
)

// requeue says when to look again. What is refused or missing is tried again
// although its source is watched: permissions change in the cloud unseen.
func requeue(o outcome, c []metav1.Condition, poll time.Duration, now time.Time) reconcile.Result {
	low := handler.LowPriority
	switch {
	case o.gone:
		return reconcile.Result{}
	case o.inUse != "":
		return reconcile.Result{RequeueAfter: min(whileInUse, poll)}
	case o.err == nil:
		return reconcile.Result{RequeueAfter: wait.Jitter(poll, jitter), Priority: &low}
	}
	back := min(max(conditions.Lasting(c, now)/2, soonest), latest)
	return reconcile.Result{RequeueAfter: max(wait.Jitter(back, jitter), fault.Of(o.err).RetryAfter)}
}
