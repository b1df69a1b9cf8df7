// SPDX-License-Identifier: Apache-2.0

package container

import (
	"slices"
	"strconv"
	"strings"
)

// versions are those that clusters can have, oldest first.
func versions() []string {
	return []string{
		"1.31.9-gke.1400", "1.32.6-gke.1100", "1.33.2-gke.1100", "1.33.4-gke.1200", "1.34.1-gke.1300", "1.35.0-gke.1000",
	}
}

// defaultVersion is what a new cluster gets that asks for none.
const defaultVersion = "1.34"

// resolve returns the version that an alias stands for: the latest that it begins.
func resolve(alias string) (string, bool) {
	for _, v := range slices.Backward(versions()) {
		if v == alias || strings.HasPrefix(v, alias+".") || strings.HasPrefix(v, alias+"-") {
			return v, true
		}
	}
	return "", false
}

func minor(version string) int {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(parts[1]) // those of versions() are numbers
	return n
}

// older says whether a version is older than another.
func older(version, than string) bool {
	return slices.Index(versions(), version) < slices.Index(versions(), than)
}

// mostBehind is how many minors nodes may be behind their control plane
// (https://cloud.google.com/kubernetes-engine/versioning).
const mostBehind = 2
