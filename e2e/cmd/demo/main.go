// SPDX-License-Identifier: Apache-2.0

// Command demo shows what the project does and fails if a step does not hold.
// STAGE names what to show; KEEP=1 leaves everything running.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/crossplaneio/crossplane/e2e/demo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := demo.Run(ctx, demo.Options{Stage: os.Getenv("STAGE"), Keep: os.Getenv("KEEP") != "", Out: os.Stdout})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
