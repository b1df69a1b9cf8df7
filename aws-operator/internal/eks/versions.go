// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"strconv"
	"strings"
)

// minor returns the second part of a version of Kubernetes, -1 of what is none.
func minor(version string) int {
	_, rest, _ := strings.Cut(version, ".")
	text, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// newer says whether a version is newer than another; of none it is not.
func newer(version, than string) bool {
	return minor(version) >= 0 && minor(than) >= 0 && minor(version) > minor(than)
}

// nextMinor is the version after another: EKS skips none.
func nextMinor(version string) string { return "1." + strconv.Itoa(minor(version)+1) }
