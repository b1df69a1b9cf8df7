// SPDX-License-Identifier: Apache-2.0

package local

import (
	"cmp"
	"slices"
	"sync"
)

// Outcomes of a call other than the code of an error.
const (
	OutcomeOK   = "OK"
	OutcomeLost = "Lost" // it took effect, its answer was lost
)

// CallCount says how often an operation was called with an outcome: "OK",
// "Lost" or the code of an error.
type CallCount struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Outcome   string `json:"outcome"`
	Count     int    `json:"count"`
}

// Calls counts the calls that were made, those that failed included.
type Calls struct {
	mu     sync.Mutex
	counts map[CallCount]int
}

// Add counts one call.
func (c *Calls) Add(service, operation, outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[CallCount]int{}
	}
	c.counts[CallCount{Service: service, Operation: operation, Outcome: outcome}]++
}

// List returns the counts, ordered by service, operation and outcome.
func (c *Calls) List() []CallCount {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]CallCount, 0, len(c.counts))
	for key, n := range c.counts {
		key.Count = n
		out = append(out, key)
	}
	slices.SortFunc(out, func(a, b CallCount) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Outcome, b.Outcome))
	})
	return out
}

func (c *Calls) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts = nil
}
