// SPDX-License-Identifier: Apache-2.0

package account

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"google.golang.org/api/googleapi"

	"github.com/crossplaneio/crossplane/shared/budget"
	"github.com/crossplaneio/crossplane/shared/metrics"
)

// limits are below what Google publishes, of which the operator is not the only
// user: for Cloud SQL 180 queries a minute and user (quotas page of the API in
// the console; counted in windows of a minute), for Compute Engine 1500 a minute and
// project for reads and as many for changes ("API rate quotas"), for the others
// 600 a minute and more.
func limits(key budget.Key) budget.Limit {
	switch key.Family {
	case "sqladmin":
		return budget.Limit{Rate: 2.5, Burst: 90}
	case "compute":
		return budget.Limit{Rate: 15, Burst: 300}
	default:
		return budget.Limit{Rate: 5, Burst: 100}
	}
}

type operationKey struct{}

// named returns a context for a call of that operation.
func named(ctx context.Context, operation string) context.Context {
	return context.WithValue(ctx, operationKey{}, operation)
}

func background() context.Context { return context.Background() }

// CallError says which call went wrong.
type CallError struct {
	Operation string
	Err       error
}

// Error implements error.
func (e *CallError) Error() string { return fmt.Sprintf("%s: %v", e.Operation, e.Err) }

// Unwrap implements the errors package's convention.
func (e *CallError) Unwrap() error { return e.Err }

// Do makes a call under the name that Google has for it: "instances.get".
func Do[T any](ctx context.Context, operation string, call func(context.Context) (T, error)) (T, error) {
	out, err := call(named(ctx, operation))
	if err != nil {
		var none T
		return none, &CallError{operation, err}
	}
	return out, nil
}

// client returns a client whose calls of a service wait for their turn, and are
// counted.
func (a *Account) client(service string, rt http.RoundTripper) *http.Client {
	return &http.Client{Transport: accounted{a, service, rt}, Timeout: callTimeout}
}

type accounted struct {
	account *Account
	service string
	next    http.RoundTripper
}

// mostRefusal is how much of a refusal is looked at, in bytes.
const mostRefusal = 64 << 10

// RoundTrip implements http.RoundTripper.
func (t accounted) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	key := budget.Key{Account: t.account.whose(), Family: t.service}
	if err := t.account.budgets.Acquire(ctx, key, budget.PriorityOf(ctx)); err != nil {
		return nil, err
	}
	operation, ok := ctx.Value(operationKey{}).(string)
	if !ok {
		operation = "token" // the only one that a library makes by itself
	}
	begun := time.Now()
	response, err := t.next.RoundTrip(r)
	judged := Classify(err)
	if err == nil {
		judged = Classify(refusal(response))
	}
	t.account.budgets.Report(key, judged)
	metrics.CloudCall("gcp", t.service, operation, time.Since(begun), judged)
	return response, err //nolint:wrapcheck // a transport hands on what it gets
}

// refusal returns the error that an answer is, and leaves the answer as it was.
func refusal(response *http.Response) error {
	if response.StatusCode < http.StatusMultipleChoices {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, mostRefusal))
	_ = response.Body.Close() // what was read is put back
	response.Body = io.NopCloser(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("reading a refusal: %w", err)
	}
	seen := *response
	seen.Body = io.NopCloser(bytes.NewReader(text))
	return googleapi.CheckResponse(&seen) //nolint:wrapcheck // it is judged where it is asked for
}
