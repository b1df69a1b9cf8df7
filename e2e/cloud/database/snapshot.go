// SPDX-License-Identifier: Apache-2.0

package database

import (
	"fmt"
	"sync"
)

// data is an engine's copy of a database's data. It does not change and can
// start any number of databases.
type data interface {
	// discard removes what the copy occupies.
	discard()
}

// Snapshot is a copy of a database's data and of its user's password. The copy
// is made while the caller goes on; who needs it waits for it.
type Snapshot struct {
	Username string
	Password string

	ready chan struct{} // closed once data or failure is there
	data  data          // nil: the database had no data yet
	fail  error

	mu    sync.Mutex
	users int // the owner and the databases that have yet to start from it
}

func newSnapshot(s Spec) *Snapshot {
	return &Snapshot{Username: s.Username, Password: s.Password, ready: make(chan struct{}), users: 1}
}

// Discard removes the data, once no database needs them to start.
func (s *Snapshot) Discard() { go s.release() }

// take copies the data with dump, or takes over what the database itself would
// have started from.
func (s *Snapshot) take(from *Snapshot, dump func() (data, error)) {
	defer close(s.ready)
	switch {
	case dump != nil:
		s.data, s.fail = dump()
	case from != nil:
		s.data, s.fail = from.content()
	}
}

// content waits for the data. They are nil where there were none.
func (s *Snapshot) content() (data, error) {
	if s == nil {
		return nil, nil //nolint:nilnil // no snapshot, no data, no error
	}
	<-s.ready
	if s.fail != nil {
		return nil, fmt.Errorf("the snapshot's data could not be copied: %w", s.fail)
	}
	return s.data, nil
}

func (s *Snapshot) hold() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users++
}

func (s *Snapshot) release() {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.users--
	last := s.users == 0
	s.mu.Unlock()
	if d, err := s.content(); last && err == nil && d != nil {
		d.discard()
	}
}
