// SPDX-License-Identifier: Apache-2.0

package pool_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

const movable = compute.ClusterMovable

// drains has a pool empty clusters.
func drains(after time.Duration, limit intstr.IntOrString) func(*compute.ClusterPoolSpec) {
	return func(p *compute.ClusterPoolSpec) {
		p.Drain = &compute.Drain{Policy: compute.DrainWhenMovable, After: duration(after), MaxUnavailable: &limit}
		p.IdleAfter = duration(0)
	}
}

// TestDrains: a used cluster whose applications have a place elsewhere is emptied, one
// application after the other, and removed; each is told why it moved.
func TestDrains(t *testing.T) {
	t.Parallel()
	f := fills(t, 3, "500m", drains(2*time.Second, intstr.FromInt32(1)))
	broken := f.app("broken", "100m") // which was not ready before, and is not waited for
	f.placed(broken, f.second)
	f.stays(ready, ready) // there is no room yet
	f.roomy()
	since := now.Now()
	f.states(ready, movable)
	f.states(ready, draining)
	if took := now.Since(since); took < time.Second {
		t.Errorf("it was drained after %s", took)
	}
	f.states(ready)
	for _, a := range f.others {
		f.runs(a, f.first)
		c := meta.FindStatusCondition(a.Status.Conditions, workload.ConditionScheduled)
		if want := fmt.Sprintf("it left %s: ClusterPool %s drains cluster %s-2", f.second, f.pool.Name, f.pool.Name); !strings.Contains(c.Message, want) || c.Status != metav1.ConditionTrue {
			t.Errorf("Scheduled is %+v, want %q", c, want)
		}
		if a.Status.Placement.Attempt != 2 {
			t.Errorf("%s was placed %d times", a.Name, a.Status.Placement.Attempt)
		}
		f.event(a, "Moved", fmt.Sprintf("From KubernetesTarget %s to %s: ClusterPool %s drains", f.second, f.first, f.pool.Name))
	}
	f.event(f.pool, compute.ReasonClusterDraining, "its applications have a place on other clusters")
	f.atMost(f.scene, 1)
	f.stays(ready)
	if n := f.asked(); n != 2 || len(f.claims()) != 1 {
		t.Errorf("core asked for %d clusters, and there are %d", n, len(f.claims()))
	}
}

// TestDrainsTogether: one that has to be where another is follows that.
func TestDrainsTogether(t *testing.T) {
	t.Parallel()
	f := fills(t, 1, "500m", drains(0, intstr.FromInt32(1)))
	leader := f.app("leader", "500m", func(a *workload.KubernetesApplication) { a.Labels = map[string]string{"is": "leader"} })
	f.runs(leader, f.second)
	follower := f.app("follower", "500m", func(a *workload.KubernetesApplication) {
		a.Spec.Placement.Priority = 5
		a.Spec.Placement.Affinity = &workload.Affinity{Required: []workload.AffinityTerm{{
			Selector: metav1.LabelSelector{MatchLabels: leader.Labels}, Topology: workload.TopologyTarget,
		}}}
	})
	f.runs(follower, f.second)
	f.roomy()
	f.states(ready)
	f.runs(leader, f.first)
	f.runs(follower, f.first)
	f.atMost(f.scene, 1)
}

// TestBudgetOfAllMoves: who is on the move for another reason counts, too.
func TestBudgetOfAllMoves(t *testing.T) {
	t.Parallel()
	f := fills(t, 2, "500m", drains(0, intstr.FromInt32(1)))
	f.held.Store(true)
	stranger := f.app("stranger", "0", byAnother)
	stranger.Status.Placement = &workload.PlacementStatus{Target: f.first}
	for _, target := range []string{f.first, f.second} {
		stranger.Status.Targets = append(stranger.Status.Targets, workload.TargetInUse{Name: target, ClusterUID: target, Namespace: f.namespace})
	}
	f.must(world.Client.Status().Update(f.ctx, stranger))
	f.roomy()
	f.states(ready, draining)
	time.Sleep(3 * settle)
	f.wake()
	f.stays(ready, draining)
	if m := f.pool.Status.Clusters[1].Moving; len(m) != 0 {
		t.Errorf("another one may move: %+v", m)
	}
	f.held.Store(false)
	f.states(ready)
}

// TestBudgetAfterARelease: who left a cluster that was kept counts until it has arrived.
func TestBudgetAfterARelease(t *testing.T) {
	t.Parallel()
	f := fills(t, 3, "400m", drains(time.Second, intstr.FromInt32(1)))
	f.halfWay()
	f.change(`{"spec":{"drain":{"policy":"Never"}}}`)
	f.kept("")
	f.change(`{"spec":{"drain":{"policy":"WhenMovable","after":"0s"}}}`)
	f.states(ready, draining)
	time.Sleep(3 * settle)
	f.wake()
	f.stays(ready, draining)
	if m := f.pool.Status.Clusters[1].Moving; len(m) != 1 || m[0].UID != f.others[0].UID {
		t.Errorf("another one may move: %+v", m)
	}
	f.held.Store(false)
	f.states(ready)
	f.atMost(f.scene, 1)
}

// TestDrainBudget: never are more on the move than may be, a share being rounded up.
func TestDrainBudget(t *testing.T) {
	t.Parallel()
	for limit, want := range map[string]int{"2": 2, "40%": 3, "100%": 5} { // of six, with keeper
		t.Run(limit, func(t *testing.T) {
			t.Parallel()
			f := fills(t, 5, "400m", drains(0, intstr.Parse(limit)))
			f.roomy()
			f.states(ready)
			f.atMost(f.scene, want)
		})
	}
}

// TestNotDrained: clusters that somebody needs where they are, and such of pools that
// do not want it.
func TestNotDrained(t *testing.T) {
	t.Parallel()
	at := drains(0, intstr.FromInt32(1))
	measured := func(f *filled) {
		f.eventually(func() error {
			f.must(world.Client.Get(f.ctx, client.ObjectKeyFromObject(f.others[0]), f.others[0]))
			f.others[0].Status.Measured = []workload.MeasuredRequests{{Target: f.second, Requests: quantities("2500m")}}
			return world.Client.Status().Update(f.ctx, f.others[0])
		})
	}
	edit := func(f *filled, patch string) {
		f.must(world.Client.Patch(f.ctx, f.others[0], client.RawPatch(types.MergePatchType, []byte(patch))))
	}
	for name, test := range map[string]struct {
		cpu    string
		pool   func(*compute.ClusterPoolSpec)
		before func(*filled)
	}{
		"not asked for": {"500m", func(*compute.ClusterPoolSpec) {}, nil},
		"never":         {"500m", func(p *compute.ClusterPoolSpec) { at(p); p.Drain.Policy = compute.DrainNever }, nil},
		"no room":       {"3100m", at, nil},
		"hardly room":   {"2500m", at, func(*filled) {}}, // the next application would have a cluster made
		"hardly room for what it was seen to take": {"500m", at, measured},
		"min":             {"500m", at, func(f *filled) { f.change(`{"spec":{"min":2}}`) }},
		"not for so long": {"500m", drains(time.Hour, intstr.FromInt32(1)), nil},
		"pinned":          {"500m", at, func(f *filled) { edit(f, `{"spec":{"placement":{"pin":true}}}`) }},
		"paused":          {"500m", at, func(f *filled) { edit(f, `{"metadata":{"annotations":{"crossplane.io/paused":"true"}}}`) }},
		"named":           {"500m", at, func(f *filled) { edit(f, fmt.Sprintf(`{"spec":{"placement":null,"targetRef":{"name":%q}}}`, f.second)) }},
		"by another":      {"500m", at, func(f *filled) { edit(f, `{"spec":{"placement":{"schedulerName":"mine"}}}`) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fills(t, 1, test.cpu, test.pool)
			if test.before != nil {
				f.must(world.Client.Get(f.ctx, client.ObjectKeyFromObject(f.others[0]), f.others[0]))
				test.before(f)
				// The older one goes as well as the younger one.
				keeper := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: f.namespace, Name: "keeper"}}
				f.must(world.Client.Patch(f.ctx, keeper, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"placement":{"pin":true}}}`))))
				time.Sleep(quietTime)
			}
			f.roomy()
			time.Sleep(quietTime)
			f.wake()
			time.Sleep(quietTime)
			p := f.read()
			begun := func(c compute.PoolCluster) bool { return c.State == draining || c.Kept != "" }
			if len(p.Status.Clusters) != 2 || slices.ContainsFunc(p.Status.Clusters, begun) {
				t.Errorf("%s", f.tells())
			}
			f.atMost(f.scene, 0)
		})
	}
}

// TestSpareStaysEmpty: nothing moves to a cluster that is kept ready for others.
func TestSpareStaysEmpty(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	m := s.moves()
	s.makes(drains(0, intstr.FromInt32(1)), func(p *compute.ClusterPoolSpec) { p.Spare = 1 })
	s.states(pending)
	first := s.comes(0)
	a := s.app("blog", "1")
	s.placed(a, first)
	s.states(ready, pending)
	s.comes(1)
	s.stays(ready, idle)
	m.atMost(s, 0)
}

// TestDrainReleased: what can't be emptied after all stays, and says why; those that
// are on it go on running there.
func TestDrainReleased(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(*filled)
		why     string
	}{
		"one is pinned": {func(f *filled) {
			f.must(world.Client.Patch(f.ctx, f.others[2], client.RawPatch(types.MergePatchType, []byte(`{"spec":{"placement":{"pin":true}}}`))))
		}, " does not leave it: it is pinned"},
		"a new one is pinned there": {func(f *filled) {
			f.app("new", "100m", func(a *workload.KubernetesApplication) {
				a.Spec.Placement = nil
				a.Spec.TargetRef = &v1alpha1.Reference{Name: f.second}
			})
		}, "/new does not leave it: it names its target"},
		"the room is gone": {func(f *filled) {
			t := &workload.KubernetesTarget{ObjectMeta: metav1.ObjectMeta{Name: f.first}}
			f.must(world.Client.Patch(f.ctx, t, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"unschedulable":true}}`))))
		}, "has no place elsewhere: "},
		"one waits for a place": {func(f *filled) { f.app("new", "2700m") }, "/new has no other place"},
		"min is raised":         {func(f *filled) { f.change(`{"spec":{"min":2}}`) }, "min is 2"},
		"not wanted any more":   {func(f *filled) { f.change(`{"spec":{"drain":{"policy":"Never"}}}`) }, "does not drain clusters any more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fills(t, 3, "400m", drains(time.Second, intstr.FromInt32(1)))
			f.halfWay()
			f.change(`{"spec":{"drain":{"after":"1h"}}}`)
			test.happens(f)
			f.kept(test.why)
			f.held.Store(false)
			time.Sleep(quietTime)
			f.runs(f.others[2], f.second)
			f.scheduled(f.others[2], metav1.ConditionTrue, workload.ReasonPlaced)
			f.eventually(func() error {
				if core1.pools.Draining(f.second) || core1.pools.Departure(f.others[0].UID) != nil {
					return errors.New("nothing is placed there, or an application is to leave")
				}
				return nil
			})
			f.is(func(p *compute.ClusterPool) error {
				if len(p.Status.Clusters[1].Moving) > 0 {
					return errors.New("one is on the move")
				}
				return nil
			})
			f.atMost(f.scene, 1)
			if n := f.asked(); n != 2 {
				t.Errorf("core asked for %d clusters", n)
			}
		})
	}
}

// TestMaxRaised: what was too much, and is not any more, stays.
func TestMaxRaised(t *testing.T) {
	t.Parallel()
	f := fills(t, 2, "500m", drains(time.Hour, intstr.FromInt32(1)), func(p *compute.ClusterPoolSpec) { p.Max = 2 })
	f.roomy()
	f.stays(ready, movable)
	f.held.Store(true)
	f.change(`{"spec":{"max":1}}`)
	f.states(ready, draining)
	f.change(`{"spec":{"max":2}}`)
	f.kept("max is 2 now")
	f.held.Store(false)
	f.stays(ready, movable)
}

// TestMaxLowered: what is more than there may be is emptied without further delay if
// the pool drains, and says why it is not where it can't be.
func TestMaxLowered(t *testing.T) {
	t.Parallel()
	f := fills(t, 2, "500m", drains(time.Hour, intstr.FromInt32(1)))
	f.change(`{"spec":{"max":1}}`)
	f.is(func(p *compute.ClusterPool) error {
		if kept := p.Status.Clusters[1].Kept; !strings.Contains(kept, " has no place elsewhere: ") {
			return fmt.Errorf("it does not say why it is there: %q", kept)
		}
		return nil
	})
	f.change(`{"spec":{"drain":{"after":"1s"}}}`)
	f.roomy()
	f.is(func(p *compute.ClusterPool) error {
		if c := p.Status.Clusters; len(c) != 2 || c[1].Drain != compute.DrainMaxExceeded {
			return errors.New("want it drained for the sake of max")
		}
		return nil
	})
	f.states(ready)
	f.atMost(f.scene, 1)
}
