// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Agenda is what will happen in the cloud, and when. It costs what is due, not
// what there is.
type Agenda struct {
	cloud *local.Cloud
	next  local.Agenda[func()]
}

// NewAgenda returns an empty agenda of cloud.
func NewAgenda(cloud *local.Cloud) *Agenda { return &Agenda{cloud: cloud} }

// After has do called in the time that an action takes, even if nobody looks
// until then; with no time to wait it is when somebody looks. The caller holds
// the cloud's lock, and do is called with it.
func (a *Agenda) After(action local.Action, do func()) {
	delay := a.cloud.Settings.Delay(action)
	a.next.Add(a.cloud.Clock.Now().Add(delay), do)
	if delay > 0 {
		time.AfterFunc(delay, func() { a.cloud.Do(a.Settle) })
	}
}

// Settle does what is due. The caller holds the cloud's lock.
func (a *Agenda) Settle() {
	now := a.cloud.Clock.Now()
	for do, due := a.next.Due(now); due; do, due = a.next.Due(now) {
		do()
	}
}

// Clear forgets everything. The caller holds the cloud's lock.
func (a *Agenda) Clear() { a.next.Clear() }
