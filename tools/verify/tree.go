// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"bytes"
	"context"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"

	"github.com/crossplaneio/crossplane/tools/generate"
	"github.com/crossplaneio/crossplane/tools/house"
	"github.com/crossplaneio/crossplane/tools/signoff"
	"github.com/crossplaneio/crossplane/tools/workspace"
)

// Generated finds generated files that differ from those in git; generate first.
func Generated() Check {
	return Check{Name: "generated", Find: func(ctx context.Context, root string) ([]string, error) {
		changed, err := gitNames(ctx, root, "diff", "--name-only", "--")
		if err != nil {
			return nil, err
		}
		unknown, err := gitNames(ctx, root, "ls-files", "--others", "--exclude-standard", "--")
		if err != nil {
			return nil, err
		}
		var problems []string
		for _, name := range changed {
			problems = append(problems, name+": differs from what is generated: run `make generate` and commit it")
		}
		for _, name := range unknown {
			problems = append(problems, name+": is generated and not in git: commit it")
		}
		return problems, nil
	}}
}

func gitNames(ctx context.Context, root string, args ...string) ([]string, error) {
	out, err := workspace.Run(ctx, root, nil, "git", append(args, generate.Paths()...)...)
	return strings.Fields(out), err
}

// House finds violations of the rules of the house.
func House() Check {
	return Check{Name: "house", Find: func(ctx context.Context, root string) ([]string, error) {
		paths, err := workspace.Tracked(ctx, root)
		if err != nil {
			return nil, fmt.Errorf("listing the tree: %w", err)
		}
		tree, err := house.Load(root, paths)
		if err != nil {
			return nil, fmt.Errorf("loading the tree: %w", err)
		}
		var problems []string
		for _, finding := range house.Run(tree) {
			problems = append(problems, finding.String())
		}
		return problems, nil
	}}
}

// Format finds Go files that gofmt would change.
func Format() Check {
	return Check{Name: "format", Find: func(ctx context.Context, root string) ([]string, error) {
		paths, err := workspace.Tracked(ctx, root)
		if err != nil {
			return nil, fmt.Errorf("listing the tree: %w", err)
		}
		var problems []string
		for _, path := range paths {
			if !strings.HasSuffix(path, ".go") || strings.Contains(path, "testdata/") {
				continue
			}
			text, err := os.ReadFile(filepath.Join(root, path))
			if err != nil {
				return nil, fmt.Errorf("reading the tree: %w", err)
			}
			if formatted, err := format.Source(text); err != nil || !bytes.Equal(formatted, text) {
				problems = append(problems, path+": is not formatted: run `gofmt -w` on it")
			}
		}
		return problems, nil
	}}
}

// SignOff finds commits without a sign-off.
func SignOff() Check {
	return Check{Name: "sign-off", Find: func(ctx context.Context, root string) ([]string, error) {
		missing, _, err := signoff.Missing(ctx, root)
		if err != nil {
			return nil, fmt.Errorf("checking sign-offs: %w", err)
		}
		var problems []string
		for _, commit := range missing {
			problems = append(problems, commit.String()+": is not signed off: see CONTRIBUTING.md")
		}
		return problems, nil
	}}
}
