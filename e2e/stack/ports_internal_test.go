// SPDX-License-Identifier: Apache-2.0

package stack

import "testing"

// TestMark: a port that one stack is about to use is no other's.
func TestMark(t *testing.T) {
	first, ok := mark(t.Context(), []int{1, 2})
	if !ok {
		t.Fatal("want free ports marked")
	}
	if _, ok := mark(t.Context(), []int{3, 2}); ok {
		t.Error("want a port that is marked refused")
	}
	third, ok := mark(t.Context(), []int{3})
	if !ok {
		t.Error("want nothing marked by who was refused")
	}
	unmark(first)
	again, ok := mark(t.Context(), []int{2})
	if !ok {
		t.Error("want ports given back")
	}
	unmark(append(third, again...))
}
