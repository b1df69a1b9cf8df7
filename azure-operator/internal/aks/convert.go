// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"strings"

	"github.com/crossplaneio/crossplane/shared/diff"
)

// value is what p points to, or nothing.
func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

// word is a word of the SDK's type, nil for the empty one.
func word[W ~string](s string) *W {
	if s == "" {
		return nil
	}
	return new(W(s))
}

// said is word's opposite: nil where nothing is said.
func said[W ~string](w *W) *string {
	if w == nil {
		return nil
	}
	return new(string(*w))
}

func pointers(list []string) []*string {
	out := make([]*string, 0, len(list))
	for _, s := range list {
		out = append(out, &s)
	}
	return out
}

func values(list []*string) []string {
	out := make([]string, 0, len(list))
	for _, p := range list {
		out = append(out, value(p))
	}
	return out
}

func textMap(m map[string]*string) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = value(v)
	}
	return out
}

func pointerMap(m map[string]string) map[string]*string {
	out := make(map[string]*string, len(m))
	for k, v := range m {
		out[k] = &v
	}
	return out
}

// part lets plan change a copy of a part of what Azure said, which takes the
// part's place if it did: what was observed stays as it was.
func part[T any](d *diff.Fields, of **T, plan func(*T)) {
	before, next := len(*d), value(*of)
	if plan(&next); len(*d) > before {
		*of = &next
	}
}

// set puts a word in its place, unless it is there already or not wanted.
func set[W ~string](d *diff.Fields, field, want string, at **W) {
	if want == "" || *at != nil && string(**at) == want {
		return
	}
	*d = append(*d, field)
	*at = word[W](want)
}

// setList is set for lists whose order means nothing, of which nil is not wanted.
func setList(d *diff.Fields, field string, want []string, at *[]*string) {
	if want == nil || diff.Same(want, values(*at)) {
		return
	}
	*d = append(*d, field)
	*at = pointers(want)
}

// fixedID notes a resource id that differs and can't be changed: upper and lower
// case mean nothing to Azure.
func fixedID(d *diff.Fields, field, want string, have *string) {
	if !strings.EqualFold(want, value(have)) {
		diff.FixedText(d, field, want, have)
	}
}
