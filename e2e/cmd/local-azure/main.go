// SPDX-License-Identifier: Apache-2.0

// Command local-azure serves a local Azure: Resource Manager, identity platform
// and metadata service for the real SDK, with real databases behind the names of
// flexible servers and, given --control-plane, real API servers behind those of
// clusters. When it is ready it prints one line, "listening on
// https://ADDRESS:PORT". SIGTERM ends it, its databases and its API servers.
package main

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/azure"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

func main() {
	program.Program{Name: "local-azure", New: func(o program.Options) (program.Cloud, error) { return azure.New(o) }}.Main()
}
