// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// work is what is under way with a cluster or a node group.
type work struct {
	steps  []step
	forced string // a state that somebody forced it into
}

// step is a state that lasts until some time, and longer while something keeps
// it; then what it brings about is so.
type step struct {
	state string
	until time.Time
	kept  func() bool
	done  func()
}

// state returns the state that it is in: otherwise, where nothing is under way.
func (w *work) state(otherwise string) string {
	switch {
	case w.forced != "":
		return w.forced
	case len(w.steps) > 0:
		return w.steps[0].state
	}
	return otherwise
}

// lasts returns a step that takes as long as an action does.
func (s *Service) lasts(a local.Action, state string, done func()) step {
	return step{state: state, until: s.cloud.Clock.Now().Add(s.cloud.Settings.Delay(a)), done: done}
}

// begin starts a step, and sees to it that it ends even if nobody looks.
func (s *Service) begin(here *region, w *work, st step) {
	w.steps = append(w.steps, st)
	here.agenda.Add(st.until, w)
	time.AfterFunc(st.until.Sub(s.cloud.Clock.Now()), func() { s.cloud.Do(func() { s.settle(here) }) })
}

// settle ends the steps whose time has come.
func (s *Service) settle(here *region) {
	now := s.cloud.Clock.Now()
	for w, due := here.agenda.Due(now); due; w, due = here.agenda.Due(now) {
		s.advance(w)
	}
}

func (s *Service) advance(w *work) {
	for len(w.steps) > 0 {
		first := w.steps[0]
		if s.cloud.Clock.Now().Before(first.until) || first.kept != nil && first.kept() {
			return
		}
		w.steps = w.steps[1:]
		first.done()
	}
}

// Settle brings everything up to the clock's time.
func (s *Service) Settle() {
	for _, r := range s.regions {
		s.settle(r)
	}
}

// Reset removes everything.
func (s *Service) Reset() {
	for _, r := range s.regions {
		r.agenda.Clear() // timers that are still to come find nothing to do
	}
	clear(s.regions)
	s.servers.Clear()
}
