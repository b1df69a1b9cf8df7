// SPDX-License-Identifier: Apache-2.0

// Package typed writes commands as a person would type them.
package typed

import "strings"

// Args writes arguments with quotes where a shell needs them.
func Args(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		if quoted[i] = a; strings.ContainsAny(a, " {}*|\"$()") {
			quoted[i] = "'" + a + "'"
		}
	}
	return strings.Join(quoted, " ")
}
