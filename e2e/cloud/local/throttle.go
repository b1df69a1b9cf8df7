// SPDX-License-Identifier: Apache-2.0

package local

import (
	"sync"
	"time"
)

// Throttle keeps a token bucket per account, region and limit.
type Throttle struct {
	settings *SettingsStore
	mu       sync.Mutex
	buckets  map[bucketKey]*bucket
}

type bucketKey struct{ account, region, limit string }

type bucket struct {
	tokens float64
	filled time.Time
}

// Allows takes a token for the call and says whether there was one. Time is
// the real one, whatever the cloud's clock says: callers wait in real time.
func (t *Throttle) Allows(c Call) bool {
	limit, rate := t.settings.rate(c.Service, c.Operation)
	if rate == (Rate{}) {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bucket(bucketKey{c.Account, c.Region, limit}, rate).take(rate, time.Now())
}

func (t *Throttle) bucket(key bucketKey, rate Rate) *bucket {
	if t.buckets == nil {
		t.buckets = map[bucketKey]*bucket{}
	}
	b, ok := t.buckets[key]
	if !ok {
		b = &bucket{tokens: float64(rate.Burst), filled: time.Now()}
		t.buckets[key] = b
	}
	return b
}

func (b *bucket) take(rate Rate, now time.Time) bool {
	earned := now.Sub(b.filled).Seconds() * rate.PerSecond
	b.tokens, b.filled = min(b.tokens+earned, float64(rate.Burst)), now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

func (t *Throttle) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buckets = nil
}
