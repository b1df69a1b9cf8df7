// SPDX-License-Identifier: Apache-2.0

package availability

import (
	"testing"
	"testing/synctest"
	"time"
)

const duration = 15 * time.Second
const patience = missed*duration + grace

var heartbeatCases = map[string]struct {
	// steps returns whether the operator should count as alive at the end, and
	// how often that should have changed until then.
	steps func(h *heartbeats) (alive bool, changes int)
}{
	"never seen": {func(*heartbeats) (bool, int) { return false, 0 }},
	"seen": {func(h *heartbeats) (bool, int) {
		h.seen("op", time.Now(), duration)
		return true, 1
	}},
	"renewed for an hour": {func(h *heartbeats) (bool, int) {
		for range 1800 {
			h.seen("op", time.Now(), duration)
			time.Sleep(2 * time.Second)
		}
		return true, 1
	}},
	"just within its patience": {func(h *heartbeats) (bool, int) {
		h.seen("op", time.Now(), duration)
		time.Sleep(patience - time.Millisecond)
		return true, 1
	}},
	"stopped": {func(h *heartbeats) (bool, int) {
		h.seen("op", time.Now(), duration)
		time.Sleep(patience)
		return false, 2
	}},
	"stopped and back": {func(h *heartbeats) (bool, int) {
		h.seen("op", time.Now(), duration)
		time.Sleep(patience + time.Minute)
		h.seen("op", time.Now(), duration)
		return true, 3
	}},
	"seen again without a renewal": {func(h *heartbeats) (bool, int) {
		renewed := time.Now()
		h.seen("op", renewed, duration)
		time.Sleep(patience - time.Second)
		h.seen("op", renewed, duration)
		time.Sleep(time.Second)
		return false, 2
	}},
	"stale when first seen": {func(h *heartbeats) (bool, int) {
		h.seen("op", time.Now().Add(-time.Hour), duration)
		return false, 0
	}},
	"its clock is slow, once that shows": {func(h *heartbeats) (bool, int) {
		h.seen("op", time.Now().Add(-time.Hour), duration)
		time.Sleep(2 * time.Second)
		h.seen("op", time.Now().Add(-time.Hour), duration)
		return true, 1
	}},
	"its clock is fast": {func(h *heartbeats) (bool, int) {
		h.seen("op", time.Now().Add(time.Hour), duration)
		time.Sleep(patience)
		return false, 2
	}},
	"let go and taken again at once": {func(h *heartbeats) (bool, int) {
		h.seen("op", time.Now(), duration)
		time.Sleep(time.Second)
		h.seen("op", time.Now(), time.Second) // released: client-go writes a second
		time.Sleep(3 * time.Second)
		h.seen("op", time.Now(), duration)
		return true, 1
	}},
	"let go": {func(h *heartbeats) (bool, int) {
		h.seen("op", time.Now(), duration)
		time.Sleep(time.Second)
		h.seen("op", time.Now(), time.Second)
		time.Sleep(missed*time.Second + grace)
		return false, 2
	}},
	"deleted": {func(h *heartbeats) (bool, int) {
		h.seen("op", time.Now(), duration)
		h.lost("op")
		time.Sleep(time.Hour)
		return false, 2
	}},
	"another one": {func(h *heartbeats) (bool, int) {
		h.seen("other", time.Now(), duration)
		h.lost("op")
		return false, 1
	}},
}

func TestHeartbeats(t *testing.T) {
	for name, tc := range heartbeatCases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				changes := 0
				h := newHeartbeats(func() { changes++ })
				alive, want := tc.steps(h)
				synctest.Wait()
				if got := h.alive("op"); got != alive || changes != want {
					t.Errorf("alive %t after %d changes, want %t after %d", got, changes, alive, want)
				}
				h.lost("op")
				h.lost("other")
			})
		})
	}
}
