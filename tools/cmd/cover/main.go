// SPDX-License-Identifier: Apache-2.0

// Command cover runs the tests of the modules it is given and fails where they cover too little.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"

	"github.com/crossplaneio/crossplane/tools/coverage"
	"github.com/crossplaneio/crossplane/tools/workspace"
)

var errTooLittle = errors.New("too little is covered")

func main() {
	root := flag.String("root", "..", "the root of the repository")
	least := flag.Float64("min", 85, "the percentage of statements that must be covered")
	flag.Parse()
	failed := false
	for _, module := range flag.Args() {
		if err := run(context.Background(), *root, module, *least); err != nil {
			fmt.Fprintln(os.Stderr, "cover:", err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func run(ctx context.Context, root, name string, least float64) error {
	dir := filepath.Join(root, name)
	profile, err := test(ctx, root, name)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return fmt.Errorf("reading the module: %w", err)
	}
	module, err := modfile.Parse("go.mod", raw, nil)
	if err != nil {
		return fmt.Errorf("reading the module: %w", err)
	}
	sum, packages, err := coverage.Measure(profile, dir, module)
	if err != nil {
		return fmt.Errorf("measuring %s: %w", name, err)
	}
	for _, figure := range packages {
		fmt.Printf("cover: %6.1f %%  %s/%s\n", figure.Percent(), name, figure.Name)
	}
	fmt.Printf("cover: %6.1f %%  %s, %d statements, at least %.0f %% wanted\n", sum.Percent(), name, sum.Total, least)
	if sum.Percent() < least {
		return fmt.Errorf("%w: %s", errTooLittle, name)
	}
	return nil
}

func test(ctx context.Context, root, name string) ([]byte, error) {
	temp, err := os.MkdirTemp("", "cover-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(temp)
	profile := filepath.Join(temp, "profile")
	err = workspace.Stream(ctx, os.Stdout, filepath.Join(root, name), workspace.Env(root, name),
		"go", "test", "-coverprofile="+profile, "-coverpkg=./...", "./...")
	if err != nil {
		return nil, fmt.Errorf("testing: %w", err)
	}
	raw, err := os.ReadFile(profile)
	if err != nil {
		return nil, fmt.Errorf("reading the profile: %w", err)
	}
	return raw, nil
}
