// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocumented compares the tables in docs/placement.md with what there is.
func TestDocumented(t *testing.T) {
	content, err := os.ReadFile("../../../docs/placement.md")
	if err != nil {
		t.Fatal(err)
	}
	var wantReasons, wantTerms []string
	for v := feasible + 1; v < reasons; v++ {
		wantReasons = append(wantReasons, v.reason())
	}
	for term := range terms {
		wantTerms = append(wantTerms, termName(term))
	}
	gotReasons := firstColumn(string(content), "| Reason |")
	slices.Sort(gotReasons)
	if diff := cmp.Diff(wantReasons, gotReasons); diff != "" {
		t.Errorf("reasons: -code +document\n%s", diff)
	}
	if diff := cmp.Diff(wantTerms, firstColumn(string(content), "| Term |")); diff != "" {
		t.Errorf("terms: -code +document\n%s", diff)
	}
}

// firstColumn returns the names in the first column of the table with this head.
func firstColumn(document, head string) []string {
	_, table, _ := strings.Cut(document, head)
	table, _, _ = strings.Cut(table, "\n\n")
	var names []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)`").FindAllStringSubmatch(table, -1) {
		names = append(names, row[1])
	}
	return names
}
