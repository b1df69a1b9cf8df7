// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// TestReasonsAreExplained: the page for readers has every reason, and who can act.
func TestReasonsAreExplained(t *testing.T) {
	page, err := os.ReadFile("../../../../docs/workloads.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]string{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(line, "|\n"), "|")
		if len(cells) < 3 || strings.Contains(line, "reason |") {
			continue
		}
		for _, reason := range regexp.MustCompile("`([A-Z]\\w+)`").FindAllStringSubmatch(strings.Join(cells[:len(cells)-2], ""), -1) {
			explained[reason[1]] = strings.TrimSpace(cells[len(cells)-2])
		}
	}
	want := map[string]string{}
	for _, reason := range append(reasons(t), v1alpha1.ReasonDeleting, v1alpha1.ReasonPaused) {
		if reason != workload.ReasonAbandoned && reason != workload.ReasonTargetNameTaken { // events' only
			want[reason] = string(workload.ActorOf(reason))
		}
	}
	if diff := cmp.Diff(want, explained); diff != "" {
		t.Errorf("code - page +:\n%s", diff)
	}
}

// reasons returns the values of the constants of this package that are reasons.
func reasons(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "conditions.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Reason") {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			if value, err := strconv.Unquote(literal.Value); err == nil {
				found = append(found, value)
			}
		}
		return true
	})
	return found
}
