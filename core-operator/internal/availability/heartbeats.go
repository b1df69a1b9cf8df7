// SPDX-License-Identifier: Apache-2.0

package availability

import (
	"sync"
	"time"
)

// An operator counts as running until it has not renewed its Lease for missed
// times its duration and grace more: long enough for one that is restarted.
const (
	missed = 2
	grace  = 5 * time.Second
)

// heartbeats knows which operators run, by the Leases that they renew. It calls
// changed when one begins or ceases to.
type heartbeats struct {
	changed func()

	mu    sync.Mutex
	beats map[string]*beat
}

type beat struct {
	renewed time.Time // as the operator's clock says
	until   time.Time // as ours says
	expiry  *time.Timer
}

func newHeartbeats(changed func()) *heartbeats {
	return &heartbeats{changed: changed, beats: map[string]*beat{}}
}

// seen takes note of a Lease. The first time the operator's clock is believed;
// from then on a renewal counts from when it was seen, so that clocks need not
// agree.
func (h *heartbeats) seen(operator string, renewed time.Time, duration time.Duration) {
	if h.note(operator, renewed, missed*duration+grace) {
		h.changed()
	}
}

func (h *heartbeats) note(operator string, renewed time.Time, patience time.Duration) (changed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	b, known := h.beats[operator]
	switch {
	case !known:
		b = &beat{}
		h.beats[operator] = b
		b.until = renewed.Add(patience)
		if latest := now.Add(patience); b.until.After(latest) {
			b.until = latest
		}
	case b.renewed.Equal(renewed):
		return false
	default:
		changed = !now.Before(b.until)
		b.until = now.Add(patience)
	}
	b.renewed = renewed
	if b.expiry != nil {
		b.expiry.Stop()
	}
	alive := now.Before(b.until)
	if alive {
		b.expiry = time.AfterFunc(b.until.Sub(now), h.changed)
	}
	return changed || !known && alive
}

// lost takes note of a Lease that is gone.
func (h *heartbeats) lost(operator string) {
	h.mu.Lock()
	b := h.beats[operator]
	delete(h.beats, operator)
	if b != nil && b.expiry != nil {
		b.expiry.Stop()
	}
	h.mu.Unlock()
	if b != nil {
		h.changed()
	}
}

// alive reports whether an operator runs.
func (h *heartbeats) alive(operator string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.beats[operator]
	return b != nil && time.Now().Before(b.until)
}
