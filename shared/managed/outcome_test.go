// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/budget"
	"github.com/crossplaneio/crossplane/shared/fault"
)

var errCloud = errors.New("the cloud's words")

func available() *Assessment { return &Assessment{State: Available, Message: "available"} }

// situations is the table of DESIGN: what a person sees, and when the cloud is
// looked at next, in each situation of a resource that is an hour old, was ready
// before and is polled every ten minutes.
var situations = map[string]struct {
	outcome              outcome
	ready, synced        string // status and reason
	reconciling, stalled bool
	atLeast, atMost      time.Duration
	neverReady           bool
}{
	"Creating": {outcome{step: creating, seen: &Assessment{State: Creating}, ours: true, keys: true},
		"False Creating", "True Creating", true, false, time.Minute, time.Minute, true},
	"AskedFor": {outcome{step: creating, note: "asked for"},
		"False Creating", "True Creating", true, false, time.Minute, time.Minute, true},
	"AtRest": {outcome{step: rested, seen: available(), ours: true, keys: true},
		"True Available", "True InSync", false, false, 10 * time.Minute, 12 * time.Minute, false},
	"DriftSent": {outcome{step: updating, seen: &Assessment{State: Available, Drift: []string{"size"}}, ours: true, keys: true},
		"True Available", "True Updating", true, false, time.Minute, time.Minute, false},
	"CloudIsChangingIt": {outcome{step: rested, seen: &Assessment{State: Available, Busy: true, Message: "modifying"}, ours: true, keys: true},
		"True Available", "True Updating", true, false, time.Minute, time.Minute, false},
	"PasswordMissing": {outcome{step: updating, note: "setting a new password", seen: available(), ours: true},
		"False Creating", "True Updating", true, false, time.Minute, time.Minute, true},
	"CannotLook": {failed("look", errCloud),
		"True Available", "False CloudUnreachable", true, false, 10 * time.Second, time.Minute + 12*time.Second, false},
	"CannotLookNeverReady": {failed("look", errCloud),
		"False CloudUnreachable", "False CloudUnreachable", true, false, 10 * time.Second, time.Minute + 12*time.Second, true},
	"Throttled": {failed("look", &fault.Error{Class: fault.Throttled, RetryAfter: 3 * time.Minute, Err: errCloud}),
		"True Available", "False Throttled", true, false, 3 * time.Minute, 3 * time.Minute, false},
	"Refused": {failed("change", &fault.Error{Class: fault.Permission, Err: errCloud}),
		"True Available", "False PermissionDenied", true, false, 10 * time.Second, 6 * time.Minute, false},
	"RejectedForGood": {failed("create", &fault.Error{Class: fault.Invalid, Err: errCloud}),
		"False RejectedByCloud", "False RejectedByCloud", false, true, time.Hour, 72 * time.Minute, true},
	"ImmutableFieldChanged": {outcome{step: rested, seen: available(), ours: true, keys: true,
		err: fault.New(fault.Invalid, v1alpha1.ReasonImmutableFieldChanged, "engine")},
		"True Available", "False ImmutableFieldChanged", false, true, time.Hour, 72 * time.Minute, false},
	"CloudSaysFailed": {outcome{step: rested, seen: &Assessment{State: Failed, Message: "incompatible-restore"}, ours: true, keys: true},
		"False CloudFailed", "False CloudFailed", false, true, time.Hour, 72 * time.Minute, false},
	"FailedAndChanged": {outcome{step: updating, seen: &Assessment{State: Failed, Message: "storage-full", Drift: []string{"storage"}}, ours: true, keys: true},
		"False CloudFailed", "True Updating", true, false, time.Minute, time.Minute, false},
	"StateUnknown": {outcome{step: rested, seen: &Assessment{State: Unknown, Message: "frobnicating"}, ours: true, keys: true},
		"False UnknownState", "True Updating", true, false, time.Minute, time.Minute, false},
	"Vanished": {refused(v1alpha1.ReasonResourceVanished, "not there"),
		"False ResourceVanished", "False ResourceVanished", false, true, time.Hour, 72 * time.Minute, false},
	"Paused": {outcome{step: paused, seen: available(), ours: true, keys: true},
		"True Available", "False Paused", false, false, 10 * time.Minute, 12 * time.Minute, false},
	"Deleting": {outcome{step: deleting, seen: &Assessment{State: Deleting}, ours: true},
		"False Deleting", "True Deleting", true, false, time.Minute, time.Minute, false},
	"DeletionRefused": {outcome{step: deleting, seen: available(), ours: true,
		err: fault.New(fault.Dependency, v1alpha1.ReasonDeletionProtected, "protected")},
		"False Deleting", "False DeletionProtected", true, false, 5 * time.Second, time.Minute + 12*time.Second, false},
}

func TestSituations(t *testing.T) {
	for name, tc := range situations {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			hour := metav1.NewTime(now.Add(-time.Hour))
			old := []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAvailable, LastTransitionTime: hour}}
			if tc.neverReady {
				old = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonPending, LastTransitionTime: hour}}
			}
			got := after(old, tc.outcome, 7, now)
			want := map[string]string{v1alpha1.ConditionReady: tc.ready, v1alpha1.ConditionSynced: tc.synced}
			seen := map[string]string{}
			for _, c := range got[:2] {
				seen[c.Type] = string(c.Status) + " " + c.Reason
			}
			if diff := cmp.Diff(want, seen); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
			if is(got, v1alpha1.ConditionReconciling) != tc.reconciling || is(got, v1alpha1.ConditionStalled) != tc.stalled {
				t.Errorf("Reconciling %v, Stalled %v", is(got, v1alpha1.ConditionReconciling), is(got, v1alpha1.ConditionStalled))
			}
			for i := range got {
				got[i].LastTransitionTime = hour // as if it had lasted
			}
			after := requeue(tc.outcome, got, hour.Time, 10*time.Minute, now).RequeueAfter
			if after < tc.atLeast || after > tc.atMost {
				t.Errorf("next look after %s, want %s to %s", after, tc.atLeast, tc.atMost)
			}
		})
	}
}

// TestNoWaitForWorkIsLongerThanAPoll: who polls often sees what is under way as often.
func TestNoWaitForWorkIsLongerThanAPoll(t *testing.T) {
	now := time.Now()
	o := outcome{step: creating, seen: &Assessment{State: Creating}, ours: true, keys: true}
	for poll, want := range map[time.Duration]time.Duration{time.Second: time.Second, time.Minute: soonest} {
		if got := requeue(o, nil, now, poll, now).RequeueAfter; got != want {
			t.Errorf("polled every %s: next look after %s, want %s", poll, got, want)
		}
	}
}

// TestRenewalIsInTime: whatever else there is to wait for, what expires is renewed.
func TestRenewalIsInTime(t *testing.T) {
	now := time.Now()
	for name, o := range map[string]outcome{
		"at rest":     {step: rested, seen: available(), ours: true, keys: true},
		"cannot look": failed("look", &fault.Error{Class: fault.Throttled, RetryAfter: time.Hour, Err: errCloud}),
		"stalled":     failed("create", &fault.Error{Class: fault.Invalid, Err: errCloud}),
	} {
		o.renewal = now.Add(7 * time.Minute)
		if got := requeue(o, nil, now, 10*time.Minute, now).RequeueAfter; got != 7*time.Minute {
			t.Errorf("%s: next look after %s", name, got)
		}
		o.renewal = now.Add(-time.Minute)
		if got := requeue(o, nil, now, 10*time.Minute, now).RequeueAfter; got != firstWait {
			t.Errorf("%s, overdue: next look after %s", name, got)
		}
	}
}

func is(conditions []metav1.Condition, typ string) bool {
	for _, c := range conditions {
		if c.Type == typ {
			return c.Status == metav1.ConditionTrue
		}
	}
	return false
}

func TestBackOff(t *testing.T) {
	const usual = 10 * time.Minute
	for name, tc := range map[string]struct {
		err             fault.Error
		lasting, poll   time.Duration
		atLeast, atMost time.Duration
	}{
		"First":         {fault.Error{Class: fault.Transient}, 0, usual, time.Second, 1200 * time.Millisecond},
		"Grows":         {fault.Error{Class: fault.Transient}, 20 * time.Second, usual, 10 * time.Second, 12 * time.Second},
		"OnceAMinute":   {fault.Error{Class: fault.Transient}, 24 * time.Hour, usual, time.Minute, 72 * time.Second},
		"Busy":          {fault.Error{Class: fault.Conflict}, 0, usual, 5 * time.Second, 6 * time.Second},
		"BusyAndPolled": {fault.Error{Class: fault.Conflict}, 0, 2 * time.Second, 2 * time.Second, 2400 * time.Millisecond},
		"Quota":         {fault.Error{Class: fault.Quota}, 0, usual, 10 * time.Second, 12 * time.Second},
		"QuotaLasts":    {fault.Error{Class: fault.Quota}, 24 * time.Hour, usual, 5 * time.Minute, 6 * time.Minute},
		"CloudSaysWhen": {fault.Error{Class: fault.Throttled, RetryAfter: time.Hour}, 0, usual, time.Hour, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			if got := backOff(&tc.err, tc.lasting, tc.poll); got < tc.atLeast || got > tc.atMost {
				t.Errorf("got %s, want %s to %s", got, tc.atLeast, tc.atMost)
			}
		})
	}
}

func TestMessageIsBounded(t *testing.T) {
	long := make([]byte, 40<<10)
	got := after(nil, failed("look", errors.New(string(long))), 1, time.Now())
	if n := len(got[1].Message); n > 1024 {
		t.Errorf("message of %d bytes", n)
	}
}

func TestChosenName(t *testing.T) {
	for name, tc := range map[string]struct{ object, owner, want string }{
		"Short":      {"db", "12345678-aaaa", "db-12345678"},
		"Upper":      {"Db", "ABCDEF12", "db-abcdef12"},
		"Long":       {"a123456789b123456789c123456789d123456789e123456789f123456789", "12345678", "a123456789b123456789c123456789d123456789e123456789f123-12345678"},
		"ShortOwner": {"db", "x", "db-x"},
		"CutAtDash":  {"a123456789b123456789c123456789d123456789e123456789f12-rest", "12345678", "a123456789b123456789c123456789d123456789e123456789f12-12345678"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ChosenName(tc.object, tc.owner); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestPriority(t *testing.T) {
	now := metav1.Now()
	reconciling := []metav1.Condition{{Type: v1alpha1.ConditionReconciling, Status: metav1.ConditionTrue}}
	for name, tc := range map[string]struct {
		object metav1.ObjectMeta
		status v1alpha1.ManagedStatus
		want   budget.Priority
	}{
		"New":      {metav1.ObjectMeta{Generation: 1}, v1alpha1.ManagedStatus{}, budget.Create},
		"Changed":  {metav1.ObjectMeta{Generation: 2}, v1alpha1.ManagedStatus{FirstReadyTime: &now, ObservedGeneration: 1}, budget.Create},
		"InFlight": {metav1.ObjectMeta{Generation: 1}, v1alpha1.ManagedStatus{FirstReadyTime: &now, ObservedGeneration: 1, Conditions: reconciling}, budget.Event},
		"AtRest":   {metav1.ObjectMeta{Generation: 1}, v1alpha1.ManagedStatus{FirstReadyTime: &now, ObservedGeneration: 1}, budget.Poll},
		"Deleted":  {metav1.ObjectMeta{Generation: 1, DeletionTimestamp: &now}, v1alpha1.ManagedStatus{FirstReadyTime: &now}, budget.Delete},
	} {
		t.Run(name, func(t *testing.T) {
			mr := &resource{ObjectMeta: tc.object, status: tc.status}
			if got := priority(mr); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}

// resource is the least that a managed resource can be.
type resource struct {
	metav1.TypeMeta
	metav1.ObjectMeta

	status v1alpha1.ManagedStatus
}

func (r *resource) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) { return nil, &r.status }

func (r *resource) DeepCopyObject() runtime.Object { return r }
