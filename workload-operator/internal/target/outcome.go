// SPDX-License-Identifier: Apache-2.0

package target

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/conditions"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// outcome is what one pass found out. Conditions and the next look follow from it
// and from the conditions before.
type outcome struct {
	seen  *sight       // nil where the look failed
	err   *fault.Error // of the look
	inUse string       // who uses a target that is being deleted, in words
	gone  bool         // there is nothing left to report on
}

// mute reports whether the cluster did not answer, or not with a judgement.
func (o outcome) mute() bool { return remote.Unanswered(o.err) }

// verdict says what people are told. One failed look changes nothing but Synced:
// a cluster is unreachable when it did not answer twice.
func (o outcome) verdict(old []metav1.Condition) conditions.Verdict {
	v := o.judgement(old)
	if o.inUse != "" {
		v.Synced, v.Working = no(v1alpha1.ReasonInUse, o.inUse), true
	}
	return v
}

func (o outcome) judgement(old []metav1.Condition) conditions.Verdict {
	if o.err == nil {
		good := conditions.Word{Status: metav1.ConditionTrue, Reason: workload.ReasonReachable}
		return conditions.Verdict{Ready: &good, Synced: good}
	}
	bad := no(o.err.ConditionReason(), o.err.Error())
	if !o.mute() {
		return conditions.Verdict{Ready: &bad, Synced: bad, Working: true, Stalled: o.err.Terminal()}
	}
	bad.Reason = workload.ReasonUnreachable
	v := conditions.Verdict{Synced: bad, Working: true}
	if again(old) || o.inUse != "" {
		v.Ready = &bad
	}
	return v
}

func no(reason, message string) conditions.Word {
	return conditions.Word{Status: metav1.ConditionFalse, Reason: reason, Message: message}
}

// again reports whether the look before was not answered either.
func again(old []metav1.Condition) bool {
	synced := meta.FindStatusCondition(old, v1alpha1.ConditionSynced)
	return synced != nil && synced.Status == metav1.ConditionFalse && synced.Reason == workload.ReasonUnreachable
}

// conclude puts an outcome into a target's status. Times in it are of what
// happened, so that an unchanged look changes nothing.
func (o outcome) conclude(t *workload.KubernetesTarget, now time.Time) {
	s := &t.Status
	before := s.Conditions
	s.Conditions = conditions.After(before, o.verdict(before), t.Generation, now)
	s.ObservedGeneration = t.Generation
	if asked := t.Annotations[v1alpha1.AnnotationReconcileRequestedAt]; asked != "" {
		s.LastHandledReconcileAt = asked
	}
	switch {
	case o.seen != nil:
		s.ClusterUID, s.Version, s.Nodes, s.Zones = o.seen.uid, o.seen.version, o.seen.nodes.count, o.seen.nodes.zones
		s.Capacity = settled(s.Capacity, o.seen.nodes.capacity)
		s.Network = o.seen.network
		s.UnreachableSince = nil
		if s.ReachableSince == nil {
			s.ReachableSince = &metav1.Time{Time: now.Truncate(time.Second)}
		}
	case o.mute() && (again(before) || o.inUse != "") && s.UnreachableSince == nil:
		s.ReachableSince = nil
		s.UnreachableSince = &metav1.Time{Time: now.Truncate(time.Second)}
		if again(before) { // since the look before
			*s.UnreachableSince = meta.FindStatusCondition(before, v1alpha1.ConditionSynced).LastTransitionTime
		}
	}
}

// whileInUse is how often a target is looked at that is to go.
const whileInUse = 5 * time.Second

// requeue says when to look again.
func (o outcome) requeue(c []metav1.Condition, poll time.Duration, now time.Time) reconcile.Result {
	switch {
	case o.gone:
		return reconcile.Result{}
	case o.inUse != "":
		return reconcile.Result{RequeueAfter: min(whileInUse, poll)}
	default:
		return remote.NextLook(c, o.err, poll, now)
	}
}
