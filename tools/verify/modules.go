// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// outOfReach is how the go command says that it could not ask for a module.
var outOfReach = regexp.MustCompile(`(?m)(reading|Get "?)\s*https?://.*$|lookup disabled by GOPROXY=off`)

// Tidy finds modules whose go.mod or go.sum `go mod tidy` would change.
func Tidy() Check {
	return Check{Name: "tidy", Find: func(ctx context.Context, root string) ([]string, error) {
		dirs, err := tidyDirs(root)
		if err != nil {
			return nil, err
		}
		var problems []string
		var unchecked error
		for _, dir := range dirs {
			diff, err := workspace.Run(ctx, filepath.Join(root, dir), workspace.Alone(), "go", "mod", "tidy", "-diff")
			switch {
			case diff != "":
				problems = append(problems, strings.TrimSpace(diff), dir+": is not tidy: run `GOWORK=off go mod tidy` there")
			case err != nil && outOfReach.MatchString(err.Error()):
				unchecked = fmt.Errorf("%w: %s: %s", ErrNotChecked, dir, outOfReach.FindString(err.Error()))
			case err != nil:
				return problems, fmt.Errorf("tidying: %w", err)
			}
		}
		return problems, unchecked
	}}
}

// tidyDirs are the modules of the workspace and those of the tools.
func tidyDirs(root string) ([]string, error) {
	modules, err := workspace.Modules(root)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, module := range modules {
		dirs = append(dirs, module.Dir)
	}
	for _, dir := range []string{"tools", "tools/vuln"} {
		if _, err := os.Stat(filepath.Join(root, dir, "go.mod")); err == nil {
			dirs = append(dirs, dir)
		}
	}
	return dirs, nil
}

// Level finds modules that are built from other versions alone than in the workspace. Only
// versions of what is really imported count, by tests too: the rest is never built.
func Level() Check {
	return Check{Name: "level", Find: func(ctx context.Context, root string) ([]string, error) {
		modules, err := workspace.Modules(root)
		if err != nil {
			return nil, err
		}
		var problems []string
		for _, module := range modules {
			dir := filepath.Join(root, module.Dir)
			if !workspace.HasGo(dir) {
				continue
			}
			found, err := level(ctx, dir, module.Dir)
			if err != nil {
				return problems, err
			}
			problems = append(problems, found...)
		}
		return problems, nil
	}}
}

func level(ctx context.Context, dir, name string) ([]string, error) {
	alone, err := versions(ctx, dir, workspace.Alone())
	if err != nil {
		return nil, err
	}
	joined, err := versions(ctx, dir, append(os.Environ(), "GOWORK="))
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, path := range slices.Sorted(maps.Keys(joined)) {
		if alone[path] != joined[path] {
			problems = append(problems, fmt.Sprintf("%s: uses %s %s alone and %s in the workspace: run `go work sync`",
				name, path, orNone(alone[path]), joined[path]))
		}
	}
	return problems, nil
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

func orNone(version string) string {
	if version == "" {
		return "none"
	}
	return version
}
