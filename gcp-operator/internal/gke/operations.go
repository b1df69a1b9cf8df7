// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"context"
	"strings"
	"time"

	"google.golang.org/api/container/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// failedLately is for how long a change that failed is not asked for again.
const failedLately = 10 * time.Minute

// failedBefore is why the change that mr was asked for last failed, not long ago,
// if GKE had begun it: asking again at once would fail again. link ends with what
// the operation is about.
func failedBefore(ctx context.Context, api operations, mr managed.Resource, location, link string, now time.Time) error {
	if _, status := mr.Managed(); status.ObservedGeneration != mr.GetGeneration() {
		return nil // it was changed since, and that may be what helps
	}
	all, err := api.Operations(ctx, location)
	if err != nil {
		return err
	}
	last := lastOf(all, link)
	if last == nil || last.Error == nil {
		return nil
	}
	ended, err := time.Parse(time.RFC3339, last.EndTime)
	if err != nil || now.Sub(ended) > failedLately {
		return nil //nolint:nilerr // what ended at no known time was long ago
	}
	return account.StatusFault("operation "+last.OperationType, last.Error.Code, last.Error.Message)
}

// lastOf returns the operation about a target that began last, nil if there was
// none.
func lastOf(all []*container.Operation, link string) *container.Operation {
	var last *container.Operation
	for _, op := range all {
		if strings.HasSuffix(op.TargetLink, link) && (last == nil || op.StartTime > last.StartTime) {
			last = op
		}
	}
	return last
}
