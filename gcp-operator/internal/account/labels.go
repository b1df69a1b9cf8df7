// SPDX-License-Identifier: Apache-2.0

package account

import (
	"regexp"
	"strings"
)

const longestLabel = 63

var notInLabels = regexp.MustCompile(`[^a-z0-9_-]+`)

// Labels returns tags as labels. The keys of our tags and the uids in them are
// valid labels as they are; the object's name, which is for people, may not be.
func Labels(tags map[string]string) map[string]string {
	out := make(map[string]string, len(tags))
	for key, value := range tags {
		value = notInLabels.ReplaceAllString(strings.ToLower(value), "-")
		out[key] = value[:min(len(value), longestLabel)]
	}
	return out
}
