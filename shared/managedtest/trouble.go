// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

var errPlanned = errors.New("planned trouble")

// everyPoint runs a story once for each operation that goes wrong and each way
// to go wrong, until the story has fewer operations than that. A crash before an
// operation is one after the operation before.
func (c suite[MR, Obs]) everyPoint(t *testing.T, before func(*scene[MR, Obs]), story func(*scene[MR, Obs])) {
	t.Helper()
	for _, how := range c.ways {
		for n := 1; ; n++ {
			s := c.scene(t)
			before(s)
			s.faults.arm(n, how, &fault.Error{Class: fault.Transient, Err: errPlanned})
			var hit string
			ok := t.Run(fmt.Sprintf("%s %d", how, n), func(t *testing.T) {
				outer := s.t
				s.t = t
				story(s)
				s.t, hit = outer, s.faults.hit
			})
			if !ok || hit == "" {
				break
			}
		}
	}
}

func (c suite[MR, Obs]) crashWhileMaking(t *testing.T) {
	c.everyPoint(t, func(*scene[MR, Obs]) {}, func(s *scene[MR, Obs]) {
		s.pass()
		s.ready()
		name := s.theOnly()
		s.opens(name)
		s.remove()
		s.gone()
		if names := s.subject.Cloud.Names(); len(names) > 0 {
			s.t.Errorf("after %s: leaked %v", s.faults.hit, names)
		}
	})
}

func (c suite[MR, Obs]) crashWhileRemoving(t *testing.T) {
	c.everyPoint(t, func(s *scene[MR, Obs]) { s.ready() }, func(s *scene[MR, Obs]) {
		s.remove()
		s.pass()
		s.gone()
		if names := s.subject.Cloud.Names(); len(names) > 0 {
			s.t.Errorf("after %s: leaked %v", s.faults.hit, names)
		}
	})
}

// errors checks, for each class, that an error of the first cloud call that
// makes the resource, and of a look at one that is ready, is told and got over.
func (c suite[MR, Obs]) errors(t *testing.T) {
	for _, class := range []fault.Class{
		fault.Transient, fault.Throttled, fault.Conflict, fault.Dependency, fault.Quota, fault.Capacity, fault.Permission, fault.Invalid,
	} {
		t.Run(string(class), func(t *testing.T) {
			planned := &fault.Error{Class: class, Err: errPlanned}
			s := c.scene(t)
			s.ready()
			name := s.theOnly()
			s.faults.arm(1, failBefore, planned)
			mr := s.next()
			if !holds(mr, v1alpha1.ConditionReady) {
				t.Errorf("failing to look made it unready: %s", reason(mr, v1alpha1.ConditionReady))
			}
			if got := reason(mr, v1alpha1.ConditionSynced); got != planned.ConditionReason() || holds(mr, v1alpha1.ConditionSynced) {
				t.Errorf("Synced: got %s, want %s", got, planned.ConditionReason())
			}
			if holds(mr, v1alpha1.ConditionStalled) != (class == fault.Invalid) {
				t.Errorf("only what can never succeed is stalled: %s", class)
			}
			s.ready()
			if s.theOnly() != name {
				t.Errorf("another resource: %s, was %s", s.theOnly(), name)
			}
		})
	}
}

// errorsAgain checks when a look that failed is repeated.
func (c suite[MR, Obs]) errorsAgain(t *testing.T) {
	t.Run("RetryAfter", func(t *testing.T) {
		s := c.scene(t)
		s.ready()
		s.faults.arm(1, failBefore, &fault.Error{Class: fault.Throttled, RetryAfter: time.Hour, Err: errPlanned})
		if s.next(); s.after < s.within(time.Hour) {
			t.Errorf("the cloud said to wait an hour: next look after %s", s.after)
		}
	})
	t.Run("AtMostOnceAMinute", func(t *testing.T) {
		s := c.scene(t)
		s.ready()
		for i := range 16 {
			s.faults.arm(1, failBefore, &fault.Error{Class: fault.Transient, Err: errPlanned})
			if s.next(); i > 13 && s.after < s.within(40*time.Second) {
				t.Errorf("an error that lasts is repeated after %s", s.after)
			}
		}
	})
}

// invisible plays a cloud that does not show for a while what it made.
func (c suite[MR, Obs]) invisible(t *testing.T) {
	s := c.scene(t)
	s.hidden = 3
	s.faults.arm(0, "", nil)
	s.pass()
	s.ready()
	s.opens(s.theOnly())
}

// opens checks that the published password is the one that the cloud takes.
func (s *scene[MR, Obs]) opens(name string) {
	s.t.Helper()
	cloud, has := s.subject.Cloud.(PasswordCloud)
	if !has {
		return
	}
	secret := s.secret()
	if secret == nil {
		s.t.Fatal("ready without a connection secret")
	}
	if got, want := string(secret.Data[v1alpha1.KeyPassword]), cloud.Password(name); got != want || got == "" {
		s.t.Errorf("after %q: the published password does not let clients in", s.faults.hit)
	}
}

func (c suite[MR, Obs]) rotation(t *testing.T) {
	s := c.scene(t)
	s.ready()
	cloud, has := s.subject.Cloud.(PasswordCloud)
	if !has {
		t.Skip("a kind without a password")
	}
	name := s.theOnly()
	first := cloud.Password(name)
	s.edit(func(mr MR) { annotate(mr, v1alpha1.AnnotationRotatePasswordRequestedAt, "now") })
	s.until("rotated", func(mr MR) bool {
		if !holds(mr, v1alpha1.ConditionReady) {
			t.Errorf("a rotation made it unready: %s", reason(mr, v1alpha1.ConditionReady))
		}
		_, status := mr.Managed()
		if status.LastHandledRotationAt != "now" && string(s.secret().Data[v1alpha1.KeyPassword]) != first {
			t.Error("clients were given a password that was not confirmed")
		}
		return status.LastHandledRotationAt == "now"
	})
	if s.opens(name); cloud.Password(name) == first {
		t.Error("the cloud still takes the old password")
	}
	s.ready()
	writes := s.faults.write
	if s.next(); s.faults.write != writes {
		t.Error("asked once, and carried out again")
	}
}

func (c suite[MR, Obs]) passwordLost(t *testing.T) {
	s := c.scene(t)
	s.ready()
	if s.subject.Kind.Password == nil {
		t.Skip("a kind without a password")
	}
	if err := s.kube.Delete(t.Context(), s.secret()); err != nil {
		t.Fatal(err)
	}
	s.next()
	s.ready()
	s.opens(s.theOnly())
}

func (c suite[MR, Obs]) crashWhileRotating(t *testing.T) {
	if c.subject(t).Kind.Password == nil {
		t.Skip("a kind without a password")
	}
	c.everyPoint(t, func(s *scene[MR, Obs]) { s.ready() }, func(s *scene[MR, Obs]) {
		s.edit(func(mr MR) { annotate(mr, v1alpha1.AnnotationRotatePasswordRequestedAt, "now") })
		s.pass()
		s.until("rotated", func(mr MR) bool {
			_, status := mr.Managed()
			return status.LastHandledRotationAt == "now"
		})
		s.opens(s.theOnly())
	})
}
