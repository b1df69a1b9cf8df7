// SPDX-License-Identifier: Apache-2.0

package conditions_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/conditions"
)

// TestAfter: what people look at comes first, and what is not so is not there.
func TestAfter(t *testing.T) {
	good := conditions.Word{Status: metav1.ConditionTrue, Reason: "Good"}
	bad := conditions.Word{Status: metav1.ConditionFalse, Reason: "Bad", Message: strings.Repeat("x", 2000)}
	old := []metav1.Condition{{Type: "Stalled", Status: "True"}, {Type: "Scheduled", Status: "True"}, {Type: "Ready", Status: "True", Reason: "Before"}}
	for name, tc := range map[string]struct {
		verdict conditions.Verdict
		want    []string
	}{
		"at rest":           {conditions.Verdict{Ready: &good, Synced: good}, []string{"Ready=True Good", "Synced=True Good", "Scheduled=True "}},
		"did not see it":    {conditions.Verdict{Synced: bad, Working: true}, []string{"Ready=True Before", "Synced=False Bad", "Reconciling=True Bad", "Scheduled=True "}},
		"stalled at work":   {conditions.Verdict{Ready: &bad, Synced: bad, Working: true, Stalled: true}, []string{"Ready=False Bad", "Synced=False Bad", "Stalled=True Bad", "Scheduled=True "}},
		"at work, all good": {conditions.Verdict{Ready: &good, Synced: good, Working: true}, []string{"Ready=True Good", "Synced=True Good", "Reconciling=True Good", "Scheduled=True "}},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			var got []string
			all := conditions.After(old, tc.verdict, 3, now)
			for _, c := range all {
				got = append(got, c.Type+"="+string(c.Status)+" "+c.Reason)
				if len(c.Message) > 1024 {
					t.Errorf("%s: a message of %d bytes", c.Type, len(c.Message))
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if common := conditions.Common(all); len(common) != len(all)-1 {
				t.Errorf("Scheduled is another one's: %+v", common)
			}
			lasting := conditions.Lasting(all, now.Add(time.Minute)).Round(2 * time.Second)
			if failed := tc.verdict.Synced.Status == metav1.ConditionFalse; failed != (lasting == time.Minute) || !failed && lasting != 0 {
				t.Errorf("lasting for %s", lasting)
			}
		})
	}
}
