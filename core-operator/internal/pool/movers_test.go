// SPDX-License-Identifier: Apache-2.0

package pool_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// movers brings the applications of a scene to where they are placed, as
// workload-operator does, and counts how many were on the move at once.
type movers struct {
	held  atomic.Bool // nobody arrives
	since map[types.UID]time.Time
	ran   map[types.UID]bool // it was Ready once

	mu   sync.Mutex
	most int
}

// moves has the applications of the scene moved, which takes a moment.
func (s *scene) moves() *movers {
	s.Helper()
	m := &movers{since: map[types.UID]time.Time{}, ran: map[types.UID]bool{}}
	done, ended := make(chan struct{}), make(chan struct{})
	s.Cleanup(func() { close(done); <-ended })
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
				m.step(s)
			}
		}
	}()
	return m
}

func (m *movers) step(s *scene) {
	list := &workload.KubernetesApplicationList{}
	if err := world.Client.List(s.ctx, list, client.InNamespace(s.namespace)); err != nil {
		return
	}
	moving := 0
	for i := range list.Items {
		a := &list.Items[i]
		p := a.Status.Placement
		if p == nil || p.Target == "" {
			continue
		}
		here := slices.ContainsFunc(a.Status.Targets, func(t workload.TargetInUse) bool { return t.Name == p.Target })
		arrived := here && len(a.Status.Targets) == 1
		if m.ran[a.UID] && (!arrived || !isReady(a)) {
			moving++
		}
		switch {
		case !here:
			m.since[a.UID] = time.Now()
			a.Status.Targets = append(a.Status.Targets, workload.TargetInUse{Name: p.Target, ClusterUID: p.Target, Namespace: s.namespace})
			setReady(a, metav1.ConditionFalse)
		case arrived && isReady(a):
			m.ran[a.UID] = true
			continue
		case m.held.Load() && !arrived, time.Since(m.since[a.UID]) < 100*time.Millisecond:
			continue
		case !arrived:
			a.Status.Targets = []workload.TargetInUse{{Name: p.Target, ClusterUID: p.Target, Namespace: s.namespace}}
			m.since[a.UID] = time.Now()
		case a.Name == "broken":
			continue
		default:
			setReady(a, metav1.ConditionTrue)
		}
		_ = world.Client.Status().Update(s.ctx, a) // else the next time
	}
	m.mu.Lock()
	m.most = max(m.most, moving)
	m.mu.Unlock()
}

// atMost checks how many were on the move at once.
func (m *movers) atMost(s *scene, want int) {
	s.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.most != want {
		s.Errorf("%d applications were on the move at once, want %d", m.most, want)
	}
}

func isReady(a *workload.KubernetesApplication) bool {
	return meta.IsStatusConditionTrue(a.Status.Conditions, v1alpha1.ConditionReady)
}

func setReady(a *workload.KubernetesApplication, to metav1.ConditionStatus) {
	meta.SetStatusCondition(&a.Status.Conditions, metav1.Condition{Type: v1alpha1.ConditionReady, Status: to, Reason: workload.ReasonRunning, ObservedGeneration: a.Generation})
}

// filled is a scene with two clusters: one that is kept full by an application, until
// roomy is called, and a younger one with others.
type filled struct {
	*scene
	*movers

	first, second string // targets
	big           *workload.KubernetesApplication
	others        []*workload.KubernetesApplication
}

// fills makes it, with so many others of which each asks for so much.
func fills(t *testing.T, count int, cpu string, change ...func(*compute.ClusterPoolSpec)) *filled {
	t.Helper()
	s := newScene(t)
	f := &filled{scene: s, movers: s.moves()}
	s.makes(change...)
	keeper := s.app("keeper", "1")
	s.states(pending)
	f.big = s.app("big", "3")
	f.first = s.comes(0)
	s.placed(keeper, f.first)
	s.placed(f.big, f.first)
	for i := range count {
		f.others = append(f.others, s.app(fmt.Sprintf("x%d", i), cpu))
	}
	s.is(func(p *compute.ClusterPool) error {
		if len(p.Status.Clusters) != 2 {
			return errors.New("want another cluster")
		}
		return nil
	})
	f.second = s.comes(1)
	for _, a := range f.others {
		f.runs(a, f.second)
	}
	return f
}

// runs waits until an application is on a target, and nowhere else.
func (f *filled) runs(a *workload.KubernetesApplication, target string) {
	f.Helper()
	f.eventually(func() error {
		f.must(world.Client.Get(f.ctx, client.ObjectKeyFromObject(a), a))
		if p := a.Status.Placement; p == nil || p.Target != target || len(a.Status.Targets) != 1 || a.Status.Targets[0].Name != target || !isReady(a) {
			return fmt.Errorf("application %s does not run on %s: %+v", a.Name, target, a.Status)
		}
		return nil
	})
}

// roomy makes room on the first cluster.
func (f *filled) roomy() {
	f.Helper()
	f.must(world.Client.Delete(f.ctx, f.big))
}

// halfWay waits until one application, which is then the first of others, is on its
// way, and has it not arrive.
func (f *filled) halfWay() {
	f.Helper()
	f.held.Store(true)
	f.roomy()
	f.is(func(p *compute.ClusterPool) error {
		if c := p.Status.Clusters; len(c) != 2 || c[1].State != draining || c[1].Drain == "" || len(c[1].Moving) != 1 {
			return errors.New("want one on the move")
		}
		return nil
	})
	goes := func(a *workload.KubernetesApplication) bool { return a.UID == f.pool.Status.Clusters[1].Moving[0].UID }
	i := slices.IndexFunc(f.others, goes)
	f.others[0], f.others[i] = f.others[i], f.others[0]
	f.eventually(func() error {
		f.must(world.Client.Get(f.ctx, client.ObjectKeyFromObject(f.others[0]), f.others[0]))
		if f.others[0].Status.Placement.Target != f.first {
			return errors.New("want it moved")
		}
		return nil
	})
}

// kept waits until the second cluster stays, and says why.
func (f *filled) kept(why string) {
	f.Helper()
	f.is(func(p *compute.ClusterPool) error {
		c := p.Status.Clusters
		if len(c) != 2 || c[1].State == draining || !strings.Contains(c[1].Kept, why) || c[1].Drain != "" {
			return fmt.Errorf("want it kept, with %q", why)
		}
		return nil
	})
	f.event(f.pool, compute.ReasonClusterKept, why)
}

// event waits for an event on an object with some words in it.
func (s *scene) event(on client.Object, reason, words string) {
	s.Helper()
	s.eventually(func() error {
		list := &eventsv1.EventList{}
		s.must(world.Client.List(s.ctx, list))
		for i := range list.Items {
			e := &list.Items[i]
			if e.Regarding.UID == on.GetUID() && e.Reason == reason && strings.Contains(e.Note, words) {
				return nil
			}
		}
		return fmt.Errorf("no event %s with %q", reason, words)
	})
}
