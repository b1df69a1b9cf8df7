// SPDX-License-Identifier: Apache-2.0

// Command e2e installs a release on a real node and lives with it: see package install. It needs root,
// because a node makes namespaces and mounts; what it makes is in a sandbox that ends with it. Where that
// can't be, it gets as far as the API server.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/crossplaneio/crossplane/e2e/install"
	"github.com/crossplaneio/crossplane/e2e/node"
	"github.com/crossplaneio/crossplane/e2e/node/sandbox"
)

func main() {
	inside := sandbox.Inside()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := run(ctx, inside)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, inside bool) error {
	o := install.Options{Out: os.Stdout}
	flag.StringVar(&o.Root, "root", ".", "the root of the repository")
	flag.StringVar(&o.Release, "release", ".cache/e2e/release", "folder with the release's images and charts")
	flag.StringVar(&o.Before, "before", ".cache/e2e/before", "folder with images and charts of the version that is upgraded from")
	flag.StringVar(&o.Pause, "pause", ".cache/e2e/images/pause_e2e.oci.tar", "OCI archive of the image that holds pods' namespaces")
	flag.StringVar(&o.Helm, "helm", "", "the program helm (default: .cache/bin/helm)")
	flag.StringVar(&o.Dir, "dir", ".cache/e2e/run", "folder for what is kept while it runs, and for logs")
	flag.IntVar(&o.Claims, "claims", 0, "claims that live through it all (0: 100)")
	within := flag.Duration("within", 30*time.Minute, "how long all of it may take")
	flag.Parse()
	if inside {
		return install.Run(ctx, o)
	}
	if err := sandbox.Possible(ctx); err != nil {
		fmt.Fprintf(o.Out, "There will be no node (%v). The charts are brought to a real API server; no pod runs.\n", err)
		return install.RunWithoutNode(ctx, o)
	}
	if err := node.Check(); err != nil {
		return err
	}
	err := sandbox.Run(ctx, sandbox.Options{Args: os.Args[1:], Within: *within, Out: os.Stdout})
	// Images and containers are big, and of no use to anybody who reads the logs.
	if removed := os.RemoveAll(filepath.Join(o.Dir, "node", "containerd")); removed != nil {
		fmt.Fprintln(os.Stderr, "e2e: removing containers:", removed)
	}
	return err
}
