// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	bound := verdict{ready: true, reason: claimapi.ReasonBound, message: "Bound."}
	cases := map[string]struct {
		verdict, synced verdict
		want            []string
	}{
		"bound": {
			verdict: bound,
			want:    []string{"Ready=True Bound", "Synced=True Applied"},
		},
		"bound, and a change is under way": {
			verdict: verdict{ready: true, reason: claimapi.ReasonBound, working: true},
			want:    []string{"Ready=True Bound", "Synced=True Applied", "Reconciling=True Updating"},
		},
		"bound, and a change is refused": {
			verdict: bound, synced: stop(claimapi.ReasonRejected, "no"),
			want: []string{"Ready=True Bound", "Synced=False ResourceRejected", "Stalled=True ResourceRejected"},
		},
		"bound, and a change can't be made yet": {
			verdict: bound, synced: stop(claimapi.ReasonForbidden, "no"),
			want: []string{"Ready=True Bound", "Synced=False OperatorForbidden", "Reconciling=True OperatorForbidden"},
		},
		"being made": {
			verdict: stop(claimapi.ReasonCreating, ""),
			want:    []string{"Ready=False Creating", "Synced=True Applied", "Reconciling=True Creating"},
		},
		"waiting for somebody": {
			verdict: stop(claimapi.ReasonNoClass, ""), synced: stop(claimapi.ReasonNoClass, ""),
			want: []string{"Ready=False NoClass", "Synced=False NoClass", "Reconciling=True NoClass"},
		},
		"at its end": {
			verdict: stop(claimapi.ReasonResourceLost, ""),
			want:    []string{"Ready=False ResourceLost", "Synced=False ResourceLost", "Stalled=True ResourceLost"},
		},
	}
	old := []metav1.Condition{
		{Type: "Ready", Status: "Unknown", Reason: "Pending"}, {Type: "Stalled", Status: "True"}, {Type: "Reconciling", Status: "True"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, condition := range after(old, c.verdict, c.synced, 7, metav1.NewTime(time.Now())) {
				got = append(got, condition.Type+"="+string(condition.Status)+" "+condition.Reason)
				if condition.ObservedGeneration != 7 {
					t.Errorf("%s is of generation %d", condition.Type, condition.ObservedGeneration)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		parts []string
		want  string
	}{
		"none":                {want: ""},
		"one":                 {parts: []string{"a"}, want: "a."},
		"one with its period": {parts: []string{"a."}, want: "a."},
		"an empty one":        {parts: []string{"a", "", "b"}, want: "a. b."},
	}
	for name, c := range cases {
		if got := sentences(c.parts...); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := sentences(strings.Repeat("x", 2*maxMessage)); len(got) != maxMessage || !strings.HasSuffix(got, "...") {
		t.Errorf("a long message has %d characters", len(got))
	}
}

func TestWhoCanActOnTheResourcesReasons(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]v1alpha1.Actor{
		v1alpha1.ReasonInvalid: developer, v1alpha1.ReasonQuotaExceeded: administrator, v1alpha1.ReasonCapacity: cloud, v1alpha1.ReasonUpdating: nobody,
	} {
		if got := resourceCause(reason).actor; got != want {
			t.Errorf("%s: %q, want %q", reason, got, want)
		}
	}
}
