// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/policy"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// faultsOfPolicies holds all calls that operators made against what the documents say
// that they have to be allowed.
func faultsOfPolicies(ctx context.Context) []string {
	root, err := kubetest.Root()
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	for cloud, documented := range map[string]struct {
		document string
		needs    func(local.CallCount) []string
	}{
		stack.LocalAWS:   {"aws.md", policy.OfAWS},
		stack.LocalAzure: {"azure.md", policy.OfAzure},
		stack.LocalGCP:   {"gcp.md", policy.OfGCP},
	} {
		allowed, err := policy.Read(filepath.Join(root, "docs", "operations", documented.document))
		if err != nil {
			return append(faults, err.Error())
		}
		control, err := world.Control(cloud)
		if err != nil {
			continue // no story was about it
		}
		calls, err := control.Calls(ctx)
		if err != nil {
			return append(faults, err.Error())
		}
		for _, action := range allowed.Beyond(calls, documented.needs) {
			faults = append(faults, fmt.Sprintf("docs/operations/%s does not allow %s, and it was called", documented.document, action))
		}
	}
	return faults
}
