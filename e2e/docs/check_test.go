// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// TestChecks plants a violation of each check, and what is almost one.
func TestChecks(t *testing.T) {
	root := t.TempDir()
	for path, text := range map[string]string{"a.go": "package a\n\nvar one = 1\nvar two = 2\nvar three = 3\n", "README.md": "", "docs/b.md": "# Here\n"} {
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := Parse("docs/b.md", "# Here\n")
	links := func(d []Document) []string { return Links(root, append(d, b)) }
	excerpts := func(d []Document) []string { return Excerpts(root, d) }
	unlisted := func(list ...NotRun) func([]Document) []string {
		return func(d []Document) []string { return Unlisted(d, list) }
	}
	cases := map[string]struct {
		text  string
		check func([]Document) []string
		want  string // part of what is said; empty: nothing is
	}{
		"a language that is run":           {"```sh\ntrue\n```\n", Languages, ""},
		"a language that nobody runs":      {"```bash\ntrue\n```\n", Languages, `README.md:2: a fence in "bash"`},
		"no language":                      {"```\ntrue\n```\n", Languages, `a fence in ""`},
		"a link to a heading":              {"[b](docs/b.md#here)\n", links, ""},
		"a link to a folder":               {"[b](docs)\n", links, ""},
		"a link within":                    {"# Top\n[b](#top)\n", links, ""},
		"a link to elsewhere":              {"[b](https://example.org/nothing)\n", links, ""},
		"a link to no file":                {"[b](docs/c.md)\n", links, "no such file"},
		"a link to no heading":             {"[b](docs/b.md#there)\n", links, "no such heading"},
		"a link to no heading within":      {"[b](#there)\n", links, "no such heading"},
		"a link out of the repository":     {"[b](../c.md)\n", links, "leads out"},
		"JSON":                             {"```json\n{\"a\": 1}\n```\n", Unparsable, ""},
		"broken JSON":                      {"```json\n{a: 1}\n```\n", Unparsable, "not JSON"},
		"an excerpt":                       {"```go a.go\nvar one = 1\nvar two = 2\n```\n", excerpts, ""},
		"an excerpt that leaves out":       {"```go a.go\nvar one = 1\n...\nvar three = 3\n```\n", excerpts, ""},
		"an excerpt that differs":          {"```go a.go\nvar one = 2\n```\n", excerpts, "no such lines"},
		"an excerpt in another order":      {"```go a.go\nvar two = 2\n...\nvar one = 1\n```\n", excerpts, "no such lines"},
		"an excerpt of a part of a line":   {"```go a.go\none = 1\n```\n", excerpts, "no such lines"},
		"an excerpt of nothing":            {"```go\nvar one = 1\n```\n", excerpts, "needs the path"},
		"an excerpt of no file":            {"```go c.go\nvar one = 1\n```\n", excerpts, "no file"},
		"listed":                           {"```console\nmake\n```\n", unlisted(NotRun{"README.md", "make", "long"}), ""},
		"unlisted":                         {"```console\nmake\n```\n", unlisted(), "README.md:2"},
		"listed by another line":           {"```console\nmake up\n```\n", unlisted(), "README.md:2"},
		"listed without a reason":          {"```console\nmake\n```\n", unlisted(NotRun{"README.md", "make", " "}), "why"},
		"listed and gone":                  {"```sh\nmake\n```\n", unlisted(NotRun{"README.md", "make", "long"}), "no fence"},
		"a manifest that can't be applied": {"```yaml\na: 1\n```\n", unlisted(NotRun{"README.md", "a: 1", "made up"}), ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := tc.check([]Document{Parse("README.md", tc.text)})
			if tc.want == "" && len(got) > 0 {
				t.Errorf("complains: %q", got)
			}
			if tc.want != "" && (len(got) != 1 || !strings.Contains(got[0], tc.want)) {
				t.Errorf("got %q, want one that says %q", got, tc.want)
			}
		})
	}
}

// repository returns the root and the documents of this repository.
func repository(t *testing.T) (string, []Document) {
	t.Helper()
	root, err := kubetest.Root()
	if err != nil {
		t.Fatal(err)
	}
	documents, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	return root, documents
}

func TestDocuments(t *testing.T) {
	root, documents := repository(t)
	beside, err := Beside(root)
	if err != nil {
		t.Fatal(err)
	}
	list, err := ListNotRun(root)
	if err != nil {
		t.Fatal(err)
	}
	var complaints []string
	complaints = append(complaints, Languages(documents)...)
	complaints = append(complaints, Unlisted(documents, list)...)
	complaints = append(complaints, Links(root, append(documents, beside...))...)
	complaints = append(complaints, Unparsable(documents)...)
	complaints = append(complaints, Excerpts(root, documents)...)
	for _, complaint := range complaints {
		t.Error(complaint)
	}
}
