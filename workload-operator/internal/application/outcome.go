// SPDX-License-Identifier: Apache-2.0

package application

import (
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/conditions"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// outcome is what came of a pass, beside what is in the list of objects.
type outcome struct {
	gone      bool         // there is nothing left to report on
	paused    bool         // nothing was done
	deleting  bool         // the application is
	preparing bool         // the namespace and its account were just made
	err       *fault.Error // what ended the pass
	waiting   *fault.Error // what the removal from elsewhere waits for
}

// failed returns the outcome of a pass that err ended. What is no fault is about
// our own API, or errBusy, and told to nobody.
func failed(err error) (outcome, error) {
	if told, ok := errors.AsType[*fault.Error](err); ok {
		return outcome{err: told}, nil
	}
	return outcome{}, err
}

// tally counts the objects that are wanted, by what is to be said of them.
type tally struct {
	wanted, current                    int
	refused, failed, working, removing []workload.ObjectStatus
}

func count(objects []workload.ObjectStatus) tally {
	var t tally
	for _, e := range objects {
		if e.State != workload.ObjectDeleting {
			t.wanted++
		}
		switch e.State {
		case workload.ObjectCurrent:
			t.current++
		case workload.ObjectRefused:
			t.refused = append(t.refused, e)
		case workload.ObjectFailed:
			t.failed = append(t.failed, e)
		case workload.ObjectDeleting:
			t.removing = append(t.removing, e)
		case workload.ObjectPending, workload.ObjectInProgress:
			t.working = append(t.working, e)
		}
	}
	return t
}

// verdict says what people are told. old is the Ready condition before: a pass
// that did not come to see the objects does not make unready what was ready.
func (o outcome) verdict(t tally, old *metav1.Condition) conditions.Verdict {
	switch {
	case o.deleting:
		word := no(v1alpha1.ReasonDeleting, "removing it from its targets")
		if o.waiting != nil {
			word = no(o.waiting.ConditionReason(), o.waiting.Error())
		}
		return conditions.Verdict{Ready: &word, Synced: word, Working: true}
	case o.paused:
		return conditions.Verdict{Synced: no(v1alpha1.ReasonPaused, "paused by the annotation "+v1alpha1.AnnotationPaused+"; remove it to go on")}
	case o.err != nil:
		word := no(o.err.ConditionReason(), o.err.Error())
		v := conditions.Verdict{Synced: word, Working: true, Stalled: o.err.Terminal()}
		if old == nil || old.Status != metav1.ConditionTrue {
			v.Ready = &word
		}
		return v
	case o.preparing:
		word := no(workload.ReasonApplying, "preparing the namespace on the target")
		return conditions.Verdict{Ready: &word, Synced: word, Working: true}
	}
	return o.sight(t)
}

// sight is the verdict of a pass that saw every object.
func (o outcome) sight(t tally) conditions.Verdict {
	ready := conditions.Word{Status: metav1.ConditionTrue, Reason: workload.ReasonRunning}
	synced := conditions.Word{Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonInSync}
	v := conditions.Verdict{Ready: &ready, Synced: synced}
	switch {
	case len(t.removing) > 0 && (o.waiting == nil || o.waiting.ConditionReason() == workload.ReasonPruning):
		v.Synced, v.Working = no(workload.ReasonPruning, tell(t.removing)), true
	case o.waiting != nil:
		v.Synced, v.Working = no(o.waiting.ConditionReason(), o.waiting.Error()), true
	}
	switch {
	case len(t.refused) > 0:
		ready = no(workload.ReasonObjectRefused, tell(t.refused))
		if v.Synced.Status == metav1.ConditionFalse { // what that holds up
			ready.Message += "; " + v.Synced.Message
		}
		v.Synced, v.Working = ready, true
	case len(t.failed) > 0:
		ready = no(workload.ReasonObjectFailed, tell(t.failed))
		v.Synced, v.Stalled = ready, true
	case len(t.working) > 0:
		ready = no(workload.ReasonApplying, tell(t.working))
		v.Working = true
	}
	return v
}

func no(reason, message string) conditions.Word {
	return conditions.Word{Status: metav1.ConditionFalse, Reason: reason, Message: message}
}

// tell tells of the first of some objects, and how many more there are.
func tell(objects []workload.ObjectStatus) string {
	e := objects[0]
	text := title(e)
	switch {
	case e.Message != "":
		text += ": " + e.Message
	case e.State == workload.ObjectPending:
		text += ": not applied yet"
	}
	if more := len(objects) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// conclude puts the outcome into the application's status. No value in it is
// derived from the clock but the times of transitions.
func (o outcome) conclude(p *pass) {
	status := &p.app.Status
	t := count(status.Objects)
	ready := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady)
	status.Conditions = conditions.After(status.Conditions, o.verdict(t, ready), p.app.Generation, p.now)
	status.ObservedGeneration = p.app.Generation
	if p.asked() != "" {
		status.LastHandledReconcileAt = p.asked()
	}
	status.Current = ""
	if t.wanted > 0 {
		status.Current = fmt.Sprintf("%d/%d", t.current, t.wanted)
	}
	status.Actor = v1alpha1.ActorNone
	for _, typ := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
		if c := meta.FindStatusCondition(status.Conditions, typ); c != nil && c.Status == metav1.ConditionFalse {
			status.Actor = workload.ActorOf(c.Reason)
			return
		}
	}
}

// Bounds of the time between two passes.
const (
	soonest  = time.Second
	latest   = time.Minute
	preparal = 300 * time.Millisecond // until rights are in force
	jitter   = 0.2
)

// requeue says when to look again. What is under way wakes the application by its
// watches: time is only the safety net.
func (o outcome) requeue(c []metav1.Condition, poll time.Duration, now time.Time) reconcile.Result {
	low := handler.LowPriority
	switch {
	case o.gone:
		return reconcile.Result{}
	case o.preparing:
		return reconcile.Result{RequeueAfter: preparal}
	}
	synced := meta.IsStatusConditionTrue(c, v1alpha1.ConditionSynced)
	if synced && !meta.IsStatusConditionTrue(c, v1alpha1.ConditionReconciling) || o.paused {
		return reconcile.Result{RequeueAfter: wait.Jitter(poll, jitter), Priority: &low}
	}
	after := wait.Jitter(min(max(lasting(c, now)/2, soonest), latest), jitter)
	if o.err != nil {
		after = max(after, o.err.RetryAfter)
	}
	return reconcile.Result{RequeueAfter: after}
}

// lasting is for how long the application has been at work or in trouble.
func lasting(c []metav1.Condition, now time.Time) time.Duration {
	if r := meta.FindStatusCondition(c, v1alpha1.ConditionReconciling); r != nil {
		return max(conditions.Lasting(c, now), now.Sub(r.LastTransitionTime.Time))
	}
	return conditions.Lasting(c, now)
}
