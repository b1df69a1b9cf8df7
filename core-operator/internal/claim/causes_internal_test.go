// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// reasonsIn returns the values of the constants in a file that name a reason.
func reasonsIn(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Reason") || len(spec.Values) == 0 {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			value, _ := strconv.Unquote(literal.Value)
			reasons = append(reasons, value)
		}
		return true
	})
	if len(reasons) == 0 {
		t.Fatalf("no reasons in %s", path)
	}
	return reasons
}

func TestEveryReasonIsExplained(t *testing.T) {
	t.Parallel()
	good := []string{
		v1alpha1.ReasonPending, v1alpha1.ReasonCreating, v1alpha1.ReasonAvailable, v1alpha1.ReasonDeleting, v1alpha1.ReasonInSync,
		claimapi.ReasonBound, claimapi.ReasonApplied,
	}
	for _, reason := range reasonsIn(t, "../../../shared/api/v1alpha1/conditions.go") {
		if _, known := resourceCauses[reason]; !known && !slices.Contains(good, reason) {
			t.Errorf("nothing is said of the reason %s of a resource", reason)
		}
	}
	for _, reason := range reasonsIn(t, "../../api/claim/v1alpha1/conditions.go") {
		if _, known := ownCauses[reason]; !known && !slices.Contains(good, reason) {
			t.Errorf("nothing is said of the reason %s of a claim", reason)
		}
	}
}

func TestAnUnknownReasonIsPassedOn(t *testing.T) {
	t.Parallel()
	c := resourceCause("SomethingNew")
	if !strings.Contains(c.says, "SomethingNew") || c.actor != v1alpha1.ActorAdministrator {
		t.Errorf("the cause is %+v", c)
	}
}
