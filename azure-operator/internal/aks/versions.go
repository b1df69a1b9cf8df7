// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"strconv"
	"strings"
)

// parts returns the numbers of a version of Kubernetes; none of what is no version.
func parts(version string) []int {
	var out []int
	for text := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// minor returns the second part of a version, -1 of what has none.
func minor(version string) int {
	if p := parts(version); len(p) > 1 {
		return p[1]
	}
	return -1
}

// newer says whether a version is newer than another, as far as both are exact:
// 1.33 is not newer than 1.33.2, and not older. Of no version it is not.
func newer(version, than string) bool {
	a, b := parts(version), parts(than)
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i] > b[i]
		}
	}
	return false
}

// asExact cuts a version to as many parts as another has.
func asExact(version, as string) string {
	all := strings.Split(version, ".")
	return strings.Join(all[:min(len(all), strings.Count(as, ".")+1)], ".")
}

// next is what a control plane is upgraded to on the way to a version: AKS skips
// no minor.
func next(want, have string) string {
	if step := minor(have) + 1; minor(want) > step {
		return "1." + strconv.Itoa(step)
	}
	return want
}

// targetVersion is what nodes should have now: no more than the control plane,
// which goes first.
func targetVersion(want, controlPlane string) string {
	if want == "" || newer(want, controlPlane) {
		return controlPlane
	}
	return want
}
