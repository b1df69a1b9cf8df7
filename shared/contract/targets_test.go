// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"strings"
	"testing"

	"github.com/crossplaneio/crossplane/shared/contract"
)

// TestTargetName: no two claims have the same, and it is never too long.
func TestTargetName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 60)
	for name, test := range map[string]struct{ namespace, claim, want string }{
		"short": {"shop", "apps", "shop.apps"},
		"dots":  {"shop", "apps.eu", "shop.apps.eu"},
		"long":  {long, "apps", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := contract.TargetName(test.namespace, test.claim)
			if test.want != "" && got != test.want || len(got) > 63 || got == contract.TargetName(test.namespace, test.claim+"x") {
				t.Errorf("got %q", got)
			}
		})
	}
}
