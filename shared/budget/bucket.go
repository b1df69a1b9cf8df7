// SPDX-License-Identifier: Apache-2.0

package budget

import (
	"context"
	"slices"
	"sync"
	"time"
)

// bucket is one budget.
type bucket struct {
	limit Limit

	mu      sync.Mutex
	tokens  float64
	filled  time.Time // when tokens was reckoned
	breaker breaker
	waiting []*waiter   // in the order in which they will be served
	wake    *time.Timer // for the next of them
}

type waiter struct {
	priority Priority
	served   chan struct{}
}

func newBucket(l Limit) *bucket {
	b := &bucket{limit: l, tokens: float64(l.Burst), filled: time.Now(), breaker: breaker{share: 1}}
	b.wake = time.AfterFunc(time.Hour, b.serveNow)
	return b
}

// acquire takes a token. If it has none to give in time it returns false and how
// long it might take.
func (b *bucket) acquire(ctx context.Context, p Priority) (time.Duration, bool) {
	w, wait := b.join(p)
	if w == nil {
		return wait, false
	}
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	select {
	case <-w.served:
		return 0, true
	case <-ctx.Done():
	case <-patience.C:
	}
	return Patience, !b.leave(w)
}

// join lets somebody wait, unless it would be for longer than Patience.
func (b *bucket) join(p Priority) (*waiter, time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.fill(now)
	place, _ := slices.BinarySearchFunc(b.waiting, p, func(w *waiter, p Priority) int {
		if w.priority >= p {
			return -1
		}
		return 1
	})
	if wait := b.due(now, p, place); wait > Patience {
		return nil, wait
	}
	w := &waiter{priority: p, served: make(chan struct{})}
	b.waiting = slices.Insert(b.waiting, place, w)
	b.serve(now)
	return w, 0
}

// leave takes back a waiter; it returns false for one that was served meanwhile.
func (b *bucket) leave(w *waiter) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.waiting, w)
	if i < 0 {
		return false
	}
	b.waiting = slices.Delete(b.waiting, i, i+1)
	b.serve(time.Now())
	return true
}

// throttled is told that the cloud said "slow down".
func (b *bucket) throttled(retryAfter time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.fill(now)
	if b.breaker.trip(now, retryAfter) {
		b.tokens = 0
	}
	b.serve(now)
}

// answered is told that the cloud said anything else.
func (b *bucket) answered() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.fill(now)
	b.breaker.succeeded(now)
}

func (b *bucket) serveNow() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.serve(time.Now())
}

// serve gives tokens to those who are due, and sets the timer for the next.
func (b *bucket) serve(now time.Time) {
	b.fill(now)
	for len(b.waiting) > 0 {
		w := b.waiting[0]
		if wait := b.due(now, w.priority, 0); wait > 0 {
			b.wake.Reset(wait)
			return
		}
		b.tokens--
		b.waiting = slices.Delete(b.waiting, 0, 1)
		close(w.served)
	}
}

// fill adds the tokens of the time that has passed. While the breaker is open
// there are none.
func (b *bucket) fill(now time.Time) {
	since := b.filled
	if b.breaker.until.After(since) {
		since = b.breaker.until
	}
	if now.After(since) {
		b.tokens = min(float64(b.limit.Burst), b.tokens+now.Sub(since).Seconds()*b.rate())
	}
	b.filled = now
}

func (b *bucket) rate() float64 { return b.limit.Rate * b.breaker.share }

// due says how long somebody has to wait who has so many before him. b is filled.
func (b *bucket) due(now time.Time, p Priority, before int) time.Duration {
	missing := float64(before) + 1 + b.reserve(p) - b.tokens
	if missing <= roundingError {
		return b.breaker.closed(now)
	}
	return b.breaker.closed(now) + time.Duration(missing/b.rate()*float64(time.Second)) + time.Nanosecond
}

// roundingError of the tokens, so that who has waited his time is not sent away.
const roundingError = 1e-6

// reserve is how many tokens those of a priority leave for the higher ones, who
// then need not wait at all. It leaves them at least one.
func (b *bucket) reserve(p Priority) float64 {
	const each = 0.1 // of the burst, for each higher priority
	return each * float64(Delete-p) * float64(b.limit.Burst-1)
}
