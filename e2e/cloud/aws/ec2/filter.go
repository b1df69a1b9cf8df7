// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"path"
	"slices"
	"strconv"
)

// mostResults is the size of a page where none is asked for, and the largest.
const mostResults = 1000

// filter keeps what has one of the values; several filters must all hold.
type filter struct {
	Name   string
	Values []string `query:"Value"`
}

// attributes are what filters can ask about: the values by the filter's name.
type attributes map[string][]string

func (a attributes) tagged(tags []tag) attributes {
	for _, t := range tags {
		a["tag:"+t.Key] = []string{t.Value}
		a["tag-key"] = append(a["tag-key"], t.Key)
	}
	return a
}

func (a attributes) pass(filters []filter) bool {
	for _, f := range filters {
		if !slices.ContainsFunc(a[f.Name], f.accepts) {
			return false
		}
	}
	return true
}

// accepts compares as EC2 does: with * and ? as wildcards.
func (f filter) accepts(value string) bool {
	return slices.ContainsFunc(f.Values, func(pattern string) bool {
		ok, err := path.Match(pattern, value)
		return pattern == value || (ok && err == nil)
	})
}

// selected returns those that have one of the IDs, if there are any IDs, and
// pass the filters.
func selected[T any](all []T, ids []string, filters []filter, id func(T) string, describe func(T) attributes) []T {
	out := make([]T, 0, len(all))
	for _, item := range all {
		if (len(ids) == 0 || slices.Contains(ids, id(item))) && (len(filters) == 0 || describe(item).pass(filters)) {
			out = append(out, item)
		}
	}
	return out
}

func pageSize(most *int32) int {
	if most == nil {
		return mostResults
	}
	return min(max(int(*most), 5), mostResults)
}

func boolean(b bool) string { return strconv.FormatBool(b) }
