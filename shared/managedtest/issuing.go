// SPDX-License-Identifier: Apache-2.0

package managedtest

import (
	"strconv"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// issuingCloud returns the subject's cloud if its kind's credentials expire.
func issuingCloud(t *testing.T, cloud Cloud) IssuingCloud {
	t.Helper()
	issuing, has := cloud.(IssuingCloud)
	if !has {
		t.Skip("a kind without credentials that expire")
	}
	return issuing
}

// renewed lets time go by until credentials were renewed so many times, and fails
// if at any moment those that are published are not accepted.
func (s *scene[MR, Obs]) renewed(cloud IssuingCloud, times int64) {
	s.t.Helper()
	name, first := s.theOnly(), s.revision()
	for range manyPasses {
		s.wait()
		if !cloud.Accepts(name, s.secret().Data, s.clock.Now()) {
			s.t.Fatalf("after %q: what is published is not accepted any more", s.faults.hit)
		}
		crash := s.faults.hit
		s.pass()
		if s.faults.hit == crash && s.revision() >= first+times {
			return
		}
	}
	s.t.Fatalf("renewed %d times in %d passes", s.revision()-first, manyPasses)
}

// revision returns which content of the secret the object's status tells of, and
// fails if the secret has another one.
func (s *scene[MR, Obs]) revision() int64 {
	s.t.Helper()
	_, status := s.get().Managed()
	stored, err := strconv.ParseInt(s.secret().Annotations[v1alpha1.AnnotationConnectionRevision], 10, 64)
	if err != nil || stored != status.ConnectionRevision {
		s.t.Errorf("the secret has content %d (%v), and the status tells of %d", stored, err, status.ConnectionRevision)
	}
	return status.ConnectionRevision
}

// within is wait, or less where credentials have to be renewed before.
func (s *scene[MR, Obs]) within(wait time.Duration) time.Duration {
	s.t.Helper()
	secret := s.secret()
	if secret == nil {
		return wait
	}
	due, err := time.Parse(time.RFC3339, secret.Annotations[v1alpha1.AnnotationRenewAt])
	if err != nil {
		return wait
	}
	return min(wait, due.Sub(s.clock.Now()).Truncate(time.Second))
}

// credentialsRenewed shows that clients always have credentials that are good.
func (c suite[MR, Obs]) credentialsRenewed(t *testing.T) {
	issuingCloud(t, c.subject(t).Cloud)
	for name, trouble := range map[string]func(*scene[MR, Obs]){
		"AtRest": func(*scene[MR, Obs]) {},
		"Paused": func(s *scene[MR, Obs]) {
			s.edit(func(mr MR) { annotate(mr, v1alpha1.AnnotationPaused, v1alpha1.PausedTrue) })
			s.subject.Cloud.Drift(s.theOnly())
		},
		"Unseen": func(s *scene[MR, Obs]) {
			s.faults.dark = &fault.Error{Class: fault.Permission, Err: errPlanned}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.scene(t)
			s.t = t
			s.ready()
			trouble(s)
			s.pass()
			s.renewed(issuingCloud(t, s.subject.Cloud), 4)
		})
	}
}

// crashWhileRenewing shows that what is stored is told, whatever happens between.
func (c suite[MR, Obs]) crashWhileRenewing(t *testing.T) {
	issuingCloud(t, c.subject(t).Cloud)
	c.everyPoint(t, func(s *scene[MR, Obs]) { s.ready() }, func(s *scene[MR, Obs]) {
		s.renewed(issuingCloud(s.t, s.subject.Cloud), 1)
	})
}

// credentialsReplaced asks for new ones as for a new password.
func (c suite[MR, Obs]) credentialsReplaced(t *testing.T) {
	s := c.scene(t)
	issuingCloud(t, s.subject.Cloud)
	s.ready()
	before := s.revision()
	s.edit(func(mr MR) { annotate(mr, v1alpha1.AnnotationRotatePasswordRequestedAt, "now") })
	_, status := s.pass().Managed()
	if s.revision() != before+1 || status.LastHandledRotationAt != "now" {
		t.Errorf("asked for new credentials: %d contents after %d, answered %q", s.revision(), before, status.LastHandledRotationAt)
	}
}
