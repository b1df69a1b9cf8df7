// SPDX-License-Identifier: Apache-2.0

// Command verify checks what must be true of every commit. Generate first.
package main

import (
	"context"
	"flag"
	"os"

	"github.com/crossplaneio/crossplane/tools/verify"
)

func main() {
	root := flag.String("root", "..", "the root of the repository")
	flag.Parse()
	if err := verify.Run(context.Background(), os.Stdout, *root, verify.All()...); err != nil {
		os.Exit(1)
	}
}
