// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"fmt"
	"strings"
)

// maxHinted is how many names a hint lists at most.
const maxHinted = 16

// Hint returns the end of a sentence which says that there is no such name: the
// one that was probably meant, or those that there are.
func Hint(name string, known []string) string {
	best, least := "", len(name)/3+1
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d <= least && (best == "" || d < least) {
			best, least = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf(": did you mean %s?", best)
	case len(known) == 0:
		return ""
	case len(known) > maxHinted:
		return fmt.Sprintf(": there are %s and %d more", strings.Join(known[:maxHinted], ", "), len(known)-maxHinted)
	default:
		return ": there are " + strings.Join(known, ", ")
	}
}

// distance returns how many letters have to be put in, taken out or replaced to
// make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
