// SPDX-License-Identifier: Apache-2.0

// Package tagging turns the lists of tags that AWS's services have, each with a
// type of its own, into maps and back.
package tagging

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Map returns a service's list as a map; of reads one tag.
func Map[Tag any](list []Tag, of func(Tag) (key, value *string)) map[string]string {
	tags := make(map[string]string, len(list))
	for _, t := range list {
		key, value := of(t)
		tags[aws.ToString(key)] = aws.ToString(value)
	}
	return tags
}

// List returns a map as a service's list; as makes one tag. It is in the order of
// the keys: the same request each time.
func List[Tag any](tags map[string]string, as func(key, value *string) Tag) []Tag {
	list := make([]Tag, 0, len(tags))
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, as(aws.String(k), aws.String(tags[k])))
	}
	return list
}
