// SPDX-License-Identifier: Apache-2.0

// Package budget keeps an operator below the rates at which a cloud answers with
// "slow down". Clouds count calls by account, region and family of calls, so
// there is one budget for each. A budget is a bucket of tokens, one per call;
// who deletes or creates goes before who only looks, and the last tokens are
// kept for them. When the cloud says "slow down" all the same, because others
// use the account too, the budget closes for a while and comes back slower.
//
// A provider asks in the middleware of its SDK, once for each call that is sent:
//
//	key := budget.Key{Account: account, Region: region, Family: "rds"}
//	if err := budgets.Acquire(ctx, key, budget.PriorityOf(ctx)); err != nil {
//		return err
//	}
//	answer, err := send(ctx, call)
//	budgets.Report(key, classify(err))
//
// and the reconciler of managed resources says with WithPriority what the calls
// of a pass are for.
package budget

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Key names a budget: what the cloud counts together.
type Key struct {
	Account string // the cloud's own word for it: account, project, subscription
	Region  string // empty for calls that no region answers
	Family  string // calls that share a limit, for example rds or ec2-describe
}

// Priority says what a call is for. Of two that wait, the higher goes first.
type Priority int

// The priorities.
const (
	Poll   Priority = iota // to look at what is at rest
	Event                  // to look at what has changed or is in flight
	Create                 // to make or change something
	Delete                 // to delete something, which costs money until it is gone
)

type priorityKey struct{}

// WithPriority returns a context whose calls are for p.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

// PriorityOf returns what the calls of a context are for; Event if nobody said.
func PriorityOf(ctx context.Context) Priority {
	if p, ok := ctx.Value(priorityKey{}).(Priority); ok {
		return p
	}
	return Event
}

// Limit is how fast calls may go: Rate calls per second in the long run, and
// Burst at a time after a rest. Both should be below what the cloud publishes,
// for others use the account too.
type Limit struct {
	Rate  float64 // > 0
	Burst int     // ≥ 1
}

// Patience is how long Acquire waits at most: a pass that waits holds a worker.
const Patience = 10 * time.Second

// Budgets are those of one operator. They are safe for concurrent use.
type Budgets struct {
	limit func(Key) Limit

	mu      sync.Mutex
	buckets map[Key]*bucket
}

// New returns budgets with the limits that limit names; it is called once a key.
func New(limit func(Key) Limit) *Budgets {
	return &Budgets{limit: limit, buckets: map[Key]*bucket{}}
}

// Acquire waits until a call may be sent. It returns ctx's error if that ends
// first. Where the wait would be longer than Patience it returns, most often at
// once, a *fault.Error of class Throttled with the time after which to try again.
func (b *Budgets) Acquire(ctx context.Context, key Key, p Priority) error {
	wait, ok := b.bucket(key).acquire(ctx, p)
	if ok {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("waiting for the budget of %s calls: %w", key.Family, err)
	}
	busy := fault.New(fault.Throttled, v1alpha1.ReasonThrottled, "the budget of %s calls is used up for now", key.Family)
	busy.RetryAfter = wait
	return busy
}

// Report tells what came of a call that was acquired. err is nil or the error as
// the provider classified it: of class Throttled where the cloud answered with
// "slow down", with the time that it named, if it did.
func (b *Budgets) Report(key Key, err error) {
	if fault.Is(err, fault.Throttled) {
		b.bucket(key).throttled(fault.Of(err).RetryAfter)
		return
	}
	b.bucket(key).answered()
}

func (b *Budgets) bucket(key Key) *bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.buckets[key] == nil {
		b.buckets[key] = newBucket(b.limit(key))
	}
	return b.buckets[key]
}
