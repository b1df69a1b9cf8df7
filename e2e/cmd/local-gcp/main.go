// SPDX-License-Identifier: Apache-2.0

// Command local-gcp serves a local Google Cloud: Cloud SQL, Kubernetes Engine,
// networks and access tokens for Google's own clients, with real databases behind
// Cloud SQL's addresses and, given --control-plane, real API servers behind clusters'.
// When it is ready it prints one line, "listening on http://ADDRESS:PORT". SIGTERM ends
// it, its databases and its API servers.
package main

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

func main() {
	program.Program{Name: "local-gcp", New: func(o program.Options) (program.Cloud, error) { return gcp.New(o) }}.Main()
}
