// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"container/heap"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Agenda is what will happen in the cloud, and when. It costs what is due, not
// what there is.
type Agenda struct {
	cloud *local.Cloud
	next  appointments
}

type appointment struct {
	at time.Time
	do func()
}

// NewAgenda returns an empty agenda of cloud.
func NewAgenda(cloud *local.Cloud) *Agenda { return &Agenda{cloud: cloud} }

// After has do called in the time that an action takes, even if nobody looks
// until then; with no time to wait it is when somebody looks. The caller holds
// the cloud's lock, and do is called with it.
func (a *Agenda) After(action local.Action, do func()) {
	delay := a.cloud.Settings.Delay(action)
	heap.Push(&a.next, appointment{a.cloud.Clock.Now().Add(delay), do})
	if delay > 0 {
		time.AfterFunc(delay, func() { a.cloud.Do(a.Settle) })
	}
}

// Settle does what is due. The caller holds the cloud's lock.
func (a *Agenda) Settle() {
	now := a.cloud.Clock.Now()
	for len(a.next) > 0 && !now.Before(a.next[0].at) {
		due, _ := heap.Pop(&a.next).(appointment)
		due.do()
	}
}

// Clear forgets everything. The caller holds the cloud's lock.
func (a *Agenda) Clear() { a.next = nil }

// appointments is a heap.Interface.
type appointments []appointment

func (a *appointments) Len() int           { return len(*a) }
func (a *appointments) Less(i, j int) bool { return (*a)[i].at.Before((*a)[j].at) }
func (a *appointments) Swap(i, j int)      { (*a)[i], (*a)[j] = (*a)[j], (*a)[i] }

func (a *appointments) Push(x any) {
	if p, ok := x.(appointment); ok {
		*a = append(*a, p)
	}
}

func (a *appointments) Pop() any {
	last := (*a)[len(*a)-1]
	(*a)[len(*a)-1] = appointment{} // so that what it holds can go
	*a = (*a)[:len(*a)-1]
	return last
}
