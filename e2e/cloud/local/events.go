// SPDX-License-Identifier: Apache-2.0

package local

import (
	"slices"
	"sync"
	"time"
)

// eventsKept bounds the events that a late reader can still get.
const eventsKept = 10000

// Event says that something in the cloud changed, whoever changed it.
type Event struct {
	Seq  int       `json:"seq"`
	Time time.Time `json:"time"`
	Resource
}

// Events is the cloud's stream of changes.
type Events struct {
	clock       *Clock
	mu          sync.Mutex
	seq         int
	recent      []Event
	subscribers []*func(Event)
}

// Publish tells everybody of a change.
func (e *Events) Publish(r Resource) {
	event, subscribers := e.add(r)
	for _, f := range subscribers {
		(*f)(event)
	}
}

// Subscribe calls f on every change from now on, until cancel is called. f must
// neither block nor look at the cloud: it runs in the middle of a change.
func (e *Events) Subscribe(f func(Event)) (cancel func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.subscribers = append(e.subscribers, &f)
	return func() { e.unsubscribe(&f) }
}

// Since returns the events after number seq, of those still kept.
func (e *Events) Since(seq int) []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.recent, func(ev Event) bool { return ev.Seq > seq })
	if i < 0 {
		return []Event{}
	}
	return slices.Clone(e.recent[i:])
}

func (e *Events) add(r Resource) (Event, []*func(Event)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seq++
	event := Event{Seq: e.seq, Time: e.clock.Now(), Resource: r}
	if len(e.recent) >= 2*eventsKept {
		e.recent = slices.Clone(e.recent[eventsKept:])
	}
	e.recent = append(e.recent, event)
	return event, slices.Clone(e.subscribers)
}

func (e *Events) unsubscribe(f *func(Event)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.subscribers = slices.DeleteFunc(e.subscribers, func(g *func(Event)) bool { return g == f })
}

func (e *Events) reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seq, e.recent = 0, nil
}
