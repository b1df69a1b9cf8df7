// SPDX-License-Identifier: Apache-2.0

// Command tidy brings go.mod and go.sum of every module of the workspace in order, and to the
// same versions.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/crossplaneio/crossplane/tools/level"
)

func main() {
	root := flag.String("root", "..", "the root of the repository")
	flag.Parse()
	if err := level.Fix(context.Background(), *root); err != nil {
		fmt.Fprintln(os.Stderr, "tidy:", err)
		os.Exit(1)
	}
}
