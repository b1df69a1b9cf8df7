// SPDX-License-Identifier: Apache-2.0

// Command generate writes deep copies, CRDs, RBAC and the API reference.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/crossplaneio/crossplane/tools/generate"
)

func main() {
	root := flag.String("root", "..", "the root of the repository")
	flag.Parse()
	if err := run(context.Background(), *root); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string) error {
	abs, err := filepath.Abs(root)
	if err != nil {
		return fmt.Errorf("finding the root: %w", err)
	}
	generator := generate.Generator{
		Root: abs, Tools: filepath.Join(abs, ".cache", "bin"),
		Say: func(format string, args ...any) { fmt.Printf("generate: "+format+"\n", args...) },
	}
	return generator.All(ctx)
}
