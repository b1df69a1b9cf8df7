// SPDX-License-Identifier: Apache-2.0

package local

import (
	"sync"
	"time"
)

// Effect kinds of a ledger entry.
const (
	Created = "create"
	Updated = "update"
	Deleted = "delete"
)

// Entry is one change that took effect, whether or not its caller heard of it.
type Entry struct {
	Seq       int       `json:"seq"`
	Time      time.Time `json:"time"`
	Service   string    `json:"service"`
	Region    string    `json:"region"`
	Kind      string    `json:"kind"`
	ID        string    `json:"id"`
	Action    string    `json:"action"`
	Operation string    `json:"operation,omitempty"`
	Caller    string    `json:"caller,omitempty"`
}

// Ledger lists every create, update and delete that took effect, in order.
type Ledger struct {
	clock   *Clock
	mu      sync.Mutex
	entries []Entry
}

// Record adds an entry; its number and time are the ledger's to give.
func (l *Ledger) Record(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Seq, e.Time = len(l.entries)+1, l.clock.Now()
	l.entries = append(l.entries, e)
}

// Since returns the entries after number seq.
func (l *Ledger) Since(seq int) []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Entry{}, l.entries[min(max(seq, 0), len(l.entries)):]...)
}

func (l *Ledger) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = nil
}
