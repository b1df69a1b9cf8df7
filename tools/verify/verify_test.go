// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/tools/level"
	"github.com/crossplaneio/crossplane/tools/verify"
	"github.com/crossplaneio/crossplane/tools/workspace"
)

func TestRun(t *testing.T) {
	check := func(problems []string, err error) verify.Check {
		return verify.Check{Name: "it", Find: func(context.Context, string) ([]string, error) { return problems, err }}
	}
	tests := map[string]struct {
		check  verify.Check
		failed bool
		said   string
	}{
		"nothing found":    {check(nil, nil), false, "ok"},
		"a problem":        {check([]string{"a.go: is bad"}, nil), true, "a.go: is bad"},
		"an error":         {check(nil, errors.New("no such tool")), true, "no such tool"},
		"out of reach":     {check(nil, fmt.Errorf("%w: offline", verify.ErrNotChecked)), false, "NOT CHECKED"},
		"half out of it":   {check([]string{"a.go: is bad"}, verify.ErrNotChecked), true, "a.go: is bad"},
		"one of two fails": {check([]string{"a.go: is bad"}, nil), true, "FAILED"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			err := verify.Run(t.Context(), &said, "", test.check, check(nil, nil))
			if errors.Is(err, verify.ErrFailed) != test.failed || !strings.Contains(said.String(), test.said) {
				t.Errorf("want failed %v and %q, got %v and %q", test.failed, test.said, err, said.String())
			}
		})
	}
}

const crd = "charts/aws-operator/generated/crds/a.yaml"

func TestGenerated(t *testing.T) {
	tests := map[string]struct {
		after map[string]string
		want  []string
	}{
		"as committed":              {},
		"another file changed":      {after: map[string]string{"a.go": "package b\n"}},
		"differs":                   {after: map[string]string{crd: "changed"}, want: []string{crd}},
		"not committed":             {after: map[string]string{"api/zz_generated.deepcopy.go": "package api\n"}, want: []string{"api/zz_generated.deepcopy.go"}},
		"a reference not committed": {after: map[string]string{"docs/reference/x.md": "# x\n"}, want: []string{"docs/reference/x.md"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := repository(t, map[string]string{"a.go": "package a\n", crd: "as generated"})
			write(t, root, test.after)
			found, err := verify.Generated().Find(t.Context(), root)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, paths(found)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestFormat(t *testing.T) {
	root := repository(t, map[string]string{
		"good.go": "package a\n", "bad.go": "package  a\n", "testdata/odd.go": "package  a\n", ".gitignore": "ignored.go\n",
	})
	write(t, root, map[string]string{"new.go": "package a\nfunc f(){}\n", "ignored.go": "package  a\n"})
	found, err := verify.Format().Find(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bad.go", "new.go"}, paths(found)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestHouseAndSignOffAreAsked(t *testing.T) {
	root := repository(t, map[string]string{"go.work": "go 1.26.0\n", "a.go": "package a\n"})
	for _, check := range []verify.Check{verify.House(), verify.SignOff()} {
		if found, err := check.Find(t.Context(), root); err != nil || len(found) != 1 {
			t.Errorf("%s: want one finding, got %q, %v", check.Name, found, err)
		}
	}
}

// Two modules, a and b, import the same third one. Alone, each is built from the version that
// it requires; together, both from the newer one.
func TestLevel(t *testing.T) {
	tests := map[string]struct {
		a, b string
		want []string
	}{
		"level":   {a: "v1.0.0", b: "v1.0.0"},
		"a lower": {a: "v1.0.0", b: "v1.1.0", want: []string{"a: uses example.org/dep v1.0.0 alone and v1.1.0 in the workspace"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			proxy(t)
			root := t.TempDir()
			write(t, root, map[string]string{"go.work": "go 1.26.0\n\nuse (\n\t./a\n\t./b\n)\n"})
			tidy(t, root, "a", test.a)
			tidy(t, root, "b", test.b)
			found, err := verify.Level().Find(t.Context(), root)
			if err != nil {
				t.Fatal(err)
			}
			for i, line := range found {
				found[i], _, _ = strings.Cut(line, ": run")
			}
			if diff := cmp.Diff(test.want, found); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err := level.Fix(t.Context(), root); err != nil {
				t.Fatal(err)
			}
			if found, err := verify.Level().Find(t.Context(), root); err != nil || len(found) > 0 {
				t.Errorf("want none after it was repaired, got %q, %v", found, err)
			}
		})
	}
}

func TestTidy(t *testing.T) {
	proxy(t)
	root := t.TempDir()
	write(t, root, map[string]string{"go.work": "go 1.26.0\n\nuse (\n\t./a\n\t./b\n)\n"})
	tidy(t, root, "a", "v1.0.0")
	tidy(t, root, "b", "v1.0.0")
	write(t, root, map[string]string{"b/b.go": "package b\n", "b/go.sum": ""})
	found, err := verify.Tidy().Find(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || !strings.Contains(found[0], "-require example.org/dep v1.0.0") || !strings.HasPrefix(found[1], "b: ") {
		t.Errorf("want the line that b needs no more, got %q", found)
	}
}

func TestTidySaysWhatItCouldNotAsk(t *testing.T) {
	proxy(t)
	root := t.TempDir()
	write(t, root, map[string]string{"go.work": "go 1.26.0\n\nuse ./a\n"})
	tidy(t, root, "a", "v1.0.0")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOPROXY", "off")
	if found, err := verify.Tidy().Find(t.Context(), root); !errors.Is(err, verify.ErrNotChecked) || len(found) > 0 {
		t.Errorf("want %v, got %q, %v", verify.ErrNotChecked, found, err)
	}
}

// tidy makes a tidy module that imports the package of the proxy at a version.
func tidy(t *testing.T, root, name, version string) {
	t.Helper()
	write(t, root, map[string]string{
		name + "/go.mod":          "module example.org/" + name + "\n\ngo 1.26.0\n\nrequire example.org/dep " + version + "\n",
		name + "/" + name + ".go": "package " + name + "\n\nimport _ \"example.org/dep\"\n",
	})
	if _, err := workspace.Run(t.Context(), filepath.Join(root, name), workspace.Alone(), "go", "mod", "tidy"); err != nil {
		t.Fatal(err)
	}
}

// proxy lets the go command of this test know one module, in two versions, and no other.
func proxy(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	const at = "example.org/dep/@v/"
	for _, version := range []string{"v1.0.0", "v1.1.0"} {
		write(t, dir, map[string]string{
			at + version + ".info": fmt.Sprintf("{%q: %q}", "Version", version),
			at + version + ".mod":  "module example.org/dep\n",
			at + version + ".zip":  archive(t, "example.org/dep@"+version),
		})
	}
	write(t, dir, map[string]string{at + "list": "v1.0.0\nv1.1.0\n"})
	for name, value := range map[string]string{
		"GOPROXY": "file://" + dir, "GOMODCACHE": t.TempDir(), "GONOSUMDB": "*",
		"GOFLAGS": "-modcacherw", "GOWORK": "",
	} {
		t.Setenv(name, value)
	}
}

func archive(t *testing.T, prefix string) string {
	t.Helper()
	var raw bytes.Buffer
	archive := zip.NewWriter(&raw)
	for name, text := range map[string]string{"go.mod": "module example.org/dep\n", "dep.go": "package dep\n"} {
		file, err := archive.Create(prefix + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return raw.String()
}

// repository has the files in one commit, which nobody signed off.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{"GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"} {
		t.Setenv(name, "A Person")
	}
	for _, name := range []string{"GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"} {
		t.Setenv(name, "a@example.org")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	write(t, root, files)
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"commit", "-q", "-m", "all of it"}} {
		if _, err := workspace.Run(t.Context(), root, nil, "git", args...); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(root, fstest.MapFS{name: &fstest.MapFile{Data: []byte(text), Mode: 0o644}}); err != nil {
			t.Fatal(err)
		}
	}
}

func paths(problems []string) []string {
	var found []string
	for _, problem := range problems {
		path, _, _ := strings.Cut(problem, ":")
		found = append(found, path)
	}
	return found
}
