// SPDX-License-Identifier: Apache-2.0

// Package diff compares what a spec says with what the cloud says, field by field,
// and fills in the update request on the way: the request is the difference,
// and no request means none. A field that the spec leaves out is not compared.
package diff

import (
	"fmt"
	"maps"
	"slices"
)

// Fields lists the names of the spec's fields that differ.
type Fields []string

// Value puts want into request if it is set and differs from have.
func Value[T comparable](d *Fields, field string, want, have *T, request **T) {
	if want == nil || have != nil && *want == *have {
		return
	}
	*d = append(*d, field)
	*request = want
}

// Text is Value for texts, of which the empty one counts as left out.
func Text(d *Fields, field, want string, have *string, request **string) {
	if want != "" {
		Value(d, field, &want, have, request)
	}
}

// Set is Value for lists whose order means nothing.
func Set(d *Fields, field string, want, have []string, request *[]string) {
	if want == nil || Same(want, have) {
		return
	}
	*d = append(*d, field)
	*request = want
}

// Same reports whether two lists have the same members.
func Same(a, b []string) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b))))
}

// Tags returns the wanted tags that have lacks or has with another value. Tags
// that nobody wants are nobody's business here.
func Tags[V ~string](d *Fields, want map[string]V, have map[string]string) map[string]string {
	missing := map[string]string{}
	for k, v := range want {
		if value, there := have[k]; !there || value != string(v) {
			missing[k] = string(v)
		}
	}
	if len(missing) > 0 {
		*d = append(*d, "tags")
	}
	return missing
}

// Both joins the tags of a spec with those that say whose the resource is.
func Both[V ~string](tags map[string]V, ownership map[string]string) map[string]string {
	all := make(map[string]string, len(tags)+len(ownership))
	for k, v := range tags {
		all[k] = string(v)
	}
	maps.Copy(all, ownership)
	return all
}

// Fixed notes that a field differs which can't be changed, if it does.
func Fixed[T comparable](d *Fields, field string, want, have *T) {
	switch {
	case want == nil || have != nil && *want == *have:
	case have == nil || any(*have) == "":
		*d = append(*d, fmt.Sprintf("%s (none → %v)", field, *want))
	default:
		*d = append(*d, fmt.Sprintf("%s (%v → %v)", field, *have, *want))
	}
}

// FixedText is Fixed for texts, of which the empty one counts as left out.
func FixedText(d *Fields, field, want string, have *string) {
	if want != "" {
		Fixed(d, field, &want, have)
	}
}
