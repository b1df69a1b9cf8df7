// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// numbers returns the parts of a version: 1.33.2-gke.100 is 1, 33, 2 and 100. A
// part that is no number is -1.
func numbers(version string) []int {
	var out []int
	for part := range strings.SplitSeq(strings.Replace(version, "-gke", "", 1), ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = -1
		}
		out = append(out, n)
	}
	return out
}

// minor returns the second part of a version, -1 of what is none.
func minor(version string) int {
	if n := numbers(version); len(n) > 1 {
		return n[1]
	}
	return -1
}

// newer says whether a version is newer than another, as far as both are given:
// 1.33 is not newer than 1.33.2-gke.100, and not older either. Of none it is not.
func newer(version, than string) bool {
	if minor(version) < 0 || minor(than) < 0 {
		return false
	}
	a, b := numbers(version), numbers(than)
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(a[i], b[i]); c != 0 {
			return c > 0
		}
	}
	return false
}

// towards is the next step from one version to another: GKE skips no minor.
func towards(version, from string) string {
	if next := minor(from) + 1; minor(version) > next {
		return fmt.Sprintf("1.%d", next)
	}
	return version
}
