// SPDX-License-Identifier: Apache-2.0

// Command before makes charts and images of the version that an upgrade is tried from: see package
// before. Where there is none it says why, and leaves nothing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/crossplaneio/crossplane/tools/before"
)

func main() {
	o := before.Options{Progress: os.Stdout}
	flag.StringVar(&o.Root, "root", "..", "the root of the repository")
	flag.StringVar(&o.Out, "out", "../.cache/e2e/before", "folder for what is made")
	flag.StringVar(&o.Helm, "helm", "../.cache/bin/helm", "the program helm")
	flag.StringVar(&o.Version, "version", "v0.0.0-before", "what the version is called")
	flag.StringVar(&o.Archs, "archs", runtime.GOARCH, "architectures, separated by commas")
	flag.Parse()
	o.Operators = flag.Args()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "before:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o before.Options) error {
	var err error
	for _, path := range []*string{&o.Root, &o.Out, &o.Helm} {
		if *path, err = filepath.Abs(*path); err != nil {
			return fmt.Errorf("making a path absolute: %w", err)
		}
	}
	err = before.Make(ctx, o)
	if errors.Is(err, before.ErrNone) {
		fmt.Fprintln(o.Progress, err)
		return nil
	}
	return err
}
