// SPDX-License-Identifier: Apache-2.0

package database

import "testing"

// TestNetworksAreNobodyElses: with networks drawn by lot, two in sixty would be the
// same more often than not.
func TestNetworksAreNobodyElses(t *testing.T) {
	seen := map[byte]bool{}
	for range 60 {
		n, err := claimNetwork()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.release)
		if seen[n.number] {
			t.Fatalf("127.%d is given twice", n.number)
		}
		seen[n.number] = true
	}
}
