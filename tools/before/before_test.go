// SPDX-License-Identifier: Apache-2.0

package before

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeHelm packs the one file that tells charts apart here.
const fakeHelm = `#!/usr/bin/env bash
set -euo pipefail
[ "$1" = package ] && [ "$3" = --version ] && [ "$5" = --app-version ] && [ "$7" = --destination ]
cat "$2/templates/x.yaml" >"$8/$(basename "$2")-$4.tgz"
`

// fakeImages stands for the version's own tool: what it makes tells of which version it was.
const fakeImages = `package main

import (
	"os"
	"path/filepath"
	"strings"
)

func main() {
	text, err := os.ReadFile("../program")
	if err != nil {
		panic(err)
	}
	out := os.Args[6]
	if err := os.MkdirAll(out, 0o755); err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(out, "made"), []byte(strings.Join(os.Args[1:5], " ")+" "+strings.Join(os.Args[7:], " ")+": "+string(text)), 0o600); err != nil {
		panic(err)
	}
}
`

// repository is one that commits are made in.
type repository struct {
	t    *testing.T
	root string
}

func begin(t *testing.T) repository {
	t.Helper()
	r := repository{t, t.TempDir()}
	r.git("init", "--quiet", "--initial-branch=main")
	r.write("tools/go.mod", "module tools\n\ngo 1.26\n")
	r.write("tools/cmd/images/main.go", fakeImages)
	r.write("charts/core-operator/Chart.yaml", "name: core-operator")
	r.write("charts/core-operator/templates/x.yaml", "first")
	r.write("program", "first")
	r.commit()
	return r
}

func (r repository) write(name, text string) {
	r.t.Helper()
	file := filepath.Join(r.root, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o755)); err != nil { //#nosec G306 -- one is run
		r.t.Fatal(err)
	}
}

func (r repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", append([]string{"-C", r.root, "-c", "user.name=x", "-c", "user.email=x@example.org"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit returns the new commit's id.
func (r repository) commit() string {
	r.t.Helper()
	r.git("add", "--all")
	r.git("commit", "--quiet", "--message=x")
	return r.git("rev-parse", "HEAD")
}

func (r repository) options(t *testing.T) Options {
	t.Helper()
	helm := filepath.Join(t.TempDir(), "helm")
	if err := os.WriteFile(helm, []byte(fakeHelm), 0o755); err != nil { //#nosec G306 -- it is run
		t.Fatal(err)
	}
	return Options{
		Root: r.root, Out: filepath.Join(t.TempDir(), "before"), Helm: helm, Operators: []string{"core-operator"},
		Archs: "amd64", Version: "v0.0.0-before", Progress: io.Discard,
	}
}

func TestWhichCommit(t *testing.T) {
	r := begin(t)
	is := func(what, want string) {
		t.Helper()
		if got, err := Commit(t.Context(), r.root, []string{"core-operator"}); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", what, got, err, want)
		}
	}
	first := r.git("rev-parse", "HEAD")
	r.write("charts/core-operator/templates/x.yaml", "second")
	is("a template, in no commit", first)
	second := r.commit()
	is("a template", first)
	r.write("charts/core-operator/generated/crds/x.yaml", "third")
	is("a definition after it, in no commit", first)
	third := r.commit()
	is("a definition after it", first)
	r.write("charts/common/templates/x.yaml", "what they have in common")
	is("a template again, in no commit", second)
	fourth := r.commit()
	is("a template again", second)
	r.write("program", "fifth")
	r.write("charts/aws-operator/templates/x.yaml", "another operator's")
	r.write("charts/aws-operator/generated/crds/x.yaml", "another operator's")
	r.commit()
	is("what no chart of these installs", second)
	r.write("charts/core-operator/generated/crds/new.yaml", "new")
	is("a definition again", third)
	r.commit()
	r.git("checkout", "--quiet", fourth)
	is("an older one", second)
}

func TestWhereThereIsNone(t *testing.T) {
	r := begin(t)
	if _, err := Commit(t.Context(), r.root, []string{"core-operator"}); !errors.Is(err, ErrNone) {
		t.Errorf("the first commit: %v", err)
	}
	r.write("charts/core-operator/templates/x.yaml", "second")
	r.commit()
	shallow := filepath.Join(t.TempDir(), "shallow")
	r.git("clone", "--quiet", "--depth=1", "file://"+r.root, shallow)
	if _, err := Commit(t.Context(), shallow, []string{"core-operator"}); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "shallow") {
		t.Errorf("a shallow clone: %v", err)
	}
	if _, err := Commit(t.Context(), t.TempDir(), []string{"core-operator"}); !errors.Is(err, ErrNone) {
		t.Errorf("no repository: %v", err)
	}
	r.write("charts/new-operator/Chart.yaml", "name: new-operator")
	r.write("charts/new-operator/templates/x.yaml", "first")
	r.commit()
	if _, err := Commit(t.Context(), r.root, []string{"new-operator"}); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "no charts") {
		t.Errorf("a new chart: %v", err)
	}
}

func TestMake(t *testing.T) {
	r := begin(t)
	first := r.git("rev-parse", "HEAD")
	r.write("charts/core-operator/templates/x.yaml", "second")
	r.write("program", "second")
	r.commit()
	o := r.options(t)
	made := func() map[string]string {
		t.Helper()
		found := map[string]string{}
		for _, name := range []string{"commit", "images/made", "charts/core-operator-0.0.0-before.tgz"} {
			text, err := os.ReadFile(filepath.Join(o.Out, name))
			if err != nil {
				t.Error(err)
			}
			found[name] = string(text)
		}
		return found
	}
	want := map[string]string{
		"commit": first, "images/made": "-version v0.0.0-before -archs amd64 core-operator: first", "charts/core-operator-0.0.0-before.tgz": "first",
	}
	for range 2 {
		if err := Make(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, made()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	if trees := r.git("worktree", "list"); strings.Contains(trees, "\n") {
		t.Errorf("left: %s", trees)
	}

	// It is made once.
	if err := os.Remove(filepath.Join(o.Out, "images", "made")); err != nil {
		t.Fatal(err)
	}
	if err := Make(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(o.Out, "images", "made")); err == nil {
		t.Error("it was made again")
	}
	r.write("charts/core-operator/templates/x.yaml", "third")
	if err := Make(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	want["commit"], want["images/made"] = r.git("rev-parse", "HEAD"), strings.ReplaceAll(want["images/made"], "first", "second")
	want["charts/core-operator-0.0.0-before.tgz"] = "second"
	if diff := cmp.Diff(want, made()); diff != "" {
		t.Errorf("of another commit (-want +got):\n%s", diff)
	}
}

func TestWhatCanNotBeMadeLeavesNothing(t *testing.T) {
	r := begin(t)
	r.write("tools/cmd/images/main.go", "no program")
	r.commit()
	r.write("charts/core-operator/templates/x.yaml", "third")
	r.commit()
	o := r.options(t)
	if err := Make(t.Context(), o); !errors.Is(err, ErrNone) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(o.Out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left: %v", err)
	}
	if trees := r.git("worktree", "list"); strings.Contains(trees, "\n") {
		t.Errorf("left: %s", trees)
	}
}
