// SPDX-License-Identifier: Apache-2.0

// Package level finds modules that are built from other versions alone than in the workspace,
// and brings them to the same.
package level

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// A Difference is a dependency of which a module gets one version alone and another one in the
// workspace. Alone is empty where it gets none.
type Difference struct {
	Module string // the folder
	Path   string // the dependency
	Alone  string
	Joined string
}

// String says so to whoever has to repair it.
func (d Difference) String() string {
	return fmt.Sprintf("%s: uses %s %s alone and %s in the workspace: run `make tidy`", d.Module, d.Path, d.Alone, d.Joined)
}

// Find looks at every module of the workspace. Only what is really imported counts, by tests
// too: the rest is never built.
func Find(ctx context.Context, root string) ([]Difference, error) {
	modules, err := workspace.Modules(root)
	if err != nil {
		return nil, err
	}
	var differences []Difference
	for _, module := range modules {
		if !workspace.HasGo(filepath.Join(root, module.Dir)) {
			continue
		}
		found, err := compare(ctx, root, module.Dir)
		if err != nil {
			return nil, err
		}
		differences = append(differences, found...)
	}
	return differences, nil
}

func compare(ctx context.Context, root, module string) ([]Difference, error) {
	dir := filepath.Join(root, module)
	alone, err := versions(ctx, dir, workspace.Alone())
	if err != nil {
		return nil, err
	}
	joined, err := versions(ctx, dir, append(os.Environ(), "GOWORK="))
	if err != nil {
		return nil, err
	}
	var differences []Difference
	for _, path := range slices.Sorted(maps.Keys(joined)) {
		if alone[path] != joined[path] {
			differences = append(differences, Difference{Module: module, Path: path, Alone: alone[path], Joined: joined[path]})
		}
	}
	return differences, nil
}

// versions tells for each module from which something is imported which version it is. Our own
// have none.
func versions(ctx context.Context, dir string, env []string) (map[string]string, error) {
	const format = "{{with .Module}}{{.Path}} {{with .Replace}}{{.Path}} {{end}}{{.Version}}{{end}}"
	out, err := workspace.Run(ctx, dir, env, "go", "list", "-deps", "-test", "-f", format, "./...")
	if err != nil {
		return nil, fmt.Errorf("listing versions: %w", err)
	}
	found := map[string]string{}
	for line := range strings.Lines(out) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		if path != "" && !strings.HasPrefix(path, workspace.Base) {
			found[path] = version
		}
	}
	return found, nil
}

// Fix tidies every module and raises what differs to the version of the workspace, again and
// again because that can raise something else. (`go work sync` should do this, and passes over
// a module without a word where it can't.)
func Fix(ctx context.Context, root string) error {
	const rounds = 5
	for range rounds {
		if err := tidy(ctx, root); err != nil {
			return err
		}
		differences, err := Find(ctx, root)
		if err != nil {
			return err
		}
		if len(differences) == 0 {
			return nil
		}
		if err := raise(ctx, root, differences); err != nil {
			return err
		}
	}
	return fmt.Errorf("versions still differ after %d rounds", rounds)
}

func tidy(ctx context.Context, root string) error {
	modules, err := workspace.Modules(root)
	if err != nil {
		return err
	}
	for _, module := range modules {
		if _, err := workspace.Run(ctx, filepath.Join(root, module.Dir), workspace.Alone(), "go", "mod", "tidy"); err != nil {
			return fmt.Errorf("tidying: %w", err)
		}
	}
	return nil
}

func raise(ctx context.Context, root string, differences []Difference) error {
	wanted := map[string][]string{}
	for _, d := range differences {
		wanted[d.Module] = append(wanted[d.Module], d.Path+"@"+d.Joined)
	}
	for _, module := range slices.Sorted(maps.Keys(wanted)) {
		args := append([]string{"get"}, wanted[module]...)
		if _, err := workspace.Run(ctx, filepath.Join(root, module), workspace.Alone(), "go", args...); err != nil {
			return fmt.Errorf("raising versions: %w", err)
		}
	}
	return nil
}
