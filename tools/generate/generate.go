// SPDX-License-Identifier: Apache-2.0

// Package generate writes everything that follows from the types of the APIs and the markers in
// the code: deep copies, the registration of kinds, CRDs, RBAC, what charts have in common, and the references.
package generate

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// Paths are the git pathspecs of what is generated.
func Paths() []string {
	return []string{
		":(glob)**/zz_generated.*.go", ":(glob)docs/reference/**",
		":(glob)charts/*/generated/**", ":(glob)charts/*/templates/generated/**", ":(glob)charts/*/values.yaml", ":(glob)charts/*/values.schema.json",
	}
}

// A Generator runs the pinned tools for the repository at Root.
type Generator struct {
	Root  string
	Tools string                           // where controller-gen and crd-ref-docs are
	Say   func(format string, args ...any) // told what is being done
}

// All generates for every module of the workspace. What is no longer generated goes away.
func (g Generator) All(ctx context.Context) error {
	modules, err := workspace.Modules(g.Root)
	if err != nil {
		return err
	}
	for _, module := range modules {
		if err := g.module(ctx, module); err != nil {
			return fmt.Errorf("generating for %s: %w", module.Dir, err)
		}
	}
	return nil
}

func (g Generator) module(ctx context.Context, module workspace.Module) error {
	dir := filepath.Join(g.Root, module.Dir)
	if workspace.HasGo(filepath.Join(dir, "api")) {
		g.Say("%s: deep copies and registration", module.Dir)
		if err := register(filepath.Join(dir, "api")); err != nil {
			return err
		}
		if err := g.controllerGen(ctx, dir, "object:headerFile="+g.header(), "paths=./api/..."); err != nil {
			return err
		}
	}
	if !module.IsOperator() {
		return nil
	}
	return g.operator(ctx, module.Name(), dir)
}

// operator leaves a folder empty, and so absent, where its operator has nothing to put there.
func (g Generator) operator(ctx context.Context, name, dir string) error {
	g.Say("%s: CRDs, RBAC, reference", name)
	temp, err := os.MkdirTemp("", "generate-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(temp)

	made := output{
		crds: filepath.Join(temp, "crds"), rbac: filepath.Join(temp, "rbac"), users: filepath.Join(temp, "users"),
		reference: filepath.Join(temp, "reference"),
	}
	if err := g.write(ctx, name, dir, made); err != nil {
		return err
	}
	chart := filepath.Join(g.Root, "charts", name, "generated")
	for _, folder := range []string{made.crds, made.rbac, made.users} {
		if err := sync(folder, filepath.Join(chart, filepath.Base(folder))); err != nil {
			return err
		}
	}
	if err := g.chart(name, temp); err != nil {
		return err
	}
	for _, page := range pages(name) {
		if err := move(filepath.Join(made.reference, page), filepath.Join(g.Root, "docs", "reference", page)); err != nil {
			return err
		}
	}
	return nil
}

// pages are the files of an operator's reference: of its kinds, and of those of its own where the
// others are in shared.
func pages(name string) []string { return []string{name + ".md", name + "-managed.md"} }

// output is where an operator's files are written before they go to their places.
type output struct{ crds, rbac, users, reference string }

func (g Generator) write(ctx context.Context, name, dir string, to output) error {
	for _, k := range g.kinds(name, dir) {
		if err := g.controllerGen(ctx, k.module, "crd", "paths=./"+k.api+"/...", "output:crd:dir="+to.crds); err != nil {
			return err
		}
		if err := g.reference(ctx, k, to.reference); err != nil {
			return err
		}
	}
	if err := accessOfOthers(name, to.crds, to.rbac); err != nil {
		return err
	}
	if err := accessOfUsers(name, to.crds, to.users); err != nil {
		return err
	}
	if !mentions(dir, "+kubebuilder:rbac:") {
		return nil
	}
	return g.controllerGen(ctx, dir, "rbac:roleName="+name, "paths=./...", "output:rbac:dir="+to.rbac)
}

// source is where kinds of an operator are: in a module, in a folder of it; and the page that tells
// of them.
type source struct{ module, api, page string }

// kinds says where an operator's kinds are: in one of shared's folders that is named after it, where
// another operator writes them too, and in its own api.
func (g Generator) kinds(name, dir string) []source {
	places := []source{
		{filepath.Join(g.Root, "shared"), "api/" + strings.TrimSuffix(name, "-operator"), ""},
		{dir, "api", ""},
	}
	var found []source
	for _, place := range places {
		if workspace.HasGo(filepath.Join(place.module, place.api)) {
			place.page = pages(name)[len(found)]
			found = append(found, place)
		}
	}
	return found
}

func (g Generator) controllerGen(ctx context.Context, dir string, args ...string) error {
	_, err := workspace.Run(ctx, dir, workspace.Alone(), filepath.Join(g.Tools, "controller-gen"), args...)
	return err
}

func (g Generator) reference(ctx context.Context, of source, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	file := filepath.Join(folder, of.page)
	_, err := workspace.Run(ctx, of.module, workspace.Alone(), filepath.Join(g.Tools, "crd-ref-docs"),
		"--source-path=./"+of.api, "--config="+g.config("reference.yaml"), "--renderer=markdown",
		"--templates-dir="+g.config("templates"), "--output-path="+file, "--log-level=ERROR")
	if err != nil {
		return err
	}
	return tidy(file)
}

func (g Generator) header() string { return g.config("header.txt") }

func (g Generator) config(name string) string {
	return filepath.Join(g.Root, "tools", "generate", name)
}

// mentions tells whether a Go file in dir or below it has a line comment that starts with marker.
func mentions(dir, marker string) bool {
	found := false
	tree := os.DirFS(dir)
	_ = fs.WalkDir(tree, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || found || !strings.HasSuffix(path, ".go") {
			return err
		}
		raw, err := fs.ReadFile(tree, path)
		found = slices.ContainsFunc(strings.Split(string(raw), "\n"), func(line string) bool {
			comment, isComment := strings.CutPrefix(strings.TrimSpace(line), "//")
			return isComment && strings.HasPrefix(strings.TrimSpace(comment), marker)
		})
		return err //nolint:wrapcheck // It only ends the walk.
	})
	return found
}
