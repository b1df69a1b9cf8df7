// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// Get reads what is at a path of Resource Manager, for example a resource's id, in
// a version of its API, into a pointer to a struct. It serves the few calls for
// which a client of the SDK's, of several megabytes, would be too much; operation is
// the name that such a client gives the call. Its error is the SDK's.
func (a *Account) Get(ctx context.Context, operation, path, version string, into any) error {
	c, err := Client(a, func(_ string, c azcore.TokenCredential, o *arm.ClientOptions) (*arm.Client, error) {
		return arm.NewClient("reader", "v1.0.0", c, o)
	})
	if err != nil {
		return err
	}
	ctx = context.WithValue(ctx, runtime.CtxAPINameKey{}, operation)
	req, err := runtime.NewRequest(ctx, http.MethodGet, runtime.JoinPaths(c.Endpoint(), path))
	if err != nil {
		return fmt.Errorf("asking for %s: %w", path, err)
	}
	req.Raw().URL.RawQuery = "api-version=" + version
	response, err := c.Pipeline().Do(req)
	if err != nil {
		return err //nolint:wrapcheck // Classify judges it
	}
	defer func() { _ = response.Body.Close() }() // it is read, or of no interest
	if response.StatusCode != http.StatusOK {
		return runtime.NewResponseError(response) //nolint:wrapcheck // the same
	}
	if err := runtime.UnmarshalAsJSON(response, into); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}
