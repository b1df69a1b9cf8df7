// SPDX-License-Identifier: Apache-2.0

package presence

import (
	"context"
	"sync"
)

// latch is closed once and stays closed.
type latch struct {
	name string
	once sync.Once
	done chan struct{}
}

func newLatch(name string) *latch { return &latch{name: name, done: make(chan struct{})} }

func (l *latch) close() { l.once.Do(func() { close(l.done) }) }

func (l *latch) closed() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

func (l *latch) wait(ctx context.Context) bool {
	select {
	case <-l.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// Name implements client-go's DoneChecker.
func (l *latch) Name() string { return l.name }

// Done implements client-go's DoneChecker.
func (l *latch) Done() <-chan struct{} { return l.done }
