// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"
)

// NotRun is a fence that no test can run or apply, and why.
type NotRun struct {
	Document string `json:"document"`
	First    string `json:"first"` // the fence's first line
	Why      string `json:"why"`
}

// notRunFile lists them, relative to the root.
const notRunFile = "docs/not-run.yaml"

// ListNotRun returns what the list has.
func ListNotRun(root string) ([]NotRun, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(notRunFile)))
	if err != nil {
		return nil, fmt.Errorf("reading what is not run: %w", err)
	}
	var list []NotRun
	if err := yaml.UnmarshalStrict(text, &list); err != nil {
		return nil, fmt.Errorf("reading %s: %w", notRunFile, err)
	}
	return list, nil
}

// Unlisted complains of console fences that are not on the list, and of entries
// of the list that are not needed or give no reason.
func Unlisted(documents []Document, list []NotRun) []string {
	var found []string
	used := map[NotRun]bool{}
	for _, d := range documents {
		for _, f := range d.Fences {
			entry, listed := excused(list, d, f)
			switch {
			case listed && (f.Language == Console || f.Language == "yaml"):
				used[entry] = true
			case f.Language == Console:
				found = append(found, fmt.Sprintf("%s:%d: %q is not run and not in %s", d.Path, f.Line, f.First(), notRunFile))
			}
		}
	}
	for _, entry := range list {
		if !used[entry] {
			found = append(found, fmt.Sprintf("%s: %s has no fence to excuse that begins with %q", notRunFile, entry.Document, entry.First))
		}
		if strings.TrimSpace(entry.Why) == "" {
			found = append(found, fmt.Sprintf("%s: why can %q of %s not be run?", notRunFile, entry.First, entry.Document))
		}
	}
	return found
}

// excused returns the entry for a fence, if there is one.
func excused(list []NotRun, d Document, f Fence) (NotRun, bool) {
	for _, entry := range list {
		if entry.Document == d.Path && entry.First == f.First() {
			return entry, true
		}
	}
	return NotRun{}, false
}
