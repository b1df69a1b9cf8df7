// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSync(t *testing.T) {
	tests := map[string]struct{ have, made, want map[string]string }{
		"from nothing":                {have: nil, made: map[string]string{"a": "1"}, want: map[string]string{"a": "1"}},
		"changed":                     {have: map[string]string{"a": "1"}, made: map[string]string{"a": "2"}, want: map[string]string{"a": "2"}},
		"no longer generated":         {have: map[string]string{"a": "1", "b": "1"}, made: map[string]string{"a": "1"}, want: map[string]string{"a": "1"}},
		"nothing is generated at all": {have: map[string]string{"a": "1"}, made: nil, want: map[string]string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			from, to := folder(t, test.made), folder(t, test.have)
			if err := sync(from, to); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, content(t, to)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSyncLeavesAloneWhatIsRight(t *testing.T) {
	from, to := folder(t, map[string]string{"a": "1"}), folder(t, map[string]string{"a": "1"})
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(filepath.Join(to, "a"), old, old); err != nil {
		t.Fatal(err)
	}
	if err := sync(from, to); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(to, "a")); err != nil || !info.ModTime().Equal(old) {
		t.Errorf("a file that is as it should be was written: %v", err)
	}
}

func TestTidy(t *testing.T) {
	dir := folder(t, map[string]string{"a": "\n\n# A  \n\n\n\n\t\ntext \n  \n"})
	if err := tidy(filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "# A\n\ntext\n"}, content(t, dir)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestMentions(t *testing.T) {
	tests := map[string]struct {
		file, text string
		want       bool
	}{
		"a marker":             {"a.go", "// +kubebuilder:rbac:groups=apps\n", true},
		"without a space":      {"a.go", "//+kubebuilder:rbac:groups=apps\n", true},
		"only spoken of":       {"a.go", "// see +kubebuilder:rbac:groups=apps\n", false},
		"in a string":          {"a.go", "\"+kubebuilder:rbac:\"\n", false},
		"in another language":  {"a.md", "// +kubebuilder:rbac:groups=apps\n", false},
		"nothing of that kind": {"a.go", "package a\n", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mentions(folder(t, map[string]string{test.file: test.text}), "+kubebuilder:rbac:"); got != test.want {
				t.Errorf("want %v, got %v", test.want, got)
			}
		})
	}
}

// folder holds the files; nil makes a path at which there is no folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "folder")
	if files == nil {
		return dir
	}
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	if err := os.CopyFS(dir, tree); err != nil {
		t.Fatal(err)
	}
	return dir
}

func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
