// SPDX-License-Identifier: Apache-2.0

// Command release puts a version's images, charts, bills of materials, notes and checksums into a
// folder.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/crossplaneio/crossplane/tools/images"
	"github.com/crossplaneio/crossplane/tools/release"
)

func main() {
	o := release.Options{Images: images.Options{Progress: os.Stdout}}
	root := flag.String("root", "..", "the root of the repository")
	flag.StringVar(&o.Out, "out", "../dist", "folder for what is released")
	flag.StringVar(&o.Helm, "helm", "../.cache/bin/helm", "the program helm")
	flag.StringVar(&o.Images.Version, "version", "", "the version, for example v0.1.0")
	flag.StringVar(&o.Images.Repository, "repository", images.DefaultRepository, "what images are named under")
	archs := flag.String("archs", strings.Join(images.Architectures(), ","), "architectures, separated by commas")
	dirty := flag.Bool("dirty", false, "release what is in no commit, to try it")
	flag.Parse()
	o.Images.Archs = strings.FieldsFunc(*archs, func(r rune) bool { return r == ',' || r == ' ' })
	if err := run(context.Background(), o, *root, *dirty); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o release.Options, root string, dirty bool) error {
	var err error
	for _, path := range []*string{&root, &o.Out, &o.Helm} {
		if *path, err = filepath.Abs(*path); err != nil {
			return fmt.Errorf("making a path absolute: %w", err)
		}
	}
	o.Images.Root = root
	if o.Images.Packages, err = release.Programs(root); err != nil {
		return err
	}
	if o.Images.Source, err = images.SourceOf(ctx, root); err != nil {
		return err
	}
	if strings.HasSuffix(o.Images.Source.Revision, "-dirty") && !dirty {
		return release.ErrDirty
	}
	return release.Make(ctx, o)
}
