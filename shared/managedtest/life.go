// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"testing"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// mostWrites is how many writes to the API a resource may cost until it is ready,
// if there is nothing to make in it.
const mostWrites = 4

// writesToRenew is what new credentials cost: the secret, and that it is told.
const writesToRenew = 2

func (c suite[MR, Obs]) life(t *testing.T) {
	s := c.scene(t)
	s.pass()
	if s.ready(); s.faults.write > mostWrites+s.subject.Steps {
		t.Errorf("writes until ready: got %d, want at most %d", s.faults.write, mostWrites+s.subject.Steps)
	}
	name := s.theOnly()
	mr := s.get()
	_, status := mr.Managed()
	if managed.ExternalName(mr) != name || status.FirstReadyTime == nil {
		t.Errorf("external name %q, cloud has %q; first ready %v", managed.ExternalName(mr), name, status.FirstReadyTime)
	}
	want := managed.Identity{Hub: hub, Owner: string(mr.GetUID()), Name: mr.GetName()}
	if tags := s.subject.Cloud.Tags(name); want.OwnerOf(tags) != managed.Ours {
		t.Errorf("the resource is not marked as ours: %v", tags)
	}
	writes, issued, mutations := s.faults.write, s.faults.issue, s.subject.Cloud.Mutations()
	for range 10 {
		s.next()
	}
	if got, want := s.faults.write-writes, writesToRenew*(s.faults.issue-issued); got != want {
		t.Errorf("%d writes in ten polls of an unchanged resource, want %d", got, want)
	}
	s.untouched(mutations)
	s.remove()
	s.gone()
	if names := s.subject.Cloud.Names(); len(names) > 0 {
		t.Errorf("leaked: %v", names)
	}
}

func (c suite[MR, Obs]) specChange(t *testing.T) {
	s := c.scene(t)
	if s.subject.Change == nil {
		t.Skip("nothing of this kind can be changed")
	}
	s.ready()
	name := s.theOnly()
	s.edit(s.subject.Change)
	s.until("changed", func(mr MR) bool {
		if !holds(mr, v1alpha1.ConditionReady) {
			t.Errorf("a change made it unready: %s", reason(mr, v1alpha1.ConditionReady))
		}
		return s.subject.Changed(name) && !holds(mr, v1alpha1.ConditionReconciling)
	})
}

func (c suite[MR, Obs]) drift(t *testing.T) {
	s := c.scene(t)
	s.ready()
	name := s.theOnly()
	s.subject.Cloud.Drift(name)
	if !s.subject.Cloud.Drifted(name) {
		t.Fatal("the subject's Drift changes nothing")
	}
	mr := s.pass()
	_, status := mr.Managed()
	if !holds(mr, v1alpha1.ConditionReady) || !holds(mr, v1alpha1.ConditionReconciling) || len(status.Drift) == 0 {
		t.Errorf("drift is said and makes nothing unready: drift %v, %+v", status.Drift, status.Conditions)
	}
	mr = s.ready()
	if _, status = mr.Managed(); s.subject.Cloud.Drifted(name) || len(status.Drift) > 0 {
		t.Errorf("not repaired, or still said: %v", status.Drift)
	}
}

func (c suite[MR, Obs]) paused(t *testing.T) {
	s := c.scene(t)
	s.ready()
	name := s.theOnly()
	pause := func(value string) { s.edit(func(mr MR) { annotate(mr, v1alpha1.AnnotationPaused, value) }) }
	pause(v1alpha1.PausedTrue)
	before := s.subject.Cloud.Mutations()
	s.subject.Cloud.Drift(name)
	mr := s.pass()
	if s.untouched(before); reason(mr, v1alpha1.ConditionSynced) != v1alpha1.ReasonPaused || !holds(mr, v1alpha1.ConditionReady) {
		t.Errorf("paused: Ready %v, Synced %s", holds(mr, v1alpha1.ConditionReady), reason(mr, v1alpha1.ConditionSynced))
	}
	s.remove()
	s.next()
	s.untouched(before)
	pause("")
	s.gone()
	if names := s.subject.Cloud.Names(); len(names) > 0 {
		t.Errorf("leaked: %v", names)
	}
}

func (c suite[MR, Obs]) reconcileNow(t *testing.T) {
	s := c.scene(t, func(mr MR) { annotate(mr, v1alpha1.AnnotationReconcileRequestedAt, "one") })
	s.ready()
	s.edit(func(mr MR) { annotate(mr, v1alpha1.AnnotationReconcileRequestedAt, "two") })
	if _, status := s.pass().Managed(); status.LastHandledReconcileAt != "two" {
		t.Errorf("answered: got %q, want %q", status.LastHandledReconcileAt, "two")
	}
}

func (c suite[MR, Obs]) observeOnly(t *testing.T) {
	var name string
	subject := c.subject(t)
	name = subject.Cloud.Plant("observed", map[string]string{"team": "other"})
	s := newScene(t, c.kube, subject, func(mr MR) {
		spec, _ := mr.Managed()
		spec.ManagementPolicy = v1alpha1.ManagementObserveOnly
		annotate(mr, v1alpha1.AnnotationExternalName, name)
	})
	before := subject.Cloud.Mutations()
	s.ready()
	subject.Cloud.Drift(name)
	mr := s.next()
	_, status := mr.Managed()
	if s.untouched(before); len(status.Drift) == 0 || len(status.Connection) > 0 {
		t.Errorf("drift is said, and what is not ours is not published: drift %v, connection %v", status.Drift, status.Connection)
	}
	s.remove()
	s.gone()
	s.untouched(before)
}
