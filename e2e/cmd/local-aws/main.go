// SPDX-License-Identifier: Apache-2.0

// Command local-aws serves a local AWS: RDS, EC2, IAM, EKS and STS for the real
// SDK, with real databases behind RDS's endpoints and, given --control-plane, real
// API servers behind EKS's. When it is ready it prints one line, "listening on
// http://ADDRESS:PORT". SIGTERM ends it, its databases and its API servers.
package main

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
)

func main() {
	program.Program{Name: "local-aws", New: func(o program.Options) (program.Cloud, error) { return aws.New(o) }}.Main()
}
