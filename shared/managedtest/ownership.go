// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

func annotate(mr client.Object, key, value string) {
	a := mr.GetAnnotations()
	if a == nil {
		a = map[string]string{}
	}
	if delete(a, key); value != "" {
		a[key] = value
	}
	mr.SetAnnotations(a)
}

// planted starts a story in which the object's external name leads to a
// resource that somebody else made.
func (c suite[MR, Obs]) planted(t *testing.T, tags map[string]string, edits ...func(MR)) *scene[MR, Obs] {
	t.Helper()
	subject := c.subject(t)
	name := subject.Cloud.Plant("planted", tags)
	edits = append(edits, func(mr MR) { annotate(mr, v1alpha1.AnnotationExternalName, name) })
	return newScene(t, c.kube, subject, edits...)
}

// leftAlone checks that an object says why it does not touch a resource, does
// not, and goes without taking it along.
func (s *scene[MR, Obs]) leftAlone(why string) {
	s.t.Helper()
	before := s.subject.Cloud.Mutations()
	s.subject.Cloud.Drift(s.theOnly())
	var mr MR
	for range 5 {
		mr = s.next()
	}
	_, status := mr.Managed()
	if holds(mr, v1alpha1.ConditionReady) || reason(mr, v1alpha1.ConditionSynced) != why || !holds(mr, v1alpha1.ConditionStalled) {
		s.t.Errorf("want Stalled and %s: %+v", why, status.Conditions)
	}
	if len(status.Connection) > 0 || status.ConnectionSecretRef != nil {
		s.t.Errorf("published what is not ours: %v", status.Connection)
	}
	s.remove()
	s.gone()
	s.untouched(before)
	s.theOnly()
}

func (c suite[MR, Obs]) nobodys(t *testing.T) {
	c.planted(t, nil).leftAlone(v1alpha1.ReasonAdoptionRequired)
}

func (c suite[MR, Obs]) foreign(t *testing.T) {
	for name, id := range map[string]managed.Identity{
		"OtherObject": {Hub: hub, Owner: "another"},
		"OtherHub":    {Hub: "hub-2", Owner: "another"},
		"FormerHub":   {Hub: "hub-0", Owner: "another"},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.planted(t, id.Tags(), func(mr MR) { annotate(mr, v1alpha1.AnnotationImport, v1alpha1.ImportAdopt) })
			s.env.FormerHubs = []string{"hub-0"}
			s.leftAlone(v1alpha1.ReasonForeignResource)
		})
	}
}

// adopts reports whether resources of the kind can be adopted.
func (s *scene[MR, Obs]) adopts() bool {
	s.t.Helper()
	ext, err := s.subject.Kind.Connect(s.t.Context(), s.get())
	if err != nil {
		s.t.Fatal(err)
	}
	_, can := ext.(managed.Adopter[MR, Obs])
	return can
}

func (c suite[MR, Obs]) adopted(t *testing.T) {
	s := c.planted(t, map[string]string{"team": "kept"}, func(mr MR) { annotate(mr, v1alpha1.AnnotationImport, v1alpha1.ImportAdopt) })
	if !s.adopts() {
		s.leftAlone(v1alpha1.ReasonAdoptionRequired)
		return
	}
	s.ready()
	mr, tags := s.get(), s.subject.Cloud.Tags(s.theOnly())
	id := managed.Identity{Hub: hub, Owner: string(mr.GetUID())}
	if id.OwnerOf(tags) != managed.Ours || tags["team"] != "kept" {
		t.Errorf("tags after the adoption: %v", tags)
	}
	s.remove()
	s.gone()
	if names := s.subject.Cloud.Names(); len(names) > 0 {
		t.Errorf("what was adopted is ours to delete: %v", names)
	}
}

func (c suite[MR, Obs]) orphaned(t *testing.T) {
	s := c.scene(t, func(mr MR) {
		spec, _ := mr.Managed()
		spec.DeletionPolicy = v1alpha1.DeletionOrphan
	})
	s.ready()
	before := s.subject.Cloud.Mutations()
	s.remove()
	s.gone()
	s.untouched(before)
	s.theOnly()
}

func (c suite[MR, Obs]) vanished(t *testing.T) {
	s := c.scene(t)
	s.ready()
	first := s.theOnly()
	s.subject.Cloud.Vanish(first)
	if !s.subject.Kind.HoldsData {
		s.until("made again", func(mr MR) bool { return len(s.subject.Cloud.Names()) == 1 && holds(mr, v1alpha1.ConditionReady) })
		return
	}
	for range 3 {
		s.next()
	}
	mr := s.get()
	if len(s.subject.Cloud.Names()) > 0 || reason(mr, v1alpha1.ConditionReady) != v1alpha1.ReasonResourceVanished {
		t.Errorf("an empty one in the place of a full one: %v, Ready %s", s.subject.Cloud.Names(), reason(mr, v1alpha1.ConditionReady))
	}
	s.remove()
	s.gone()
}

// taken plays a resource that vanished, and whose name somebody else took: it is
// not deleted with the object.
func (c suite[MR, Obs]) taken(t *testing.T) {
	s := c.scene(t)
	s.ready()
	name := s.theOnly()
	s.subject.Cloud.Vanish(name)
	theirs := managed.Identity{Hub: hub, Owner: "another"}
	if name = s.subject.Cloud.Plant(name, theirs.Tags()); theirs.OwnerOf(s.subject.Cloud.Tags(name)) != managed.Ours {
		t.Skip("the name alone says whose a resource of this kind is")
	}
	before := s.subject.Cloud.Mutations()
	s.remove()
	s.gone()
	s.untouched(before)
	s.theOnly()
}

// restored plays a backup that is restored into an empty control plane: the
// object has another uid, its annotations, and no status.
func (c suite[MR, Obs]) restored(t *testing.T) {
	s := c.scene(t)
	mr := s.ready()
	name, old := s.theOnly(), mr.GetUID()
	s.restore(mr)
	before := s.subject.Cloud.Mutations()
	mr = s.ready()
	s.untouched(before)
	if mr.GetUID() == old || s.theOnly() != name {
		t.Errorf("uid %s, resource %s; want another uid and %s", mr.GetUID(), s.theOnly(), name)
	}
	s.remove()
	s.gone()
	if names := s.subject.Cloud.Names(); len(names) > 0 {
		t.Errorf("a restored object still owns what it made: %v", names)
	}
}

func (c suite[MR, Obs]) crdRemoved(t *testing.T) {
	for name, tc := range map[string]struct {
		decision string
		left     int
	}{
		"Orphan": {v1alpha1.OnCRDRemovalOrphan, 1},
		"Delete": {v1alpha1.OnCRDRemovalDelete, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.scene(t)
			s.ready()
			before := s.subject.Cloud.Mutations()
			s.crd.removing = true
			s.remove()
			mr := s.next()
			if s.untouched(before); reason(mr, v1alpha1.ConditionSynced) != v1alpha1.ReasonCRDRemoved {
				t.Errorf("Synced: got %s, want %s", reason(mr, v1alpha1.ConditionSynced), v1alpha1.ReasonCRDRemoved)
			}
			s.edit(func(mr MR) { annotate(mr, v1alpha1.AnnotationOnCRDRemoval, tc.decision) })
			s.gone()
			if names := s.subject.Cloud.Names(); len(names) != tc.left {
				t.Errorf("left in the cloud: %v, want %d", names, tc.left)
			}
		})
	}
}

func (c suite[MR, Obs]) deletedUnseen(t *testing.T) {
	s := c.scene(t)
	s.ready()
	s.subject.Cloud.Vanish(s.theOnly())
	s.remove()
	s.gone()
}
