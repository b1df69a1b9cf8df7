// SPDX-License-Identifier: Apache-2.0

// Package house checks the rules of the house: how the modules of this repository may depend
// on each other, and what their files look like.
package house

import (
	"cmp"
	"fmt"
	"slices"
)

// A Check is one rule and the function that looks for violations of it.
type Check struct {
	Name string
	Rule string
	find func(*Tree) []Finding
}

// A Finding is one violation. Line is 0 where the whole file is meant.
type Finding struct {
	Check string
	Path  string
	Line  int
	Text  string
}

// String is the finding as compilers print theirs, so that editors can jump to it.
func (f Finding) String() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s: %s", f.Path, f.Check, f.Text)
	}
	return fmt.Sprintf("%s:%d: %s: %s", f.Path, f.Line, f.Check, f.Text)
}

// Checks are the rules in the order in which they are told.
func Checks() []Check {
	return []Check{
		{"syntax", "every Go file parses", func(t *Tree) []Finding { return t.broken }},
		{"operators", "no operator imports another, not even its api; shared imports none of them", operators},
		{"internal", "everything of an operator but api/ and main.go is under internal/", internal},
		{"providers", "core knows no provider kind", providers},
		{"sdks", "a cloud's SDK is imported only in that cloud's operator and its local cloud", sdks},
		{"contract", "shared/api imports apimachinery and the standard library", contract},
		{"crds", "at most 25 custom resources per operator, each in one chart", crds},
		{"kubectl", "people find kinds: short names, categories, columns, descriptions", kubectl},
		{"main", "an operator's main.go has fewer than 60 lines", mains},
		{"size", "no function over 100 lines, no file over 500", sizes},
		{"replaces", "a module replaces nothing but shared", replaces},
		{"words", "no word that only makes sense on somebody's machine", words},
		{"header", "every Go file starts with its licence", headers},
	}
}

// Run returns what the checks find, sorted by place.
func Run(tree *Tree) []Finding {
	var found []Finding
	for _, check := range Checks() {
		for _, finding := range check.find(tree) {
			finding.Check = check.Name
			found = append(found, finding)
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	return found
}
