// SPDX-License-Identifier: Apache-2.0

package account

import (
	"os"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/shared/fault"
)

// TestIssue hands out tokens of the account itself and of one that it may act as.
func TestIssue(t *testing.T) {
	const lesser = "sa@p.iam.gserviceaccount.com"
	w := newWorld(t)
	if err := os.WriteFile(w.TokenFile, []byte("good"), 0o600); err != nil {
		t.Fatal(err)
	}
	a, _, err := w.Refresh(t.Context(), aProvider(federated("")))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 2 {
		token, expires, err := a.Issue(t.Context(), "")
		if err != nil || w.google.tokens[token] != "pool" || seen[token] {
			t.Errorf("its own: %q of %q, seen before %v, %v", token, w.google.tokens[token], seen[token], err)
		}
		if left := time.Until(expires); left < 59*time.Minute || left > time.Hour {
			t.Errorf("it says that it is good for %s", left)
		}
		seen[token] = true
	}
	token, expires, err := a.Issue(t.Context(), lesser)
	if err != nil || w.google.tokens[token] != lesser || !expires.Equal(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the lesser one: %q of %q until %s, %v", token, w.google.tokens[token], expires, err)
	}
	w.google.refused[lesser] = true
	if _, _, err := a.Issue(t.Context(), lesser); fault.Of(Classify(err)).Class != fault.Permission {
		t.Errorf("refused: %v", err)
	}
}

func TestStatusFault(t *testing.T) {
	for name, tc := range map[string]struct {
		code    int64
		message string
		want    fault.Class
	}{
		"no machines":    {8, "GCE_STOCKOUT: not enough resources", fault.Capacity},
		"no quota":       {8, "Quota 'CPUS' exceeded.", fault.Quota},
		"not yet":        {9, "subnetwork is not ready", fault.Dependency},
		"overtaken":      {10, "x", fault.Conflict},
		"wrong":          {3, "x", fault.Invalid},
		"not allowed":    {7, "x", fault.Permission},
		"their fault":    {13, "x", fault.Transient},
		"something else": {2, "x", fault.Transient},
	} {
		if got := StatusFault("operation X", tc.code, tc.message); got.Class != tc.want {
			t.Errorf("%s: %s, want %s", name, got.Class, tc.want)
		}
	}
}
