// SPDX-License-Identifier: Apache-2.0

package inventory_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crossplaneio/crossplane/shared/inventory"
)

// history is what a resource was when: every change has a version of its own,
// and an absence is a version too.
type history struct {
	mu     sync.Mutex
	states []state
}

type state struct {
	since   time.Time
	version int
	absent  bool
}

// stood reports whether the resource was so at some moment between two times.
func (h *history) stood(s state, from, to time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, was := range h.states {
		until := to
		if i+1 < len(h.states) {
			until = h.states[i+1].since
		}
		if was.version == s.version && !was.since.After(to) && !until.Before(from) {
			return true
		}
	}
	return false
}

// find returns the last state that fits an observation.
func (h *history) find(obs *db) state {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range slices.Backward(h.states) {
		if obs == nil && s.absent || obs != nil && !s.absent && s.version == obs.version {
			return s
		}
	}
	return state{version: -1}
}

// chaos is a cloud that changes while it is looked at.
type chaos struct {
	*world
	dice    *rand.Rand
	diceMu  sync.Mutex
	records map[string]*history
}

func (c *chaos) roll(n int) int {
	c.diceMu.Lock()
	defer c.diceMu.Unlock()
	return c.dice.IntN(n)
}

// change gives a resource its next version, or removes it.
func (c *chaos) change(name string) {
	h := c.records[name]
	h.mu.Lock()
	defer h.mu.Unlock()
	next := state{since: time.Now(), version: len(h.states) + 1, absent: c.roll(3) == 0}
	h.states = append(h.states, next)
	if next.absent {
		c.set(name, 0)
		return
	}
	c.set(name, next.version)
}

// work does what a reconciler does with one resource, and checks all it is told.
func (c *chaos) work(name string) {
	var ourLast time.Time
	seen := 0
	for range 40 {
		time.Sleep(time.Duration(c.roll(2000)) * time.Millisecond)
		if c.roll(4) == 0 {
			_ = c.inv.Mutate(home, name, func() error {
				time.Sleep(time.Duration(c.roll(300)) * time.Millisecond)
				c.change(name)
				time.Sleep(time.Duration(c.roll(300)) * time.Millisecond)
				return nil
			})
			ourLast = time.Now()
			continue
		}
		begin, maxAge := time.Now(), time.Duration(c.roll(5000))*time.Millisecond
		obs, err := c.inv.Observe(c.Context(), c.query(name, maxAge))
		if err != nil {
			continue
		}
		seen = c.check(name, obs, later(ourLast, begin.Add(-maxAge)), later(ourLast, begin), seen)
	}
}

// check wants an observation to have been true since a time: for absence, since
// the question was asked.
func (c *chaos) check(name string, obs *db, since, asked time.Time, seen int) int {
	h := c.records[name]
	if obs == nil {
		since = asked
	}
	s := h.find(obs)
	if !h.stood(s, since, time.Now()) {
		c.Errorf("%s was told to be %s, which it was not since %s", name, describe(obs), since.Format(time.StampMilli))
	}
	if obs != nil && obs.version < seen {
		c.Errorf("%s was told to be %s after version %d had been told", name, describe(obs), seen)
	}
	return max(seen, s.version)
}

func TestWhateverHappensNothingUntrueIsTold(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			names := []string{"a", "b", "c", "d", "e", "f"}
			in(t, func(w *world) {
				c := &chaos{world: w, dice: rand.New(rand.NewPCG(seed, 1)), records: map[string]*history{}}
				for _, name := range names {
					c.records[name] = &history{states: []state{{since: time.Now().Add(-time.Hour), version: 1}}}
				}
				w.failList = func(int) error {
					if c.roll(30) == 0 {
						return errors.New("internal error")
					}
					return nil
				}
				c.run()
			}, names...)
		})
	}
}

func (c *chaos) run() {
	var workers, others sync.WaitGroup
	stop := make(chan struct{})
	others.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(c.roll(1000)) * time.Millisecond):
				c.meddle(c.names[c.roll(len(c.names))])
			}
		}
	})
	for _, name := range c.names {
		workers.Go(func() { c.work(name) })
	}
	workers.Wait()
	close(stop)
	others.Wait()
	synctest.Wait()
}

// meddle is what others do to our resources; sometimes we hear of it.
func (c *chaos) meddle(name string) {
	c.change(name)
	if c.roll(2) == 0 {
		c.inv.Hint(home, name)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func describe(obs *db) string {
	if obs == nil {
		return "absent"
	}
	return fmt.Sprintf("version %d", obs.version)
}

var _ inventory.Lister[db] = (*cloud)(nil)
