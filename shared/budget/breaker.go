// SPDX-License-Identifier: Apache-2.0

package budget

import "time"

// The breaker's times and shares.
const (
	firstPause = time.Second // doubled each time that the cloud says it again
	longest    = time.Minute
	lowest     = 1.0 / 16 // of the rate
	recovery   = 1.0 / 64 // of the rate, regained with each call that succeeds
)

// breaker stops calls when the cloud asks for it, and lets them come back at a
// lower rate, which rises again while calls succeed.
type breaker struct {
	until time.Time // closed to calls until then
	trips int       // without a success in between
	share float64   // of the rate, from lowest to 1
}

// closed says for how long no call may be sent.
func (b *breaker) closed(now time.Time) time.Duration { return max(0, b.until.Sub(now)) }

// trip is called when the cloud said "slow down". The answers to calls that were
// sent before it said so first change nothing, unless they name a longer time.
// It reports whether this was the first.
func (b *breaker) trip(now time.Time, retryAfter time.Duration) bool {
	if now.Before(b.until) {
		if end := now.Add(retryAfter); end.After(b.until) {
			b.until = end
		}
		return false
	}
	pause := min(firstPause<<min(b.trips, 10), longest)
	b.trips++
	b.share = max(lowest, b.share/2)
	b.until = now.Add(max(pause, retryAfter))
	return true
}

// succeeded is called for every call that was answered with anything else. While
// the breaker is open these are answers to calls from before.
func (b *breaker) succeeded(now time.Time) {
	if now.Before(b.until) {
		return
	}
	b.trips = 0
	b.share = min(1, b.share+recovery)
}
