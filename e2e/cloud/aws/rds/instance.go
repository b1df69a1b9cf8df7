// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/database"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindInstance is the kind of DB instances in ledgers.
const kindInstance = "DBInstance"

// instance is a DB instance: what the API shows and what it does not.
type instance struct {
	description

	at     database.Endpoint
	steps  []step // what is under way, in order
	forced string // a state that somebody forced it into
	hidden string // its key for the veil

	nextPassword string // the one that is pending, if any
}

// step is a state that lasts until some time; then what it brings about is so.
type step struct {
	state string
	until time.Time
	done  func()
}

// state returns the state that the instance is in.
func (i *instance) state() string {
	switch {
	case i.forced != "":
		return i.forced
	case len(i.steps) > 0:
		return i.steps[0].state
	}
	return available
}

// view returns the instance as the API shows it now.
func (i *instance) view(now time.Time) description {
	d := i.description
	d.DBInstanceStatus = i.state()
	if d.InstanceCreateTime != nil && d.BackupRetentionPeriod > 0 {
		restorable := now.Truncate(5 * time.Minute)
		if !restorable.Before(*d.InstanceCreateTime) {
			d.LatestRestorableTime = &restorable
		}
	}
	return d
}

// begin starts steps that follow each other, and sees to it that they end even
// if nobody looks. A step may begin others.
func (s *Service) begin(r *region, i *instance, steps ...step) {
	i.steps = append(i.steps, steps...)
	s.changed(r, i)
	for _, st := range steps {
		r.agenda.Add(st.until, i)
		time.AfterFunc(st.until.Sub(s.cloud.Clock.Now()), func() { s.cloud.Do(func() { s.settle(r) }) })
	}
}

// settle ends the steps whose time has come.
func (s *Service) settle(r *region) {
	now := s.cloud.Clock.Now()
	for i, due := r.agenda.Due(now); due; i, due = r.agenda.Due(now) {
		for len(i.steps) > 0 && !now.Before(i.steps[0].until) {
			s.end(r, i)
		}
	}
}

// end ends an instance's first step.
func (s *Service) end(r *region, i *instance) {
	ended := i.steps[0]
	i.steps = i.steps[1:]
	if ended.done != nil {
		ended.done()
	}
	if there, _ := r.instances.Get(i.DBInstanceIdentifier); there == i {
		s.changed(r, i)
	}
}

// changed tells the database and everybody else of the instance's state.
func (s *Service) changed(r *region, i *instance) {
	state := i.state()
	s.databases.Open(i.DbiResourceID, serving(state))
	s.cloud.Events.Publish(local.Resource{
		Service: serviceName, Region: r.scope.Region, Kind: kindInstance, ID: i.DBInstanceIdentifier, State: state,
	})
}

// lasts returns a step that takes as long as an action does.
func (s *Service) lasts(a local.Action, state string, done func()) step {
	return step{state: state, until: s.cloud.Clock.Now().Add(s.cloud.Settings.Delay(a)), done: done}
}

// after returns a step that follows another.
func (s *Service) after(before step, a local.Action, state string) step {
	return step{state: state, until: before.until.Add(s.cloud.Settings.Delay(a))}
}

// find returns an instance that there is, hidden or not.
func (r *region) find(id string) (*instance, error) {
	name, err := checkIdentifier("DBInstanceIdentifier", id, longestInstanceName)
	if err != nil {
		return nil, err
	}
	i, ok := r.instances.Get(name)
	if !ok {
		return nil, instanceNotFound(name)
	}
	return i, nil
}
