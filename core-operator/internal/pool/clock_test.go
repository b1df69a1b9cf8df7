// SPDX-License-Identifier: Apache-2.0

package pool_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// The tests of this file put the clock forward, or end core and begin it again: no
// others run meanwhile.

// TestSchedule: in its window other numbers hold, and what is too much then goes at once.
func TestSchedule(t *testing.T) {
	s := newScene(t)
	opens := now.Now().UTC().Add(3 * time.Hour)
	s.makes(func(p *compute.ClusterPoolSpec) {
		p.Schedules = []compute.Schedule{{
			Name: "day", From: opens.Format("15:04"), To: opens.Add(2 * time.Hour).Format("15:04"), Min: new(int32(2)),
		}, {
			Name: "night", From: opens.Add(2 * time.Hour).Format("15:04"), To: opens.Add(4 * time.Hour).Format("15:04"), Max: new(int32(0)),
		}}
	})
	s.stays()
	now.forward(3*time.Hour + time.Minute)
	s.wake()
	s.states(pending, pending)
	if s.pool.Status.Window != "day" {
		t.Errorf("the window is %q", s.pool.Status.Window)
	}
	s.comes(0)
	s.comes(1)
	s.states(idle, idle)
	a := s.app("blog", "1")
	s.scheduled(a, metav1.ConditionTrue, workload.ReasonPlaced)
	s.is(func(p *compute.ClusterPool) error {
		if p.Status.Clusters[0].State == p.Status.Clusters[1].State {
			return errors.New("want one that is used")
		}
		return nil
	})
	now.forward(2 * time.Hour)
	s.wake()
	s.states(ready) // applications are not thrown out
	s.app("late", "4")
	s.stays(ready)
	if s.read().Status.Window != "night" {
		t.Errorf("the window is %q", s.pool.Status.Window)
	}
	now.forward(2 * time.Hour)
	s.wake()
	s.states(ready, pending)
}

// TestTriedAgain: a template that failed is left out for five minutes, and for twice
// as long each time that it fails again.
func TestTriedAgain(t *testing.T) {
	s := newScene(t)
	s.makes()
	s.app("blog", "3")
	for count, wait := range []time.Duration{5 * time.Minute, 10 * time.Minute} {
		s.states(pending)
		_, u := s.server(0)
		s.reports(u, false, v1alpha1.ReasonCapacity)
		s.states()
		s.condition(v1alpha1.ConditionSynced, "False", compute.ReasonTemplateFailed, "CapacityUnavailable")
		if f := s.pool.Status.Templates[0].Failure; int(f.Count) != count+1 {
			t.Fatalf("the failure is %+v", f)
		}
		now.forward(wait - time.Minute)
		s.wake()
		s.stays()
		now.forward(2 * time.Minute)
		s.wake()
	}
	s.states(pending)
	s.comes(0)
	s.is(func(p *compute.ClusterPool) error {
		if len(p.Status.Templates) != 0 {
			return errors.New("the template is not forgiven")
		}
		return nil
	})
}

// TestRestart: core ends after it put a cluster on record and before it made the
// claim; the one that begins then makes that claim, and no other cluster.
func TestRestart(t *testing.T) {
	s := newScene(t)
	s.makes()
	died := make(chan struct{})
	var once sync.Once
	var die func(func() error) error
	die = func(func() error) error { // and goes on to, until it has ended
		faults.plan(s.clusters, die)
		once.Do(func() { core1.cancel(); close(died) })
		return context.Canceled
	}
	faults.plan(s.clusters, die)
	s.app("a", "3")
	<-died
	core1.end()
	faults.take(s.clusters)
	p, made := s.states(pending).DeepCopy(), len(s.claims())
	s.begins()
	if p.Status.Clusters[0].UID != "" || made != 0 {
		t.Fatalf("the claim was made before: %+v", p.Status)
	}
	s.is(func(p *compute.ClusterPool) error {
		if len(p.Status.Clusters) != 1 || p.Status.Clusters[0].UID == "" {
			return errors.New("want the claim made")
		}
		return nil
	})
	s.stays(pending)
	if c := s.claims(); len(c) != 1 || c[0].Name != s.pool.Name+"-1" || s.read().Status.Clusters[0].UID != c[0].UID || s.pool.Status.Made != 1 {
		t.Errorf("%d claims: %s", len(c), s.tells())
	}
}

// TestRestartWhileDraining: who begins then knows what is draining before anything is
// placed, and drains again for as long.
func TestRestartWhileDraining(t *testing.T) {
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.IdleAfter = duration(500 * time.Millisecond) })
	a := s.app("blog", "3")
	s.states(pending)
	target := s.comes(0)
	s.states(ready)
	s.must(world.Client.Delete(s.ctx, a))
	s.states(draining)
	core1.end()
	before := s.read().DeepCopy()
	s.begins()
	if len(before.Status.Clusters) != 1 || before.Status.Clusters[0].State != draining {
		t.Fatalf("it was too quick: %+v", before.Status)
	}
	s.eventually(func() error {
		if !core1.pools.Known() {
			return errors.New("nothing is known")
		}
		return nil
	})
	if !core1.pools.Draining(target) {
		t.Error("it is not known to be draining")
	}
	s.states()
}

// begins starts core again.
func (s *scene) begins() {
	s.Helper()
	var err error
	core1, err = begin()
	s.must(err)
}
