// SPDX-License-Identifier: Apache-2.0

package pool_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

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

// TestRestartWhileEmptying: core ends while one application is on its way from a cluster
// that is drained. The one that begins then goes on with that one, and with no other
// before it has arrived.
func TestRestartWhileEmptying(t *testing.T) {
	f := fills(t, 3, "400m", drains(time.Second, intstr.FromInt32(1)))
	f.halfWay()
	core1.end()
	before := f.read().DeepCopy()
	f.begins()
	if c := before.Status.Clusters; len(c) != 2 || c[1].State != draining || len(c[1].Moving) != 1 {
		t.Fatalf("want it half-way: %s", f.tells())
	}
	f.eventually(func() error {
		if !core1.pools.Known() {
			return errors.New("nothing is known")
		}
		return nil
	})
	if d := core1.pools.Departure(f.others[0].UID); d == nil || d.From != f.second || !core1.pools.Draining(f.second) {
		t.Errorf("what was begun is not known: %+v", d)
	}
	f.wake()
	time.Sleep(3 * settle)
	if m := f.read().Status.Clusters[1].Moving; len(m) != 1 || m[0] != before.Status.Clusters[1].Moving[0] {
		t.Errorf("moving are %+v, and were %+v", m, before.Status.Clusters[1].Moving)
	}
	f.held.Store(false)
	f.states(ready)
	for _, a := range f.others {
		f.runs(a, f.first)
	}
	f.atMost(f.scene, 1)
}

// TestMovesTooLong: an application that does not arrive ends the draining.
func TestMovesTooLong(t *testing.T) {
	f := fills(t, 3, "400m", drains(time.Second, intstr.FromInt32(1)))
	f.halfWay()
	f.change(`{"spec":{"drain":{"after":"1h"}}}`)
	now.forward(14 * time.Minute)
	f.wake()
	f.stays(ready, draining)
	now.forward(2 * time.Minute)
	f.wake()
	f.kept("/" + f.others[0].Name + " left it 15m0s ago, and is not ready elsewhere")
	f.stays(ready, movable)
	f.atMost(f.scene, 1)
}

// TestLaggingCache: before a cluster's claim is deleted the API server itself is asked
// whether an application came to be there, of which core's cache need not know yet.
func TestLaggingCache(t *testing.T) {
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.Min, p.IdleAfter = 1, duration(0) })
	s.states(pending)
	target := s.comes(0)
	s.states(idle)
	a := s.app("late", "1", byAnother)
	s.eventually(func() error { return known(a) })
	lag.Lock()
	var once sync.Once
	catchUp := func() { once.Do(lag.Unlock) }
	defer catchUp()
	a.Status.Placement = &workload.PlacementStatus{Target: target}
	s.must(world.Client.Status().Update(s.ctx, a))
	s.change(`{"spec":{"min":0}}`)
	s.states(draining)
	for end := time.Now().Add(5 * settle); time.Now().Before(end); time.Sleep(settle / 10) {
		if c := s.read().Status.Clusters; len(c) != 1 || c[0].State == deleting || writes.of("DELETE", s.clusters) > 0 {
			t.Fatalf("it is removed with an application on it: %s", s.tells())
		}
	}
	catchUp()
	s.stays(ready)
}

// known returns an error until core's cache has an application.
func known(a *workload.KubernetesApplication) error {
	if is, err := core1.workloads.Application(a.Namespace, a.Name); err != nil || is == nil || is.ResourceVersion != a.ResourceVersion {
		return fmt.Errorf("the cache has %+v of %s, and says %w", is, a.Name, err)
	}
	return nil
}

// begins starts core again.
func (s *scene) begins() {
	s.Helper()
	var err error
	core1, err = begin()
	s.must(err)
}
