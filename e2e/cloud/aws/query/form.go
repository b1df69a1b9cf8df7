// SPDX-License-Identifier: Apache-2.0

package query

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Form is the tree of parameters that a request spells with dots: the node
// "Tags" of Tags.Tag.1.Key=a has the child "Tag", that one "1", and so on.
type Form struct {
	Value    string
	Set      bool
	children map[string]*Form
}

// NewForm builds the tree of a request's parameters.
func NewForm(values url.Values) *Form {
	root := &Form{}
	for name, v := range values {
		node := root
		for part := range strings.SplitSeq(name, ".") {
			node = node.grow(part)
		}
		node.Value, node.Set = v[0], true
	}
	return root
}

// Get returns the value of the parameter at a dotted path, or "".
func (f *Form) Get(path string) string {
	for part := range strings.SplitSeq(path, ".") {
		if f = f.children[part]; f == nil {
			return ""
		}
	}
	return f.Value
}

func (f *Form) grow(part string) *Form {
	if f.children == nil {
		f.children = map[string]*Form{}
	}
	child, ok := f.children[part]
	if !ok {
		child = &Form{}
		f.children[part] = child
	}
	return child
}

// items returns a list's elements in order. EC2 numbers them right below the
// list's name, RDS and STS below the name of the element.
func (f *Form) items() []*Form {
	numbered := f.children
	for name, child := range f.children {
		if _, err := strconv.Atoi(name); err != nil {
			numbered = child.children
		}
	}
	order := make([]int, 0, len(numbered))
	for name := range numbered {
		if n, err := strconv.Atoi(name); err == nil {
			order = append(order, n)
		}
	}
	slices.SortFunc(order, cmp.Compare[int])
	out := make([]*Form, 0, len(order))
	for _, n := range order {
		out = append(out, numbered[strconv.Itoa(n)])
	}
	return out
}
