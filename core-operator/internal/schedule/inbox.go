// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// inbox collects what has changed, until the loop takes note of it: whoever tells
// must not be held up by a decision.
type inbox struct {
	mu           sync.Mutex
	applications map[types.NamespacedName]bool // and whether to look at one that has not changed
	targets      map[string]bool
	classes      bool
	timers       map[types.NamespacedName]time.Time // when applications are to be looked at again
}

// after has an application looked at again after some time, unless it will be sooner.
func (b *inbox) after(d time.Duration, key types.NamespacedName, wake func()) {
	at := time.Now().Add(d)
	b.mu.Lock()
	defer b.mu.Unlock()
	if set, is := b.timers[key]; is && !set.After(at) {
		return
	}
	if b.timers == nil {
		b.timers = map[types.NamespacedName]time.Time{}
	}
	b.timers[key] = at
	time.AfterFunc(d, func() {
		b.mu.Lock()
		if b.timers[key].Equal(at) {
			delete(b.timers, key)
		}
		b.mu.Unlock()
		b.again(key)
		wake()
	})
}

// changed has an application looked at if it has changed.
func (b *inbox) changed(key types.NamespacedName) { b.put(key, false) }

// again has an application looked at although it may be as it was.
func (b *inbox) again(key types.NamespacedName) { b.put(key, true) }

func (b *inbox) put(key types.NamespacedName, again bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.applications == nil {
		b.applications = map[types.NamespacedName]bool{}
	}
	b.applications[key] = b.applications[key] || again
}

func (b *inbox) target(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.targets == nil {
		b.targets = map[string]bool{}
	}
	b.targets[name] = true
}

func (b *inbox) everything() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.classes = true
}

// take empties the inbox.
func (b *inbox) take() (applications map[types.NamespacedName]bool, targets map[string]bool, classes bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	applications, targets, classes = b.applications, b.targets, b.classes
	b.applications, b.targets, b.classes = nil, nil, false
	return applications, targets, classes
}
