// SPDX-License-Identifier: Apache-2.0

// Command house checks the rules of the house and prints what violates them.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/crossplaneio/crossplane/tools/house"
	"github.com/crossplaneio/crossplane/tools/workspace"
)

func main() {
	root := flag.String("root", "..", "the root of the repository")
	flag.Parse()
	if err := run(context.Background(), *root); err != nil {
		fmt.Fprintln(os.Stderr, "house:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string) error {
	paths, err := workspace.Tracked(ctx, root)
	if err != nil {
		return fmt.Errorf("listing the tree: %w", err)
	}
	tree, err := house.Load(root, paths)
	if err != nil {
		return fmt.Errorf("loading the tree: %w", err)
	}
	found := house.Run(tree)
	for _, finding := range found {
		fmt.Println(finding)
	}
	if len(found) > 0 {
		return fmt.Errorf("%d violations", len(found))
	}
	fmt.Printf("house: %d rules hold in %d files\n", len(house.Checks()), len(tree.Files))
	return nil
}
