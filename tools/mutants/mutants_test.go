// SPDX-License-Identifier: Apache-2.0

package mutants_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossplaneio/crossplane/tools/mutants"
)

// program is a module with one function, a test that tests it and others that do not.
func program() map[string]string {
	return map[string]string{
		"m/go.mod": "module example.org/m\n\ngo 1.26.0\n",
		"m/max/max.go": `package max

func Max(a, b int) int {
	if a > b {
		return a
	}
	return b
}
`,
		"m/max/max_test.go": `package max

import "testing"

func TestMax(t *testing.T) {
	if Max(2, 1) != 2 {
		t.Error("want the larger one")
	}
}

func TestBlind(*testing.T) { Max(2, 1) }

func TestAlwaysFails(t *testing.T) { t.Error("always") }
`,
	}
}

func TestPlant(t *testing.T) {
	root := write(t, program())
	tests := map[string]struct {
		find, replace, test string
		want                mutants.Outcome
	}{
		"seen":                       {"a > b", "a < b", "^TestMax$", mutants.Killed},
		"seen as a panic":            {"return a\n", "panic(a)\n", "^TestMax$", mutants.Killed},
		"not seen":                   {"a > b", "a < b", "^TestBlind$", mutants.Survived},
		"no program":                 {"a > b", "a >", "^TestMax$", mutants.NoCompile},
		"text that is not there":     {"a >= b", "a < b", "^TestMax$", mutants.NotFound},
		"text that is there twice":   {"return", "panic", "^TestMax$", mutants.NotFound},
		"no test of that name":       {"a > b", "a < b", "^TestMin$", mutants.NoTest},
		"a test that fails anyway":   {"a > b", "a < b", "^TestAlwaysFails$", mutants.Broken},
		"what only vet would see":    {"a > b", "a > b || a > b", "^TestMax$", mutants.Survived},
		"a fault in the last branch": {"return b", "return a", "^TestMax$", mutants.Survived},
	}
	runner := &mutants.Runner{Root: root}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := runner.Plant(t.Context(), mutants.Mutant{
				Name: name, File: "m/max/max.go", Find: test.find, Replace: test.replace, Package: "m/max", Test: test.test,
			})
			if err != nil || got != test.want {
				t.Errorf("want %q, got %q, %v", test.want, got, err)
			}
		})
	}
	untouched(t, root, program())
}

func TestAFileThatIsGoneIsNotFound(t *testing.T) {
	runner := &mutants.Runner{Root: write(t, program())}
	got, err := runner.Plant(t.Context(), mutants.Mutant{File: "m/max/min.go", Find: "a", Package: "m/max", Test: "TestMax"})
	if err != nil || got != mutants.NotFound {
		t.Errorf("want %q, got %q, %v", mutants.NotFound, got, err)
	}
}

func TestRead(t *testing.T) {
	whole := map[string]string{"name": "n", "file": "f", "find": "x", "replace": "y", "package": "p", "test": "T"}
	tests := map[string]struct {
		change map[string]string
		want   string
	}{
		"whole":                   {},
		"no test":                 {map[string]string{"test": ""}, "has no test"},
		"no file":                 {map[string]string{"file": ""}, "has no file"},
		"nothing changed":         {map[string]string{"replace": "x"}, "changes nothing"},
		"no regular expression":   {map[string]string{"test": "("}, "test:"},
		"a field nobody knows of": {map[string]string{"tests": "T"}, "unknown field"},
		"a deletion":              {map[string]string{"replace": ""}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			entry := maps.Clone(whole)
			maps.Copy(entry, test.change)
			text := "-"
			for key, value := range entry {
				text += " " + key + ": \"" + value + "\"\n "
			}
			root := write(t, map[string]string{"list.yaml": text})
			_, err := mutants.Read(filepath.Join(root, "list.yaml"))
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("want an error with %q, got %v", test.want, err)
			}
		})
	}
}

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func untouched(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(got) != want {
			t.Errorf("%s was written to: %v", name, err)
		}
	}
}
