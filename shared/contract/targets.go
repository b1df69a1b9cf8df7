// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// longestTargetName is how many characters a target's name has at most.
const longestTargetName = 63

// TargetName returns the name of the target that is made of a claim: its namespace
// and name with a dot between them, which no namespace has in its name. What is too
// long ends in a mark.
func TargetName(namespace, claim string) string {
	name := namespace + "." + claim
	if len(name) <= longestTargetName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	const mark = 9
	return strings.TrimRight(name[:longestTargetName-mark], "-.") + "-" + hex.EncodeToString(sum[:])[:mark-1]
}
