// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	cases := map[string]struct {
		text string
		want []Part
	}{
		"empty":   {text: ""},
		"literal": {text: "db.t4g.small", want: []Part{{Literal: "db.t4g.small"}}},
		"whole":   {text: "${a.b}", want: []Part{{Source: "a.b"}}},
		"mixed": {
			text: "x-${a}-y${b}",
			want: []Part{{Literal: "x-"}, {Source: "a", Offset: 2}, {Literal: "-y", Offset: 6}, {Source: "b", Offset: 8}},
		},
		"two in a row":             {text: "${a}${b}", want: []Part{{Source: "a"}, {Source: "b", Offset: 4}}},
		"escaped":                  {text: "$${a}", want: []Part{{Literal: "${a}"}}},
		"escaped, then one":        {text: "$${a}${b}", want: []Part{{Literal: "${a}"}, {Source: "b", Offset: 5}}},
		"dollar":                   {text: "$5 {x} $", want: []Part{{Literal: "$5 {x} $"}}},
		"brace balanced":           {text: "${ {'a': {'b': 1}}.a }", want: []Part{{Source: " {'a': {'b': 1}}.a "}}},
		"brace in a string":        {text: `${"}" + '{'}`, want: []Part{{Source: `"}" + '{'`}}},
		"escaped quote":            {text: `${"\"}"}`, want: []Part{{Source: `"\"}"`}}},
		"raw string":               {text: `${r"\"}`, want: []Part{{Source: `r"\"`}}},
		"raw bytes":                {text: `${bR'\'}`, want: []Part{{Source: `bR'\'`}}},
		"a name that ends in r":    {text: `${for"\"}"}`, want: []Part{{Source: `for"\"}"`}}},
		"triple quotes":            {text: `${"""a"}b"""}`, want: []Part{{Source: `"""a"}b"""`}}},
		"nothing between":          {text: "${}", want: []Part{{Source: ""}}},
		"letters beyond ASCII":     {text: "ä${a}ö", want: []Part{{Literal: "ä"}, {Source: "a", Offset: 2}, {Literal: "ö", Offset: 6}}},
		"not opened by the dollar": {text: "$$ {a}", want: []Part{{Literal: "$$ {a}"}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Split(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSplitOpen(t *testing.T) {
	for _, text := range []string{"${", "a${b", "${'}", `${"\"}`, "${{}", "${'''}'}"} {
		t.Run(text, func(t *testing.T) {
			if _, err := Split(text); !errors.Is(err, ErrOpen) {
				t.Errorf("got %v, want ErrOpen", err)
			}
		})
	}
}

// FuzzSplit checks that nothing of a text is lost or made up.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", "a", "${a}", "$${a}", "x${'}'}y", `${r"\"}`, "${{}}", "$$${a}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts, err := Split(text)
		if err != nil {
			return
		}
		var back strings.Builder
		for _, p := range parts {
			if p.IsExpression() {
				back.WriteString("${" + p.Source + "}")
			} else {
				back.WriteString(strings.ReplaceAll(p.Literal, "${", "$${"))
			}
		}
		if back.String() != text {
			t.Errorf("%q was cut into %+v, which is %q", text, parts, back.String())
		}
	})
}
