// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"maps"
	"sync"
	"time"
)

// shelf holds what is known of one scope.
type shelf[Obs any] struct {
	mu      sync.Mutex
	order   uint64 // counts what has begun or ended, for clocks are too coarse
	entries map[string]entry[Obs]
	changes map[string]change
	listed  moment        // when the last whole list began
	listing chan struct{} // closed when the list that is under way ends; nil if there is none
	failure error         // of the last list; nil if it was whole
	failed  time.Time
}

// moment is when something began.
type moment struct {
	order uint64
	time  time.Time
}

// entry is what one look said: obs is nil where a Get found nothing, or where a
// list told the name only.
type entry[Obs any] struct {
	obs   *Obs
	began moment
}

// change is what we do to a resource.
type change struct {
	underWay int
	ended    uint64 // when the last one did
}

// step is how an observation goes on.
type step int

const (
	answer step = iota // what is known will do
	get                // look at this one
	list               // look at all
	wait               // somebody else is looking at all
)

// coolOff is how long a failed list is not tried again: every resource of the
// scope asks for it.
const coolOff = 5 * time.Second

// look decides how to find out about a resource; what began before since is too old.
func (s *shelf[Obs]) look(name string, since time.Time) (*Obs, step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.entries[name]
	fresh := func(m moment) bool { return m.order > 0 && s.counts(name, m) && !m.time.Before(since) }
	switch {
	case known.obs != nil && fresh(known.began):
		return known.obs, answer
	case !s.counts(name, s.listed):
		return nil, get // we changed it: one call tells, and others need no list for it
	case fresh(s.listed):
		return nil, get // it is not in the list, or only its name is
	case s.listing != nil:
		return nil, wait
	default:
		return nil, list
	}
}

// counts reports whether what began then was begun after our last change.
func (s *shelf[Obs]) counts(name string, began moment) bool {
	c, changed := s.changes[name]
	return !changed || c.underWay == 0 && began.order > c.ended
}

// begin marks the beginning of a look.
func (s *shelf[Obs]) begin() moment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tick()
}

func (s *shelf[Obs]) tick() moment {
	s.order++
	return moment{order: s.order, time: time.Now()}
}

// keep remembers a look and returns what it or a later one saw. It returns false
// if neither counts.
func (s *shelf[Obs]) keep(name string, e entry[Obs]) (*Obs, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if later := s.entries[name]; later.obs != nil && later.began.order > e.began.order {
		e = later
	}
	s.entries[name] = e
	return e.obs, s.counts(name, e.began)
}

// mutating notes the beginning (1) or the end (-1) of a change of ours, or that
// somebody else made one (0).
func (s *shelf[Obs]) mutating(name string, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.changes[name]
	c.underWay += by
	c.ended = s.tick().order
	s.changes[name] = c
}

// beginList returns false if there is nothing to do, or an error if there is no
// point in it.
func (s *shelf[Obs]) beginList() (moment, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.listing != nil:
		return moment{}, false, nil
	case s.failure != nil && time.Since(s.failed) < coolOff:
		return moment{}, false, s.failure
	default:
		s.listing = make(chan struct{})
		return s.tick(), true, nil
	}
}

// endList takes over a list that was read to its end. interrupted means that who
// read it gave up, which is no reason for others not to try.
func (s *shelf[Obs]) endList(began moment, found map[string]entry[Obs], err error, interrupted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.listing)
	s.listing = nil
	if err != nil {
		if !interrupted {
			s.failure, s.failed = err, time.Now()
		}
		return
	}
	s.failure = nil
	for name, e := range s.entries {
		if e.began.order > began.order {
			found[name] = e
		}
	}
	s.entries, s.listed = found, began
	maps.DeleteFunc(s.changes, func(name string, _ change) bool { return s.counts(name, began) })
}

func (s *shelf[Obs]) underWay() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listing == nil {
		done := make(chan struct{})
		close(done)
		return done
	}
	return s.listing
}
