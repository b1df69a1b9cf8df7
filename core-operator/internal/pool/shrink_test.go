// SPDX-License-Identifier: Apache-2.0

package pool_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// TestIdle: a cluster without applications goes after a while, draining first, and
// when its claim is gone it is off the record.
func TestIdle(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.IdleAfter = duration(2 * time.Second) })
	a := s.app("blog", "3")
	s.states(pending)
	target := s.comes(0)
	s.placed(a, target)
	s.states(ready)
	s.stays(ready)
	s.must(world.Client.Delete(s.ctx, a))
	gone := now.Now()
	s.states(idle)
	p := s.states(draining)
	if after := now.Since(gone); after < time.Second {
		t.Errorf("it went after %s", after)
	}
	if !core1.pools.Draining(p.Status.Clusters[0].Target) {
		t.Error("the scheduler is not told")
	}
	s.states()
	if n := len(s.claims()); n != 0 {
		t.Errorf("%d claims are there", n)
	}
	s.eventually(func() error {
		if core1.pools.Draining(target) {
			return errors.New("it is still draining")
		}
		return nil
	})
	if s.read().Status.Replicas != 0 || s.asked() != 1 {
		t.Errorf("%s", s.tells())
	}
}

// TestObjectsThatAreLeft keep a cluster, although their application is meant for
// another.
func TestObjectsThatAreLeft(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.Min, p.IdleAfter = 1, duration(0) })
	s.states(pending)
	target := s.comes(0)
	a := s.app("blog", "3", byAnother)
	a.Status.Targets = []workload.TargetInUse{{Name: target, ClusterUID: "u", Namespace: s.namespace}}
	a.Status.Placement = &workload.PlacementStatus{Target: "elsewhere"}
	s.must(world.Client.Status().Update(s.ctx, a))
	s.states(ready)
	s.change(`{"spec":{"min":0}}`)
	s.stays(ready)
	a.Status.Targets = nil
	s.must(world.Client.Status().Update(s.ctx, a))
	s.states()
}

// TestArrivesWhileDraining: a cluster that an application is placed on at the last
// moment stays, and so does one that an application would fit on.
func TestArrivesWhileDraining(t *testing.T) {
	t.Parallel()
	for name, arrives := range map[string]func(*scene, string){
		"placed": func(s *scene, target string) {
			a := s.app("late", "1", byAnother)
			a.Status.Placement = &workload.PlacementStatus{Target: target}
			s.must(world.Client.Status().Update(s.ctx, a))
		},
		"waiting": func(s *scene, target string) {
			a := s.app("late", "1")
			s.placed(a, target)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.makes(func(p *compute.ClusterPoolSpec) { p.IdleAfter = duration(500 * time.Millisecond) })
			a := s.app("blog", "3")
			s.states(pending)
			target := s.comes(0)
			s.placed(a, target)
			s.must(world.Client.Delete(s.ctx, a))
			s.states(draining)
			arrives(s, target)
			s.states(ready)
			s.stays(ready)
			s.eventually(func() error {
				if core1.pools.Draining(target) {
					return errors.New("nothing is placed there")
				}
				return nil
			})
			if n := writes.of("DELETE", s.clusters); n != 0 || s.asked() != 1 {
				t.Errorf("%d deletions, and core asked for %d clusters", n, s.asked())
			}
		})
	}
}

// TestMinAndSpare: so many there are whoever waits, `kubectl scale` sets min, and
// more than is needed goes when it has been idle.
func TestMinAndSpare(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.Spare, p.IdleAfter = 1, duration(time.Second) })
	s.states(pending)
	first := s.comes(0)
	s.stays(idle)
	a := s.app("blog", "1")
	s.placed(a, first)
	s.states(ready, pending)
	s.comes(1)
	s.stays(ready, idle)

	scale := func(to int32) error {
		return world.Client.SubResource("scale").Update(s.ctx, s.read(), client.WithSubResourceBody(&autoscalingv1.Scale{
			ObjectMeta: metav1.ObjectMeta{Name: s.pool.Name, ResourceVersion: s.pool.ResourceVersion}, Spec: autoscalingv1.ScaleSpec{Replicas: to},
		}))
	}
	s.eventually(func() error { return scale(3) })
	s.states(ready, idle, pending)
	s.condition(v1alpha1.ConditionReady, metav1.ConditionFalse, compute.ReasonScaling, "2 of at least 3", s.pool.Name+"-3")
	s.eventually(func() error {
		if err := scale(4); err == nil || !strings.Contains(err.Error(), "min is larger than max") {
			return fmt.Errorf("more than max: %w", err)
		}
		return nil
	})
	s.comes(2)
	s.stays(ready, idle, idle)
	s.condition(v1alpha1.ConditionReady, metav1.ConditionTrue, compute.ReasonAvailable)
	s.eventually(func() error { return scale(0) })
	p := s.states(ready, idle) // one spare
	if p.Status.Clusters[1].Name != p.Name+"-2" {
		t.Errorf("the younger one goes first: %s", s.tells())
	}
	s.change(`{"spec":{"spare":0}}`)
	s.states(ready)
	s.stays(ready)
}

// TestPoolDeleted: its clusters go when they are empty, and the pool with the last.
func TestPoolDeleted(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.Min = 2 })
	s.states(pending, pending)
	target := s.comes(0)
	a := s.app("blog", "1")
	s.placed(a, target)
	s.states(ready, pending)
	s.must(world.Client.Delete(s.ctx, s.pool))
	s.states(ready)
	s.condition(v1alpha1.ConditionReady, metav1.ConditionFalse, compute.ReasonDeleting, "applications are on "+s.pool.Name+"-1")
	s.app("more", "4") // nothing is made any more
	s.stays(ready)
	s.must(world.Client.Delete(s.ctx, a))
	s.eventually(func() error {
		if err := world.Client.Get(s.ctx, client.ObjectKeyFromObject(s.pool), s.pool); !isGone(err) {
			return fmt.Errorf("the pool is there: %w, %s", err, s.tells())
		}
		return nil
	})
	if n := len(s.claims()); n != 0 {
		t.Errorf("%d claims are there", n)
	}
}

// TestPoolOrphans: the clusters stay.
func TestPoolOrphans(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.Min, p.DeletionPolicy = 1, v1alpha1.DeletionOrphan })
	s.states(pending)
	s.comes(0)
	s.states(idle)
	s.must(world.Client.Delete(s.ctx, s.pool))
	s.eventually(func() error {
		if err := world.Client.Get(s.ctx, client.ObjectKeyFromObject(s.pool), s.pool); !isGone(err) {
			return fmt.Errorf("the pool is there: %w", err)
		}
		return nil
	})
	time.Sleep(quietTime)
	if c := s.claims(); len(c) != 1 || c[0].DeletionTimestamp != nil {
		t.Errorf("the claims are %+v", c)
	}
}

// TestDeletedBySomebody: a cluster that somebody deletes is no longer counted on, and
// another takes its place, for min and for the application that was on it.
func TestDeletedBySomebody(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.Min = 1 })
	s.states(pending)
	target := s.comes(0)
	a := s.app("blog", "3")
	s.placed(a, target)
	s.change(`{"spec":{"min":0}}`)
	c, _ := s.server(0)
	s.must(world.Client.Delete(s.ctx, c))
	s.is(func(p *compute.ClusterPool) error {
		if len(p.Status.Clusters) != 1 || p.Status.Clusters[0].Name != p.Name+"-2" {
			return errors.New("want another cluster")
		}
		return nil
	})
	other := s.comes(0)
	s.eventually(func() error {
		s.must(world.Client.Get(s.ctx, client.ObjectKeyFromObject(a), a))
		if a.Status.Placement.Target != other {
			return fmt.Errorf("the application is %+v", a.Status)
		}
		return nil
	})
}

// TestAtRest: nothing is written while nothing happens.
func TestAtRest(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(drains(time.Hour, intstr.FromInt32(1)), func(p *compute.ClusterPoolSpec) { p.Min, p.IdleAfter = 2, duration(time.Hour) })
	s.states(pending, pending)
	s.comes(0)
	s.comes(1)
	a := s.app("blog", "1")
	s.scheduled(a, metav1.ConditionTrue, workload.ReasonPlaced)
	s.is(func(p *compute.ClusterPool) error {
		if p.Status.Clusters[0].State == p.Status.Clusters[1].State {
			return errors.New("want one that is used")
		}
		return nil
	})
	n := 0
	for range 5 { // on a busy machine what happened is written late
		before := writes.of("/clusterpools/" + s.pool.Name)
		for range 5 {
			s.wake()
			time.Sleep(quietTime / 5)
		}
		if n = writes.of("/clusterpools/"+s.pool.Name) - before; n == 0 {
			return
		}
	}
	t.Errorf("%d writes", n)
}
