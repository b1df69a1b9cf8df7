// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"container/heap"
	"time"
)

// agenda is when instances have a step to end, the next first. It lets
// thousands of them change state at the cost of those whose time has come.
type agenda []appointment

type appointment struct {
	at       time.Time
	instance *instance
}

// Len, Less, Swap, Push and Pop are heap.Interface.
func (a *agenda) Len() int           { return len(*a) }
func (a *agenda) Less(i, j int) bool { return (*a)[i].at.Before((*a)[j].at) }
func (a *agenda) Swap(i, j int)      { (*a)[i], (*a)[j] = (*a)[j], (*a)[i] }

// Push adds at the end; use add.
func (a *agenda) Push(x any) {
	if p, ok := x.(appointment); ok {
		*a = append(*a, p)
	}
}

// Pop takes from the end; use due.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// add notes that the instance has a step to end at that time.
func (a *agenda) add(at time.Time, i *instance) { heap.Push(a, appointment{at, i}) }

// due returns an instance whose time has come and takes it off, or nil.
func (a *agenda) due(now time.Time) *instance {
	if len(*a) == 0 || now.Before((*a)[0].at) {
		return nil
	}
	next := (*a)[0].instance
	heap.Pop(a)
	return next
}
