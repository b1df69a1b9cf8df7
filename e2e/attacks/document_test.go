// SPDX-License-Identifier: Apache-2.0

package attacks_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/shared/kubetest"
)

var update = flag.Bool("update", false, "write the tables of attacks into docs/security.md")

// TestDocument: docs/security.md has the attacks and guards that there are.
func TestDocument(t *testing.T) {
	root, err := kubetest.Root()
	must(t, err)
	file := filepath.Join(root, "docs", "security.md")
	content, err := os.ReadFile(file)
	must(t, err)
	head, rest, found := strings.Cut(string(content), "-update` -->\n")
	_, tail, ended := strings.Cut(rest, "<!-- end attacks -->")
	if !found || !ended {
		t.Fatal("it has no place for the attacks")
	}
	want := head + "-update` -->\n" + tables() + "<!-- end attacks -->" + tail
	if *update {
		must(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	if diff := cmp.Diff(want, string(content)); diff != "" {
		t.Errorf("run this test with -update: %s", diff)
	}
}

// tables are those of the attacks, by family, and of the guards.
func tables() string {
	out, count := &strings.Builder{}, 0
	for _, f := range families() {
		fmt.Fprintf(out, "\n### %s\n\n| Attack | Refused with | Guard | Succeeds without it |\n|---|---|---|---|\n", f.title)
		for _, each := range f.attacks {
			count++
			mark := ""
			if each.proof {
				mark = "yes"
			}
			fmt.Fprintf(out, "| %s | `%s` | %s | %s |\n", each.name, each.says, each.guard, mark)
		}
	}
	fmt.Fprintf(out, "\nThat is %d attacks.\n\n### The guards\n\n| Guard | Where it is |\n|---|---|\n", count)
	for _, g := range guards() {
		fmt.Fprintf(out, "| %s | %s |\n", g.name, g.where)
	}
	out.WriteString("\n")
	return out.String()
}
