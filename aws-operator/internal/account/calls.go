// SPDX-License-Identifier: Apache-2.0

package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/crossplaneio/crossplane/shared/budget"
	"github.com/crossplaneio/crossplane/shared/metrics"
)

// Families of calls that share a limit.
const (
	familyEC2Reads  = "ec2-describe"
	familyEC2Writes = "ec2"
)

// limits are below what AWS publishes for an account and region, of which the
// operator is not the only user: for EC2 a bucket of 100 reads that fills by 20
// a second, and of 50 changes that fills by 5 (EC2 developer guide, "Request
// throttling"); for STS 600 a second (IAM user guide, quotas). For RDS nothing
// is published: where it answers "slow down", the budget follows.
func limits(key budget.Key) budget.Limit {
	switch key.Family {
	case familyEC2Reads:
		return budget.Limit{Rate: 15, Burst: 75}
	case familyEC2Writes:
		return budget.Limit{Rate: 4, Burst: 40}
	default:
		return budget.Limit{Rate: 50, Burst: 500}
	}
}

// family names the limit that a call counts against.
func family(service, operation string) string {
	service = strings.ToLower(service)
	if service == "ec2" && strings.HasPrefix(operation, "Describe") {
		return familyEC2Reads
	}
	return service
}

// accounted makes each attempt of each call of the account wait for its turn,
// and counts it.
func (a *Account) accounted(stack *middleware.Stack) error {
	call := middleware.FinalizeMiddlewareFunc("Account", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
		out middleware.FinalizeOutput, meta middleware.Metadata, err error,
	) {
		service, operation := awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)
		key := budget.Key{Account: a.payer(), Region: awsmiddleware.GetRegion(ctx), Family: family(service, operation)}
		if err := a.budgets.Acquire(ctx, key, budget.PriorityOf(ctx)); err != nil {
			return out, meta, err
		}
		begun := time.Now()
		out, meta, err = next.HandleFinalize(ctx, in)
		judged := Classify(err)
		a.budgets.Report(key, judged)
		metrics.CloudCall("aws", service, operation, time.Since(begun), judged)
		return out, meta, err //nolint:wrapcheck // a middleware hands on what it gets
	})
	if err := stack.Finalize.Insert(call, "Retry", middleware.After); err != nil {
		return fmt.Errorf("accounting for calls: %w", err)
	}
	return nil
}
