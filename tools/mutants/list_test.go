// SPDX-License-Identifier: Apache-2.0

package mutants

import (
	"path/filepath"
	"testing"
)

// TestTheListFitsTheCode looks only whether each fault can still be planted where
// the list says: whether it is killed takes long (`make mutants`).
func TestTheListFitsTheCode(t *testing.T) {
	root := filepath.Join("..", "..")
	list, err := Read(filepath.Join("..", "mutants.yaml"))
	if err != nil || len(list) == 0 {
		t.Fatalf("%d mutants, %v", len(list), err)
	}
	for _, mutant := range list {
		if _, ok := mutant.text(root); !ok {
			t.Errorf("%s: what it replaces is not in %s exactly once", mutant.Name, mutant.File)
		}
	}
}
