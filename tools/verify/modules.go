// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/crossplaneio/crossplane/tools/level"
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
				problems = append(problems, short(diff), dir+": is not tidy: run `make tidy`")
			case err != nil && outOfReach.MatchString(err.Error()):
				unchecked = fmt.Errorf("%w: %s: %s", ErrNotChecked, dir, outOfReach.FindString(err.Error()))
			case err != nil:
				problems = append(problems, dir+": can't be tidied: "+err.Error())
			}
		}
		return problems, unchecked
	}}
}

// short is the beginning of a diff: enough to see what kind of difference it is.
func short(diff string) string {
	const most = 25
	lines := strings.Split(strings.TrimSpace(diff), "\n")
	if len(lines) <= most {
		return strings.Join(lines, "\n")
	}
	return strings.Join(lines[:most], "\n") + fmt.Sprintf("\n... and %d more lines", len(lines)-most)
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

// Level finds modules that are built from other versions alone than in the workspace.
func Level() Check {
	return Check{Name: "level", Find: func(ctx context.Context, root string) ([]string, error) {
		differences, err := level.Find(ctx, root)
		if err != nil {
			return nil, fmt.Errorf("comparing versions: %w", err)
		}
		var problems []string
		for _, difference := range differences {
			problems = append(problems, difference.String())
		}
		return problems, nil
	}}
}
