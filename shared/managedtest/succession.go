// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"testing"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// successor is the control plane that takes the place of the one under test.
const successor = "hub-2"

// restore plays a backup: mr goes without a trace in the cloud, and comes back with another uid, its
// annotations, and no status.
func (s *scene[MR, Obs]) restore(mr MR) {
	s.t.Helper()
	copied := s.subject.Object()
	copied.SetName(mr.GetName())
	copied.SetAnnotations(mr.GetAnnotations())
	copied.SetFinalizers(mr.GetFinalizers())
	s.erase(s.t.Context())
	if err := s.kube.Create(s.t.Context(), copied); err != nil {
		s.t.Fatal(err)
	}
}

// moved starts a story in which the object is restored in another control plane. It skips a kind whose
// resources are found by the object's own id alone: no control plane is marked on them.
func (c suite[MR, Obs]) moved(t *testing.T) (s *scene[MR, Obs], name string) {
	t.Helper()
	s = c.scene(t)
	mr := s.ready()
	name = s.theOnly()
	s.restore(mr)
	s.env.Hub = successor
	if id := (managed.Identity{Hub: successor, Owner: managed.OwnerID(mr)}); id.OwnerOf(s.seenTags()) == managed.Ours {
		t.Skip("no control plane is marked on resources of this kind")
	}
	return s, name
}

// seenTags are the tags by which the object's resource is judged in the scene's control plane.
func (s *scene[MR, Obs]) seenTags() map[string]string {
	s.t.Helper()
	mr := s.get()
	ext, err := s.subject.Kind.Connect(s.t.Context(), mr)
	if err != nil {
		s.t.Fatal(err)
	}
	obs, err := ext.Observe(s.t.Context(), mr, managed.Identity{Hub: string(s.env.Hub), Owner: managed.OwnerID(mr), Name: mr.GetName()})
	if err != nil || obs == nil {
		s.t.Fatalf("looking at the resource: %v, %v", obs, err)
	}
	return ext.Assess(mr, obs).Tags
}

// handedOver plays a restore in another control plane while the first one lives on. Unless it is told
// of the first one it touches nothing; told, it marks the resource as its own and does nothing else to
// it, and from then on the first one leaves it alone.
func (c suite[MR, Obs]) handedOver(t *testing.T) {
	s, name := c.moved(t)
	before := s.subject.Cloud.Mutations()
	for range 3 {
		s.next()
	}
	if got := reason(s.get(), v1alpha1.ConditionSynced); got != v1alpha1.ReasonForeignResource {
		t.Errorf("Synced: got %s, want %s", got, v1alpha1.ReasonForeignResource)
	}
	s.untouched(before)

	s.env.FormerHubs = []string{hub}
	s.ready()
	if !s.adopts() {
		s.untouched(before)
		return
	}
	if got := s.subject.Cloud.Mutations() - before; got != 1 || s.theOnly() != name {
		t.Errorf("%d changes of %s, want one, of the tags of %s", got, s.theOnly(), name)
	}
	id := managed.Identity{Hub: successor, Owner: managed.OwnerID(s.get())}
	if tags := s.subject.Cloud.Tags(name); id.OwnerOf(tags) != managed.Ours {
		t.Errorf("it is not marked: %v", tags)
	}

	s.env.Hub, s.env.FormerHubs = hub, nil
	s.leftAloneAndReleased()
}

// leftAloneAndReleased is what the first control plane does about a resource that another one has.
func (s *scene[MR, Obs]) leftAloneAndReleased() {
	s.t.Helper()
	before := s.subject.Cloud.Mutations()
	s.subject.Cloud.Drift(s.theOnly())
	for range 3 {
		s.next()
	}
	if got := reason(s.get(), v1alpha1.ConditionSynced); got != v1alpha1.ReasonForeignResource {
		s.t.Errorf("Synced: got %s, want %s", got, v1alpha1.ReasonForeignResource)
	}
	s.remove()
	s.gone()
	s.untouched(before)
	s.theOnly()
}

// crashWhileHandedOver plays crashes and failures at every point of taking over.
func (c suite[MR, Obs]) crashWhileHandedOver(t *testing.T) {
	c.everyPoint(t, func(s *scene[MR, Obs]) {
		s.restore(s.ready())
		s.env.Hub, s.env.FormerHubs = successor, []string{hub}
	}, func(s *scene[MR, Obs]) {
		name := s.theOnly()
		s.pass()
		mr := s.ready()
		if s.opens(name); s.theOnly() != name {
			s.t.Errorf("after %s: %s in the place of %s", s.faults.hit, s.theOnly(), name)
		}
		id := managed.Identity{Hub: successor, Owner: managed.OwnerID(mr)}
		if tags := s.subject.Cloud.Tags(name); s.adopts() && id.OwnerOf(tags) != managed.Ours {
			s.t.Errorf("after %s: it is not marked: %v", s.faults.hit, tags)
		}
	})
}

// handedOverToBeDeleted plays an object that is restored and deleted before anybody looked at it.
func (c suite[MR, Obs]) handedOverToBeDeleted(t *testing.T) {
	s, _ := c.moved(t)
	s.env.FormerHubs = []string{hub}
	s.remove()
	s.gone()
	if names := s.subject.Cloud.Names(); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}
