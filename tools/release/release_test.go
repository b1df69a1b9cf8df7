// SPDX-License-Identifier: Apache-2.0

package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/tools/images"
)

// fakeHelm packs a folder as helm does as far as it matters here: with the time of the moment.
const fakeHelm = `#!/usr/bin/env bash
set -euo pipefail
[ "$1" = package ] && [ "$3" = --version ] && [ "$5" = --app-version ] && [ "$7" = --destination ]
name=$(basename "$2")
copy=$(mktemp -d)
cp -r "$2" "$copy/$name"
printf 'name: %s\nversion: %s\nappVersion: %s\n' "$name" "$4" "$6" >"$copy/$name/Chart.yaml"
touch -d "@$RANDOM" "$copy/$name/Chart.yaml"
tar -czf "$8/$name-$4.tgz" -C "$copy" "$name/values.yaml" "$name/Chart.yaml"
rm -r "$copy"
`

const changelog = `# Changelog

## Unreleased

- Not yet.

## v1.2.3 (2026-11-01)

- It begins.
- It goes on.

## 1.2.2

- Before.
`

func options(t *testing.T) Options {
	t.Helper()
	root := t.TempDir()
	for path, text := range map[string]string{
		"go.work":                        "go 1.26.0\n\nuse (\n\t./a-operator\n\t./shared\n)\n",
		"shared/go.mod":                  "module github.com/crossplaneio/crossplane/shared\n\ngo 1.26.0\n",
		"a-operator/go.mod":              "module github.com/crossplaneio/crossplane/a-operator\n\ngo 1.26.0\n",
		"a-operator/main.go":             "package main\n\nfunc main() {}\n",
		"charts/a-operator/Chart.yaml":   "name: a-operator\nversion: 0.0.0\n",
		"charts/a-operator/values.yaml":  "replicas: 2\n",
		"charts/common/templates/x.yaml": "no chart: {}\n",
		"CHANGELOG.md":                   changelog,
		"helm":                           fakeHelm,
	} {
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	programs, err := Programs(root)
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Out: filepath.Join(root, "dist"), Helm: filepath.Join(root, "helm"),
		Images: images.Options{
			Root: root, Packages: programs, Archs: []string{runtime.GOARCH}, Repository: "registry.example.org", Version: "v1.2.3",
			Source: images.Source{Revision: "abc", Time: time.Unix(1e9, 0)}, Progress: io.Discard,
		},
	}
}

func TestARelease(t *testing.T) {
	o := options(t)
	stale := filepath.Join(o.Out, "images", "stale.oci.tar")
	if err := os.MkdirAll(filepath.Dir(stale), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stale, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Make(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"charts/a-operator-1.2.3.tgz", "checksums.txt", "images/a-operator_v1.2.3.oci.tar",
		"images/a-operator_v1.2.3_linux_" + runtime.GOARCH + ".spdx.json", "release-notes.md",
	}
	if diff := cmp.Diff(want, tree(t, o.Out)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	notes := read(t, filepath.Join(o.Out, "release-notes.md"))
	for _, part := range []string{"# v1.2.3\n", "Commit abc.", "- It begins.\n- It goes on.\n", "`registry.example.org/a-operator:v1.2.3` | `sha256:", "- `a-operator-1.2.3.tgz`"} {
		if !strings.Contains(notes, part) {
			t.Errorf("the notes lack %q:\n%s", part, notes)
		}
	}
	if strings.Contains(notes, "Not yet") || strings.Contains(notes, "Before") {
		t.Errorf("the notes are of another version, too:\n%s", notes)
	}
	checkSums(t, o.Out)
}

// checkSums verifies a release as its reader would, and sees that it notices a change.
func checkSums(t *testing.T, dir string) {
	t.Helper()
	verify := func() error {
		cmd := exec.Command("sha256sum", "--check", "--strict", "--quiet", "checksums.txt")
		cmd.Dir = dir
		return cmd.Run()
	}
	if err := verify(); err != nil {
		t.Errorf("checksums: %v", err)
	}
	if got, want := strings.Count(read(t, filepath.Join(dir, "checksums.txt")), "\n"), len(tree(t, dir))-1; got != want {
		t.Errorf("%d files have a checksum, want %d", got, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "release-notes.md"), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if verify() == nil {
		t.Error("a changed file has its old checksum")
	}
}

func TestTwoReleasesAreTheSame(t *testing.T) {
	var sums []string
	for range 2 {
		o := options(t)
		if err := Make(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		sums = append(sums, read(t, filepath.Join(o.Out, "checksums.txt")))
	}
	if diff := cmp.Diff(sums[0], sums[1]); diff != "" {
		t.Errorf("checksums:\n%s", diff)
	}
}

func TestAChartIsOfTheRelease(t *testing.T) {
	o := options(t)
	if err := Make(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	compressed, err := gzip.NewReader(strings.NewReader(read(t, filepath.Join(o.Out, "charts", "a-operator-1.2.3.tgz"))))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	archive := tar.NewReader(compressed)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := io.Copy(&content, archive); err != nil {
			t.Fatal(err)
		}
		found[header.Name] = content.String()
	}
	want := map[string]string{
		"a-operator/Chart.yaml":  "name: a-operator\nversion: 1.2.3\nappVersion: v1.2.3\n",
		"a-operator/values.yaml": "replicas: 2\n",
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestVersions(t *testing.T) {
	for version, good := range map[string]bool{
		"v0.1.0": true, "v1.20.3-rc.1": true, "v0.0.0-e2e": true,
		"": false, "0.1.0": false, "v1.2": false, "v01.2.3": false, "v1.2.3+dirty": false, "latest": false,
	} {
		o := options(t)
		o.Images.Version = version
		o.Images.Packages = nil // nothing is built in vain
		if err := Make(t.Context(), o); errors.Is(err, ErrVersion) == good {
			t.Errorf("%q: %v", version, err)
		}
	}
}

func TestChangesOf(t *testing.T) {
	for version, want := range map[string]string{
		"v1.2.3": "- It begins.\n- It goes on.", "v1.2.2": "- Before.", "v2.0.0": "- Not yet.",
	} {
		if got, err := changesOf(changelog, version); err != nil || got != want {
			t.Errorf("%s: %q, %v", version, got, err)
		}
	}
	if _, err := changesOf("# Changelog\n\n## Unreleased\n", "v1.0.0"); !errors.Is(err, errNoChanges) {
		t.Errorf("a changelog that says nothing: %v", err)
	}
}

func tree(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		found = append(found, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
