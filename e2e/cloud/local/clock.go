// SPDX-License-Identifier: Apache-2.0

package local

import (
	"sync/atomic"
	"time"
)

// Clock is the cloud's own time: the real one, moved ahead on request, so that
// a test need not wait for what a cloud does tomorrow.
type Clock struct {
	ahead atomic.Int64
}

// Now returns the cloud's time, in UTC.
func (c *Clock) Now() time.Time {
	return time.Now().UTC().Add(time.Duration(c.ahead.Load()))
}

// Advance moves the clock ahead by d.
func (c *Clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

func (c *Clock) reset() { c.ahead.Store(0) }
