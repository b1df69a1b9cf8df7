// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	cases := map[string]struct {
		text string
		want Document
	}{
		"a fence": {
			"# Start\n\n```sh\nmake up\n\necho done\n```\n",
			Document{
				Headings: []Heading{{1, "start"}},
				Fences:   []Fence{{Line: 4, Language: "sh", Text: "make up\n\necho done\n", Under: "start"}},
			},
		},
		"a fence in a list": {
			"1. Do:\n\n   ```go a/b.go\n   f()\n   ```\n",
			Document{Fences: []Fence{{Line: 4, Language: "go", Info: "a/b.go", Text: "f()\n"}}},
		},
		"what is in a fence is neither heading nor link": {
			"```text\n# no\n[no](no.md)\n| a | b |\n```\n",
			Document{Fences: []Fence{{Line: 2, Language: "text", Text: "# no\n[no](no.md)\n| a | b |\n"}}},
		},
		"headings": {
			"## What it's for: `code`, and more\n### Same\n### Same\n",
			Document{Headings: []Heading{{2, "what-its-for-code-and-more"}, {3, "same"}, {3, "same-1"}}},
		},
		"links": {
			"See [here](a.md#b) and [there](../c.md), not `[this](d.md)`.\n",
			Document{Links: []Link{{1, "a.md#b"}, {1, "../c.md"}}},
		},
		"a link whose text is code": {
			"[`a/b.go`](../a/b.go)\n",
			Document{Links: []Link{{1, "../a/b.go"}}},
		},
		"tables": {
			"# T\n| Key | Means |\n|---|---|\n| `a` | one |\n| `b` | |\n\n| Other |\n|---|\n",
			Document{
				Headings: []Heading{{1, "t"}},
				Tables: []Table{
					{Under: "t", Header: []string{"Key", "Means"}, Rows: [][]string{{"`a`", "one"}, {"`b`", ""}}},
					{Under: "t", Header: []string{"Other"}},
				},
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Parse("", tc.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNamed(t *testing.T) {
	d := Parse("", "# One\n| Reason | Means |\n|---|---|\n| `A`, `B` | x |\n# Two\n| Reason | Means |\n|---|---|\n| `C` | y |\n| Seen | |\n")
	want := map[string][]string{"A": {"`A`, `B`", "x"}, "B": {"`A`, `B`", "x"}}
	if diff := cmp.Diff(want, d.Named("one", "Reason")); diff != "" {
		t.Error(diff)
	}
	if got := d.Named("", "Reason"); len(got) != 3 {
		t.Errorf("under every heading: %v", got)
	}
}
