// SPDX-License-Identifier: Apache-2.0

package availability

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
)

func TestConditions(t *testing.T) {
	yes, no, unknown := metav1.ConditionTrue, metav1.ConditionFalse, metav1.ConditionUnknown
	cases := map[string]struct {
		valid, available finding
		want             string
	}{
		"all is well": {
			finding{yes, core.ReasonValid, ""}, finding{yes, core.ReasonAvailable, ""},
			"Ready True Available, Valid True Valid, Available True Available",
		},
		"invalid": {
			finding{no, core.ReasonInvalid, ""}, finding{unknown, core.ReasonInvalid, ""},
			"Ready False Invalid, Valid False Invalid, Available Unknown Invalid, Stalled True Invalid",
		},
		"not installed": {
			finding{unknown, core.ReasonOperatorNotInstalled, ""}, finding{no, core.ReasonOperatorNotInstalled, ""},
			"Ready False OperatorNotInstalled, Valid Unknown OperatorNotInstalled, Available False OperatorNotInstalled, Reconciling True OperatorNotInstalled",
		},
		"not running": {
			finding{yes, core.ReasonValid, ""}, finding{no, core.ReasonOperatorNotRunning, ""},
			"Ready False OperatorNotRunning, Valid True Valid, Available False OperatorNotRunning, Reconciling True OperatorNotRunning",
		},
		"not seen through yet": {
			finding{unknown, core.ReasonOperatorNotInstalled, ""}, finding{yes, core.ReasonAvailable, ""},
			"Ready Unknown OperatorNotInstalled, Valid Unknown OperatorNotInstalled, Available True Available, Reconciling True OperatorNotInstalled",
		},
	}
	then, now := time.Unix(1000, 0), time.Unix(2000, 5)
	from := map[string][]metav1.Condition{
		"nothing":     nil,
		"the default": {{Type: "Ready", Status: unknown, Reason: core.ReasonPending}},
		"invalid": conditions(nil, finding{no, core.ReasonInvalid, ""}, finding{no, core.ReasonInvalid, ""},
			finding{unknown, core.ReasonInvalid, ""}, 1, then),
	}
	for name, tc := range cases {
		for before, old := range from {
			t.Run(name+" after "+before, func(t *testing.T) {
				got := conditions(old, readiness(tc.valid, tc.available), tc.valid, tc.available, 7, now)
				var words []string
				for _, c := range got {
					words = append(words, fmt.Sprintf("%s %s %s", c.Type, c.Status, c.Reason))
					if c.ObservedGeneration != 7 {
						t.Errorf("%s is about generation %d", c.Type, c.ObservedGeneration)
					}
				}
				if text := strings.Join(words, ", "); text != tc.want {
					t.Errorf("got  %s\nwant %s", text, tc.want)
				}
				again := conditions(got, readiness(tc.valid, tc.available), tc.valid, tc.available, 7, now.Add(time.Hour))
				for i, c := range again {
					if !c.LastTransitionTime.Equal(&got[i].LastTransitionTime) {
						t.Errorf("%s changes although nothing did", c.Type)
					}
				}
			})
		}
	}
}

func TestNextLook(t *testing.T) {
	clock := &settable{now: time.Unix(1000, 0)}
	r := &reconciler{Env: Env{Clock: clock}, refused: map[string]time.Time{}}
	forbidden := finding{reason: core.ReasonOperatorForbidden}
	for _, step := range []struct {
		at   time.Duration
		f    finding
		want time.Duration
	}{
		{0, finding{reason: core.ReasonOperatorNotRunning}, 0},
		{0, forbidden, time.Second},
		{2 * time.Second, forbidden, time.Second},
		{40 * time.Second, forbidden, 10 * time.Second},
		{time.Hour, forbidden, time.Minute},
		{time.Hour, finding{reason: core.ReasonAvailable}, 0},
		{time.Hour, forbidden, time.Second},
	} {
		clock.now = time.Unix(1000, 0).Add(step.at)
		if got := r.nextLook("a", step.f); got != step.want {
			t.Errorf("after %s, %s: %s, want %s", step.at, step.f.reason, got, step.want)
		}
	}
}

type settable struct{ now time.Time }

func (s *settable) Now() time.Time                  { return s.now }
func (s *settable) Since(t time.Time) time.Duration { return s.now.Sub(t) }
