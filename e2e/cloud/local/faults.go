// SPDX-License-Identifier: Apache-2.0

package local

import (
	"path"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Rule says which calls a fault befalls.
type Rule struct {
	// ID names the rule; one is given where it is empty.
	ID string `json:"id,omitempty"`

	// Service, Operation and Name match a call by its service, its operation
	// and the identifier of the resource it is about. They are globs as
	// path.Match knows them; empty matches all.
	Service   string `json:"service,omitempty"`
	Operation string `json:"operation,omitempty"`
	Name      string `json:"name,omitempty"`

	// Nth is the first matching call that is hit, counted from 1; 0 means 1.
	Nth int `json:"nth,omitempty"`

	// Count is how many matching calls are hit from there on; 0 means all.
	Count int `json:"count,omitempty"`

	// Effect is what befalls them.
	Effect Effect `json:"effect"`

	// Seen and Hit count the calls that matched and those that were hit. They
	// are reported, and ignored when a rule is added.
	Seen int `json:"seen"`
	Hit  int `json:"hit"`
}

// Effect is what a fault does to a call. Several may be combined.
type Effect struct {
	// Error refuses the call, which then has no effect.
	Error *Error `json:"error,omitempty"`

	// Delay lets the call wait before it takes effect.
	Delay Duration `json:"delay,omitempty"`

	// LostResponse lets the call take effect and then drops the connection.
	LostResponse bool `json:"lostResponse,omitempty"`

	// Hide keeps what the call creates invisible to reads for a while.
	Hide *Visibility `json:"hide,omitempty"`
}

// Call is what throttles and faults know of a call.
type Call struct {
	Account, Region    string
	Service, Operation string
	Name               string
}

// Faults are the rules in force.
type Faults struct {
	mu    sync.Mutex
	next  int
	rules []*Rule
}

// Add puts a rule in force and returns its ID. A rule with the ID of another
// takes its place.
func (f *Faults) Add(r Rule) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next++
	if r.ID == "" {
		r.ID = "fault-" + strconv.Itoa(f.next)
	}
	r.Seen, r.Hit = 0, 0
	f.rules = append(without(f.rules, r.ID), &r)
	return r.ID
}

// Remove ends one rule.
func (f *Faults) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = without(f.rules, id)
}

// Clear ends all rules.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// List returns the rules in force, oldest first.
func (f *Faults) List() []Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Rule, 0, len(f.rules))
	for _, r := range f.rules {
		out = append(out, *r)
	}
	return out
}

// Strike counts a call against every rule and returns what befalls it: the
// effects of all rules that hit it, together.
func (f *Faults) Strike(c Call) Effect {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out Effect
	for _, r := range f.rules {
		if r.matches(c) && r.hits() {
			out = out.with(r.Effect)
		}
	}
	return out
}

func (r *Rule) matches(c Call) bool {
	return globs(r.Service, c.Service) && globs(r.Operation, c.Operation) && globs(r.Name, c.Name)
}

func (r *Rule) hits() bool {
	r.Seen++
	if r.Seen < r.Nth || (r.Count > 0 && r.Hit >= r.Count) {
		return false
	}
	r.Hit++
	return true
}

func (e Effect) with(o Effect) Effect {
	e.Delay = Duration(time.Duration(e.Delay) + time.Duration(o.Delay))
	e.LostResponse = e.LostResponse || o.LostResponse
	if e.Error == nil {
		e.Error = o.Error
	}
	if e.Hide == nil {
		e.Hide = o.Hide
	}
	return e
}

func without(rules []*Rule, id string) []*Rule {
	return slices.DeleteFunc(rules, func(r *Rule) bool { return r.ID == id })
}

func globs(pattern, s string) bool {
	if pattern == "" {
		return true
	}
	ok, err := path.Match(pattern, s)
	return ok && err == nil
}
