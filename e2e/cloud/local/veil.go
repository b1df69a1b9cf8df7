// SPDX-License-Identifier: Apache-2.0

package local

import (
	"sync"
	"time"
)

// Veil hides what was just created, as clouds do whose reads lag behind their
// writes.
type Veil struct {
	clock  *Clock
	mu     sync.Mutex
	hidden map[string]*hiding
}

type hiding struct {
	reads int
	until time.Time
}

// Hide keeps key from readers for as long as v says.
func (v *Veil) Hide(key string, how Visibility) {
	if how == (Visibility{}) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.hidden == nil {
		v.hidden = map[string]*hiding{}
	}
	v.hidden[key] = &hiding{reads: how.Reads, until: v.clock.Now().Add(time.Duration(how.Duration))}
}

// Hides says whether a read that looks for key finds nothing, and counts it.
func (v *Veil) Hides(key string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	h, ok := v.hidden[key]
	if !ok {
		return false
	}
	if h.reads <= 0 && !v.clock.Now().Before(h.until) {
		delete(v.hidden, key)
		return false
	}
	h.reads--
	return true
}

func (v *Veil) reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.hidden = nil
}

// HideNew hides a thing just created, by what befell the call that created it
// or else by the settings in force.
func (c *Cloud) HideNew(key string, e Effect) {
	if e.Hide != nil {
		c.Veil.Hide(key, *e.Hide)
		return
	}
	c.Veil.Hide(key, c.Settings.hidden())
}
