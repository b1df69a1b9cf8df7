// SPDX-License-Identifier: Apache-2.0

// Package workspace knows the modules of this repository and how to run a command in one.
package workspace

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// Base is what the module paths of this repository start with.
const Base = "github.com/crossplaneio/crossplane/"

// A Module is one folder that has a go.mod.
type Module struct {
	Dir  string // relative to the root, with slashes
	File *modfile.File
}

// Name is the module's folder, which is also the end of its path.
func (m Module) Name() string { return filepath.Base(m.Dir) }

// IsOperator tells whether the module is an operator's.
func (m Module) IsOperator() bool { return strings.HasSuffix(m.Dir, "-operator") }

// Modules are those that go.work joins, sorted by folder.
func Modules(root string) ([]Module, error) {
	raw, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil {
		return nil, fmt.Errorf("reading the workspace: %w", err)
	}
	work, err := modfile.ParseWork("go.work", raw, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the workspace: %w", err)
	}
	modules := make([]Module, 0, len(work.Use))
	for _, use := range work.Use {
		module, err := read(root, filepath.ToSlash(filepath.Clean(use.Path)))
		if err != nil {
			return nil, err
		}
		modules = append(modules, module)
	}
	slices.SortFunc(modules, func(a, b Module) int { return strings.Compare(a.Dir, b.Dir) })
	return modules, nil
}

func read(root, dir string) (Module, error) {
	path := filepath.Join(root, dir, "go.mod")
	raw, err := os.ReadFile(path)
	if err != nil {
		return Module{}, fmt.Errorf("reading module %s: %w", dir, err)
	}
	file, err := modfile.Parse(path, raw, nil)
	if err != nil {
		return Module{}, fmt.Errorf("reading module %s: %w", dir, err)
	}
	return Module{Dir: dir, File: file}, nil
}

// HasGo tells whether a Go file lies in dir or below it, other modules left out.
func HasGo(dir string) bool {
	found := false
	walk := func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return filepath.SkipDir
		case entry.IsDir() && path != dir && exists(filepath.Join(path, "go.mod")):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go"):
			found = true
			return filepath.SkipAll
		}
		return nil
	}
	return filepath.WalkDir(dir, walk) == nil && found
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Alone is the environment in which a module is built without the workspace.
func Alone() []string { return append(os.Environ(), "GOWORK=off") }

// Env is the environment for the module in dir: one that go.work does not join is on its own.
func Env(root, dir string) []string {
	modules, err := Modules(root)
	joined := err == nil && slices.ContainsFunc(modules, func(m Module) bool { return m.Dir == dir })
	if joined {
		return os.Environ()
	}
	return Alone()
}

// Run runs a command in dir and returns what it printed to its standard output. What it
// printed to its standard error is in the error.
func Run(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, env, &stderr
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("%s in %s: %w\n%s", name, dir, err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}

// Stream runs a command in dir with its output going to out as it comes.
func Stream(ctx context.Context, out io.Writer, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s in %s: %w", name, dir, err)
	}
	return nil
}

// Tracked are the paths, relative to the root, of what git keeps or would keep: files that are
// ignored are left out, files deleted but not yet committed too.
func Tracked(ctx context.Context, root string) ([]string, error) {
	out, err := Run(ctx, root, nil, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	var paths []string
	for path := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		if info, err := os.Lstat(filepath.Join(root, path)); err == nil && info.Mode().IsRegular() {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths, nil
}
