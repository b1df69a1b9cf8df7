// SPDX-License-Identifier: Apache-2.0

package account

import (
	"regexp"
	"strings"
)

// ownerPart is how many characters of an owner id make a name unique.
const ownerPart = 8

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// Name returns a name that people recognize and that nobody else has: from an
// object's name and its owner id, of lower-case letters, digits and hyphens, beginning with a letter, and
// at most longest characters long.
func Name(object, owner string, longest int) string {
	unique := "-" + notInNames.ReplaceAllString(strings.ToLower(owner[:min(len(owner), ownerPart)]), "")
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(object), "-"), "-")
	if name == "" || name[0] < 'a' {
		name = strings.TrimSuffix("x-"+name, "-")
	}
	name = strings.Trim(name[:min(len(name), longest-len(unique))], "-")
	return name + strings.TrimSuffix(unique, "-")
}
