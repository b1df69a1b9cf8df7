// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"cmp"
	"slices"
)

// sortedTags returns the tags by key, the last of a key.
func sortedTags(tags []tag) []tag {
	byKey := map[string]string{}
	for _, t := range tags {
		byKey[t.Key] = t.Value
	}
	out := make([]tag, 0, len(byKey))
	for k, v := range byKey {
		out = append(out, tag{k, v})
	}
	slices.SortFunc(out, func(a, b tag) int { return cmp.Compare(a.Key, b.Key) })
	return out
}
