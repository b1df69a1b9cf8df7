// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/ec2"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
)

// defaultRegion is where calls that name no region go.
const defaultRegion = "us-east-1"

func checkRegion(service, region string) error {
	if slices.Contains(ec2.Regions(), region) {
		return nil
	}
	return iam.BadRegion(service)
}
