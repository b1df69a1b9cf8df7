// SPDX-License-Identifier: Apache-2.0

// Command dco checks that every commit is signed off.
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
	if err := verify.Run(context.Background(), os.Stdout, *root, verify.SignOff()); err != nil {
		os.Exit(1)
	}
}
