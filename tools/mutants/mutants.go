// SPDX-License-Identifier: Apache-2.0

// Package mutants proves that tests test: it plants one fault at a time in a copy of a file
// and expects the test that is named for it to fail. The work tree is never written to.
package mutants

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// A Mutant is a fault in one file and the test that must see it.
type Mutant struct {
	Name    string `json:"name"`    // what the fault means to a user
	File    string `json:"file"`    // relative to the root
	Find    string `json:"find"`    // occurs exactly once in the file
	Replace string `json:"replace"` // takes its place
	Package string `json:"package"` // the folder of the test, relative to the root
	Test    string `json:"test"`    // a regular expression, as for go test -run
}

// An Outcome of planting a mutant.
type Outcome string

// The outcomes. Whatever is not Killed is a failure of the run.
const (
	Killed    Outcome = "killed"
	Survived  Outcome = "SURVIVED"
	NotFound  Outcome = "NOT FOUND"   // its text is not in the file exactly once
	NoCompile Outcome = "NO COMPILE"  // the mutant is no program
	NoTest    Outcome = "NO TEST"     // no test has that name
	Broken    Outcome = "TEST BROKEN" // the test fails without the mutant
)

// Read reads the list of mutants.
func Read(file string) ([]Mutant, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading mutants: %w", err)
	}
	var list []Mutant
	if err := yaml.UnmarshalStrict(raw, &list); err != nil {
		return nil, fmt.Errorf("reading mutants: %w", err)
	}
	for number, mutant := range list {
		if err := mutant.check(); err != nil {
			return nil, fmt.Errorf("mutant %d (%s): %w", number+1, mutant.Name, err)
		}
	}
	return list, nil
}

func (m Mutant) check() error {
	fields := map[string]string{"name": m.Name, "file": m.File, "find": m.Find, "package": m.Package, "test": m.Test}
	for field, value := range fields {
		if value == "" {
			return fmt.Errorf("has no %s", field)
		}
	}
	if m.Find == m.Replace {
		return fmt.Errorf("changes nothing")
	}
	if _, err := regexp.Compile(m.Test); err != nil {
		return fmt.Errorf("test: %w", err)
	}
	return nil
}

// text is the mutated file, or nothing where the text to replace is not there exactly once.
func (m Mutant) text(root string) (string, bool) {
	raw, err := os.ReadFile(filepath.Join(root, m.File))
	if err != nil || strings.Count(string(raw), m.Find) != 1 {
		return "", false
	}
	return strings.Replace(string(raw), m.Find, m.Replace, 1), true
}
