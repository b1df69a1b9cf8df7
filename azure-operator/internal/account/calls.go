// SPDX-License-Identifier: Apache-2.0

package account

import (
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/crossplaneio/crossplane/shared/budget"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/metrics"
)

// Families of calls that share a limit.
const (
	familyReads   = "reads"
	familyWrites  = "writes"
	familyDeletes = "deletes"
)

// limits are below what Azure publishes for a subscription, of which the
// operator is not the only user: buckets of 250 reads that fill by 25 a second, of
// 200 writes and 200 deletes that fill by 10 (Azure Resource Manager, "Understand
// how Azure Resource Manager throttles requests"). The services behind have
// limits of their own: where they answer "slow down", the budget follows.
func limits(key budget.Key) budget.Limit {
	if key.Family == familyReads {
		return budget.Limit{Rate: 20, Burst: 200}
	}
	return budget.Limit{Rate: 8, Burst: 150}
}

func family(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead:
		return familyReads
	case http.MethodDelete:
		return familyDeletes
	default:
		return familyWrites
	}
}

// accounted makes each call of the account wait for its turn, and counts it.
type accounted struct{ account *Account }

// Do implements policy.Policy.
func (p accounted) Do(req *policy.Request) (*http.Response, error) {
	ctx, key := req.Raw().Context(), budget.Key{Account: p.account.subscription, Family: family(req.Raw().Method)}
	if err := p.account.budgets.Acquire(ctx, key, budget.PriorityOf(ctx)); err != nil {
		return nil, err
	}
	begun := time.Now()
	response, err := req.Next()
	judged := err
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		judged = runtime.NewResponseError(response)
	}
	judged = Classify(judged)
	if f := fault.Of(judged); f != nil && staleToken(f.Code) {
		p.account.credential.renew()
	}
	p.account.budgets.Report(key, judged)
	operation, _ := ctx.Value(runtime.CtxAPINameKey{}).(string)
	metrics.CloudCall("azure", service(req.Raw().URL.Path), operation, time.Since(begun), judged)
	return response, err //nolint:wrapcheck // a policy hands on what it gets
}

// service is the provider of resources that a call goes to.
func service(path string) string {
	_, rest, found := strings.Cut(path, "/providers/")
	if !found {
		return "Microsoft.Resources"
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}
