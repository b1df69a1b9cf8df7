// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"net/http"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/ec2"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// defaultRegion is where calls that name no region go.
const defaultRegion = "us-east-1"

func checkRegion(region string) error {
	if slices.Contains(ec2.Regions(), region) {
		return nil
	}
	return &local.Error{Code: "SignatureDoesNotMatch", Message: "Credential should be scoped to a valid region.", Status: http.StatusForbidden}
}
