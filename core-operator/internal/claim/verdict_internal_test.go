// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"testing"
	"time"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
)

// Nothing tells core of a secret: a claim that waits for one looks for itself,
// seldom if it has waited long.
func TestWhenAClaimIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		verdict     verdict
		waited      time.Duration
		least, most time.Duration
	}{
		"bound":                        {verdict{ready: true, reason: claimapi.ReasonBound}, time.Hour, 24 * time.Minute, 34 * time.Minute},
		"it waits for what is watched": {stop(claimapi.ReasonNoResource, ""), time.Second, 24 * time.Minute, 34 * time.Minute},
		"a secret is in the way":       {stop(claimapi.ReasonSecretConflict, ""), 0, 2 * time.Second, 2 * time.Second},
		"for a minute":                 {stop(claimapi.ReasonSecretConflict, ""), time.Minute, 15 * time.Second, 15 * time.Second},
		"for a day":                    {stop(claimapi.ReasonConnectionMissing, ""), 24 * time.Hour, time.Minute, time.Minute},
		"core may not read it":         {stop(claimapi.ReasonConnectionForbidden, ""), -time.Second, 2 * time.Second, 2 * time.Second},
		"it is gone":                   {verdict{gone: true}, time.Hour, 0, 0},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.verdict.requeue(test.waited).RequeueAfter; got < test.least || got > test.most {
				t.Errorf("after %s, want %s to %s", got, test.least, test.most)
			}
		})
	}
}
