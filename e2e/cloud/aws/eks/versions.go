// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"slices"
)

// defaultVersion is what a new cluster gets that asks for none.
const defaultVersion = "1.34"

// versions are the minor versions that clusters can have, oldest first.
func versions() []string { return []string{"1.31", "1.32", "1.33", "1.34", "1.35"} }

// release is the version of a node group's machine image.
func release(version string) string { return version + ".2-20261101" }

// kubelet is the version that a node of it reports.
func kubelet(version string) string { return "v" + version + ".2" }

// next says whether a version is the one after another.
func next(version, after string) bool {
	i := slices.Index(versions(), after)
	return i >= 0 && i+1 < len(versions()) && versions()[i+1] == version
}

// newer says whether a version is newer than another.
func newer(version, than string) bool {
	return slices.Index(versions(), version) > slices.Index(versions(), than)
}
