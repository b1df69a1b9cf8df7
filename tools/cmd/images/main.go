// SPDX-License-Identifier: Apache-2.0

// Command images makes container images of programs as OCI archives, and with -push writes such
// archives to a registry.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/crossplaneio/crossplane/tools/images"
)

func main() {
	o := images.Options{Progress: os.Stdout}
	flag.StringVar(&o.Root, "root", "..", "the root of the repository")
	flag.StringVar(&o.Out, "out", "../dist/images", "folder for archives and bills of materials")
	flag.StringVar(&o.Version, "version", "0.1.0-dev", "version of the programs, and tag of the images")
	flag.StringVar(&o.Repository, "repository", images.DefaultRepository, "what images are named under")
	archs := flag.String("archs", runtime.GOARCH, "architectures, separated by commas: "+strings.Join(images.Architectures(), ", "))
	registry := flag.String("push", "", "registry to write the archives to that are named, in place of making any")
	flag.Parse()
	o.Packages, o.Archs = flag.Args(), strings.FieldsFunc(*archs, func(r rune) bool { return r == ',' || r == ' ' })
	if err := run(context.Background(), o, *registry); err != nil {
		fmt.Fprintln(os.Stderr, "images:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o images.Options, registry string) error {
	if registry != "" {
		return images.Push(ctx, o.Progress, registry, o.Packages...)
	}
	var err error
	if o.Source, err = images.SourceOf(ctx, o.Root); err != nil {
		return err
	}
	_, err = images.Make(ctx, o)
	return err
}
