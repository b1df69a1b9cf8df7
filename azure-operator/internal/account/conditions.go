// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// OnlyNew makes calls create what is not there, and change nothing that is: the
// Resource Manager knows no other difference between the two.
func OnlyNew(ctx context.Context) context.Context {
	return policy.WithHTTPHeader(ctx, http.Header{"If-None-Match": {"*"}})
}
