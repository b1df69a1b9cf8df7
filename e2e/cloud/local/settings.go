// SPDX-License-Identifier: Apache-2.0

package local

import (
	"maps"
	"sync"
	"time"
)

// Action is something that takes a cloud some time.
type Action string

// The actions whose length can be set.
const (
	Create   Action = "create"
	Modify   Action = "modify"
	Delete   Action = "delete"
	Reboot   Action = "reboot"
	Snapshot Action = "snapshot"
	Backup   Action = "backup"
	Optimize Action = "optimize"
)

// DefaultDelay is the name in Settings.Delays of the delay that holds for
// every action without one of its own.
const DefaultDelay = "default"

// Settings are what can be changed while a cloud runs. In a request to change
// them only what is given changes; a map changes key by key.
type Settings struct {
	// Delays says how long actions take, by Action or "default". Without one of
	// their own, reboots and snapshots take half of the default; a backup after
	// creation and the optimization of grown storage take a quarter.
	Delays map[string]Duration `json:"delays,omitempty"`

	// Quotas limits how many of something an account may have in a region, by
	// the quota's name. Zero or absent is without limit.
	Quotas map[string]int `json:"quotas,omitempty"`

	// Throttle limits calls per account and region, by "service" or
	// "service:operation". The more specific one holds.
	Throttle map[string]Rate `json:"throttle,omitempty"`

	// Hidden is for how long what was created is not visible to reads.
	Hidden *Visibility `json:"hidden,omitempty"`
}

// Rate is a token bucket. A rate of zero per second and zero burst is no limit.
type Rate struct {
	PerSecond float64 `json:"perSecond"`
	Burst     int     `json:"burst"`
}

// Visibility says how long something stays hidden: for a number of reads that
// look for it, or for some time; for both where both are given.
type Visibility struct {
	Reads    int      `json:"reads,omitempty"`
	Duration Duration `json:"duration,omitempty"`
}

// SettingsStore holds the settings in force.
type SettingsStore struct {
	mu      sync.RWMutex
	initial Settings
	current Settings
}

// NewSettingsStore returns a store that holds initial.
func NewSettingsStore(initial Settings) *SettingsStore {
	return &SettingsStore{initial: initial, current: merge(Settings{}, initial)}
}

// Get returns a copy of the settings in force.
func (s *SettingsStore) Get() Settings {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return merge(Settings{}, s.current)
}

// Change merges change into the settings in force.
func (s *SettingsStore) Change(change Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = merge(s.current, change)
}

// Delay returns how long an action takes.
func (s *SettingsStore) Delay(a Action) time.Duration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if own, ok := s.current.Delays[string(a)]; ok {
		return time.Duration(own)
	}
	return time.Duration(s.current.Delays[DefaultDelay]) / share(a)
}

// Quota returns how many of something an account may have in a region; 0 is
// without limit.
func (s *SettingsStore) Quota(name string) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.current.Quotas[name]
}

// Exceeds says whether having n of something is more than the quota allows.
func (s *SettingsStore) Exceeds(quota string, n int) bool {
	most := s.Quota(quota)
	return most > 0 && n > most
}

func (s *SettingsStore) hidden() Visibility {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.current.Hidden == nil {
		return Visibility{}
	}
	return *s.current.Hidden
}

func (s *SettingsStore) rate(service, operation string) (string, Rate) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, name := range []string{service + ":" + operation, service} {
		if r, ok := s.current.Throttle[name]; ok {
			return name, r
		}
	}
	return "", Rate{}
}

func (s *SettingsStore) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = merge(Settings{}, s.initial)
}

func merge(into, change Settings) Settings {
	out := Settings{
		Delays:   union(into.Delays, change.Delays),
		Quotas:   union(into.Quotas, change.Quotas),
		Throttle: union(into.Throttle, change.Throttle),
		Hidden:   into.Hidden,
	}
	if change.Hidden != nil {
		out.Hidden = change.Hidden
	}
	return out
}

func union[V any](a, b map[string]V) map[string]V {
	out := make(map[string]V, len(a)+len(b))
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}

func share(a Action) time.Duration {
	switch a {
	case Create, Modify, Delete:
		return 1
	case Reboot, Snapshot:
		return 2
	case Backup, Optimize:
		return 4
	}
	return 1
}
