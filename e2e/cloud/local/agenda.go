// SPDX-License-Identifier: Apache-2.0

package local

import (
	"container/heap"
	"time"
)

// Agenda is what comes at which time, the next first. Thousands of things that
// change state by and by cost those whose time has come. It is not safe for
// concurrent use; see Cloud.Do.
type Agenda[T any] struct{ next appointments[T] }

type appointment[T any] struct {
	at   time.Time
	what T
}

// Add notes what comes at a time.
func (a *Agenda[T]) Add(at time.Time, what T) { heap.Push(&a.next, appointment[T]{at, what}) }

// Due takes the next thing off whose time has come, if there is one.
func (a *Agenda[T]) Due(now time.Time) (T, bool) {
	if len(a.next) == 0 || now.Before(a.next[0].at) {
		var none T
		return none, false
	}
	due, _ := heap.Pop(&a.next).(appointment[T])
	return due.what, true
}

// Clear forgets everything.
func (a *Agenda[T]) Clear() { a.next = nil }

// appointments is a heap.Interface.
type appointments[T any] []appointment[T]

func (a *appointments[T]) Len() int           { return len(*a) }
func (a *appointments[T]) Less(i, j int) bool { return (*a)[i].at.Before((*a)[j].at) }
func (a *appointments[T]) Swap(i, j int)      { (*a)[i], (*a)[j] = (*a)[j], (*a)[i] }

func (a *appointments[T]) Push(x any) {
	if one, ok := x.(appointment[T]); ok {
		*a = append(*a, one)
	}
}

func (a *appointments[T]) Pop() any {
	last := (*a)[len(*a)-1]
	(*a)[len(*a)-1] = appointment[T]{} // so that what it holds can go
	*a = (*a)[:len(*a)-1]
	return last
}
