// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"strings"
	"testing"
)

// Some clouds want three kinds of characters. Of a thousand passwords of eight
// characters, drawn as they come, more than two hundred would lack one.
func TestPasswordsHaveThreeKindsOfCharacters(t *testing.T) {
	const many, length = 1000, 8
	seen := map[string]bool{}
	for range many {
		b, err := newPassword(length)
		if err != nil {
			t.Fatal(err)
		}
		password := string(b)
		digit := strings.ContainsAny(password, "0123456789")
		if len(password) != length || !digit || strings.ToLower(password) == password || strings.ToUpper(password) == password {
			t.Errorf("%d characters, a digit: %v", len(password), digit)
		}
		seen[password] = true
	}
	if len(seen) != many {
		t.Errorf("%d of %d passwords are different", len(seen), many)
	}
}
