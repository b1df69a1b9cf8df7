// SPDX-License-Identifier: Apache-2.0

// Package local holds what every local cloud can do, whichever provider it
// imitates: keep a ledger of what took effect, count calls, throttle, inject
// faults, hide what was just created, move its clock, and be controlled over
// HTTP while it runs.
package local

import "sync"

// Cloud is the part of a local cloud that knows nothing of any provider.
type Cloud struct {
	Clock    *Clock
	Settings *SettingsStore
	Ledger   *Ledger
	Calls    *Calls
	Faults   *Faults
	Throttle *Throttle
	Veil     *Veil
	Events   *Events

	world sync.Mutex
}

// New returns a cloud that starts with the given settings, and returns to them
// when it is reset.
func New(initial Settings) *Cloud {
	clock := &Clock{}
	settings := NewSettingsStore(initial)
	return &Cloud{
		Clock:    clock,
		Settings: settings,
		Ledger:   &Ledger{clock: clock},
		Calls:    &Calls{},
		Faults:   &Faults{},
		Throttle: &Throttle{settings: settings},
		Veil:     &Veil{clock: clock},
		Events:   &Events{clock: clock},
	}
}

// Do runs f while nobody else reads or changes what exists in the cloud. One
// lock for the whole world keeps services that look at each other free of
// deadlock, so f must be quick and must not call Do.
func (c *Cloud) Do(f func()) {
	c.world.Lock()
	defer c.world.Unlock()
	f()
}

// reset forgets everything but what exists, which is the provider's to forget.
func (c *Cloud) reset() {
	c.Clock.reset()
	c.Settings.reset()
	c.Ledger.reset()
	c.Calls.reset()
	c.Faults.Clear()
	c.Throttle.reset()
	c.Veil.reset()
	c.Events.reset()
}

// Resource is one thing that exists in the cloud.
type Resource struct {
	Service string `json:"service"`
	Region  string `json:"region"`
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	State   string `json:"state,omitempty"`
}

// Error is a refusal in a cloud's own terms: its code, its words, and the HTTP
// status that it comes with.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message,omitempty"`
	Status  int    `json:"status,omitempty"`
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }
