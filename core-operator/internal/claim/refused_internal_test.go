// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// What the API server will say again is told; what it may not is tried again.
func TestRefused(t *testing.T) {
	t.Parallel()
	servers := schema.GroupResource{Group: "testing.example.org", Resource: "servers"}
	taken := apierrors.NewConflict(servers, "s", errors.New("taken"))
	taken.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: metav1.CauseTypeFieldManagerConflict, Field: ".spec.size"}}
	cases := map[string]struct {
		err          error
		reason, says string // no reason: it is tried again
	}{
		"its kind has gone":        {contract.ErrNoKind, claimapi.ReasonKindNotInstalled, "no kind Server"},
		"its kind has just gone":   {apierrors.NewNotFound(servers, "s"), claimapi.ReasonKindNotInstalled, "no kind Server"},
		"its kind is going":        {apierrors.NewMethodNotSupported(servers, "create"), claimapi.ReasonKindNotInstalled, "no kind Server"},
		"a field was taken":        {taken, claimapi.ReasonFieldOwnedByOther, "taken"},
		"core may not":             {apierrors.NewForbidden(servers, "s", errors.New("no")), claimapi.ReasonForbidden, `"s" is forbidden`},
		"a rule of the kind":       {apierrors.NewInvalid(schema.GroupKind{Kind: "Server"}, "s", nil), claimapi.ReasonRejected, "Server s: "},
		"not an object":            {apierrors.NewBadRequest("no object"), claimapi.ReasonRejected, "no object"},
		"too large":                {apierrors.NewRequestEntityTooLargeError("large"), claimapi.ReasonRejected, "large"},
		"somebody was faster":      {apierrors.NewConflict(servers, "s", errors.New("stale")), "", "stale"},
		"the API server is ending": {apierrors.NewServiceUnavailable("ending"), "", "ending"},
		"the network":              {errors.New("connection reset"), "", "connection reset"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := refused(fmt.Errorf("applying: %w", test.err), "Server", "s")
			said := v.message
			if err != nil {
				said = err.Error()
			}
			if v.reason != test.reason || (err != nil) != (test.reason == "") || !strings.Contains(said, test.says) {
				t.Errorf("got %q, %v: %s", v.reason, err, said)
			}
		})
	}
}

func TestSatisfies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		field, offered string
		asked          any
		want           bool
	}{
		"the same version":           {attributeVersion, "8.4", "8.4", true},
		"a version within":           {attributeVersion, "8.4.3", "8.4", true},
		"a version that only begins": {attributeVersion, "8.40", "8.4", false},
		"an older version":           {attributeVersion, "8.0.40", "8.4", false},
		"a less exact version":       {attributeVersion, "8", "8.4", false},
		"as much storage":            {attributeStorage, "20", int64(20), true},
		"more storage":               {attributeStorage, "100", int64(20), true},
		"less storage":               {attributeStorage, "9", int64(20), false},
		"storage that is no number":  {attributeStorage, "much", int64(20), false},
		"another attribute":          {"highAvailability", "true", true, true},
		"not another attribute":      {"highAvailability", "false", true, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := satisfies(test.field, test.offered, test.asked); got != test.want {
				t.Errorf("satisfies(%s, %s, %v) = %t", test.field, test.offered, test.asked, got)
			}
		})
	}
}
