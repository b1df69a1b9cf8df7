// SPDX-License-Identifier: Apache-2.0

// Command vuln runs govulncheck over every module of the workspace.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/crossplaneio/crossplane/tools/vulncheck"
	"github.com/crossplaneio/crossplane/tools/workspace"
)

func main() {
	root := flag.String("root", "..", "the root of the repository")
	database := flag.String("db", os.Getenv("VULNDB"), "the database's URL, file://... for a folder")
	flag.Parse()
	line, ok := vulncheck.Verdict(run(context.Background(), *root, cmp.Or(*database, vulncheck.Public)))
	fmt.Println(line)
	if !ok {
		os.Exit(1)
	}
}

func run(ctx context.Context, root, database string) error {
	abs, err := filepath.Abs(root)
	if err != nil {
		return fmt.Errorf("finding the root: %w", err)
	}
	modules, err := workspace.Modules(abs)
	if err != nil {
		return err
	}
	var dirs []string
	for _, module := range modules {
		dirs = append(dirs, module.Dir)
	}
	scanner := vulncheck.Scanner{Root: abs, Tool: filepath.Join(abs, ".cache/bin/govulncheck"), Database: database, Out: os.Stdout}
	return scanner.Scan(ctx, append(dirs, "tools")...)
}
