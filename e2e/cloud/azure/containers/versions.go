// SPDX-License-Identifier: Apache-2.0

package containers

import (
	"slices"
	"strconv"
	"strings"
)

// defaultVersion is what a new cluster gets that asks for none.
const defaultVersion = "1.34"

// minors are the minor versions that clusters can have, oldest first. Of each
// there are the patches 1 and 2.
func minors() []string { return []string{"1.31", "1.32", "1.33", "1.34", "1.35"} }

// full completes a version with the newest patch; "" of one that there is not.
func full(version string) string {
	parts := strings.Split(version, ".")
	known := len(parts) > 1 && slices.Contains(minors(), parts[0]+"."+parts[1])
	switch {
	case known && len(parts) == 2:
		return version + ".2"
	case known && len(parts) == 3 && (parts[2] == "1" || parts[2] == "2"):
		return version
	default:
		return ""
	}
}

// fits says whether what runs is what is asked for.
func fits(asked, running string) bool {
	return running == asked || strings.HasPrefix(running, asked+".")
}

func minor(version string) int {
	parts := strings.Split(version, ".")
	if len(parts) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(parts[1]) // it was checked
	return n
}

// older compares complete versions.
func older(a, b string) bool { return minor(a) < minor(b) || minor(a) == minor(b) && a < b }
