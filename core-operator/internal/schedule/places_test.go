// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

// quiet is for how long nothing happens once all is done.
const quiet = 500 * time.Millisecond

func says(text string, words ...string) error {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return fmt.Errorf("%q does not say %q", text, word)
		}
	}
	return nil
}

// rests checks that core comes to write nothing any more in the scene.
func (s *scene) rests() {
	s.Helper()
	s.eventually(func() error {
		begin, err := asked.Mark()
		s.must(err)
		time.Sleep(2 * quiet)
		all, err := asked.Since(begin)
		s.must(err)
		mine := all.By(coreUser).Of(audit.Write).Where(func(q audit.Request) bool { return q.Namespace == s.namespace })
		if len(mine) > 0 {
			return fmt.Errorf("core goes on to write: %v", mine)
		}
		return nil
	})
}

func (r *replica) knows(u *unstructured.Unstructured) *contract.Managed {
	return r.scheduler.Kinds.Get(schema.GroupKind{Group: "testing.example.org", Kind: "Server"}, u.GetName())
}

// TestNowhere says why not, and goes on when there is room: by a new target, or by
// one that leaves; the most important first, of equals the oldest.
func TestNowhere(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	small := s.target("small", "verde/east", 1)
	s.target("far", "rojo/west", 8)
	first := s.app("first", asking("1"), placed(func(p *workload.Placement) { p.Regions = []string{"east"} }))
	s.on(first, small, 1)
	late := s.app("late", asking("1"), placed(func(p *workload.Placement) { p.Regions = []string{"east"} }))
	p := s.is(late, workload.ReasonNoTarget, "None of 2 targets: 1 Capacity, 1 Region; e.g. ")
	if p.Target != "" || p.Attempt != 0 || len(p.Rejected) != 2 || len(p.Examples) != 2 {
		t.Errorf("something was decided: %+v", p)
	}
	vip := s.app("vip", asking("1"), placed(func(p *workload.Placement) { p.Regions, p.Priority = []string{"east"}, 10 }))
	s.is(vip, workload.ReasonNoTarget)
	s.must(world.Client.Delete(s.ctx, first))
	s.on(vip, small, 1)
	s.is(late, workload.ReasonNoTarget)
	s.on(late, s.target("more", "verde/east", 1), 1)
	s.rests()
}

// TestNobodysTargets are not even counted.
func TestNobodysTargets(t *testing.T) {
	t.Parallel()
	s, other := newScene(t), newScene(t)
	theirs := other.target("theirs", "verde/east", 0)
	a := s.app("shop")
	s.is(a, workload.ReasonNoTarget, "no target that namespace "+s.namespace+" may use")
	change(s, theirs, func(t *workload.KubernetesTarget) { t.Spec.AllowedNamespaces.Namespaces = []string{s.namespace} })
	s.on(a, theirs, 1)
}

// TestInvalid placements say so until they are put right.
func TestInvalid(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.target("one", "verde/east", 0)
	bad := s.app("bad", placed(func(p *workload.Placement) {
		p.TargetSelector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Perhaps"}}}
	}))
	s.is(bad, workload.ReasonPlacementInvalid, "Perhaps")
	change(s, bad, func(a *workload.KubernetesApplication) { a.Spec.Placement = nil })
	s.on(bad, one, 1)

	beside := func(name string) func(*workload.KubernetesApplication) {
		return placed(func(p *workload.Placement) {
			p.Affinity = &workload.Affinity{Required: []workload.AffinityTerm{{
				Selector: metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}, Topology: workload.TopologyTarget,
			}}}
		})
	}
	hen, egg := s.app("hen", beside("egg")), s.app("egg", beside("hen"))
	chick := s.app("chick", beside("hen"))
	s.is(hen, workload.ReasonPlacementInvalid, "hen -> egg -> hen")
	s.is(egg, workload.ReasonPlacementInvalid, "egg -> hen -> egg")
	s.is(chick, workload.ReasonNoTarget, "Affinity")
	change(s, egg, func(a *workload.KubernetesApplication) { a.Spec.Placement = nil })
	s.on(egg, one, 1)
	s.on(hen, one, 1)
	s.on(chick, one, 1)
	s.rests()
}

// TestAnotherScheduler decides itself, and what it decides takes room.
func TestAnotherScheduler(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.target("one", "verde/east", 2)
	theirs := s.app("theirs", asking("2"), placed(func(p *workload.Placement) { p.SchedulerName = "somebody" }))
	mine := s.app("mine", asking("1"))
	s.on(mine, one, 1)
	s.must(world.Client.Delete(s.ctx, mine))
	report(s, theirs, func(a *workload.KubernetesApplication) {
		a.Status.Placement = &workload.PlacementStatus{ObservedGeneration: a.Generation, Attempt: 1, Target: one.Name, Requests: a.Spec.Placement.Requests}
	})
	s.rests()
	s.is(s.app("late", asking("1")), workload.ReasonNoTarget, "Capacity")
	s.get(theirs)
	if meta.FindStatusCondition(theirs.Status.Conditions, workload.ConditionScheduled) != nil {
		t.Error("core decided on what is another scheduler's")
	}
}

// TestAHandOver: what another scheduler has written is not taken from it by force,
// and it is told what is in the way.
func TestAHandOver(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.target("one", "verde/east", 0)
	a := s.app("shop", placed(func(p *workload.Placement) { p.SchedulerName = "somebody" }))
	report(s, a, func(a *workload.KubernetesApplication) {
		a.Status.Placement = &workload.PlacementStatus{ObservedGeneration: a.Generation, Attempt: 7, Target: "other"}
	})
	change(s, a, func(a *workload.KubernetesApplication) { a.Spec.Placement = nil })
	s.tells(a, "PlacementTaken", "schedulerName")
	report(s, a, func(a *workload.KubernetesApplication) { a.Status.Placement = nil })
	s.on(a, one, 1)
}

// TestTargetRef is law, whatever is left there, and takes room.
func TestTargetRef(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one, two := s.target("one", "verde/east", 1), s.target("two", "verde/east", 1)
	ref := func(t *workload.KubernetesTarget) func(*workload.KubernetesApplication) {
		return func(a *workload.KubernetesApplication) { a.Spec.TargetRef = &v1alpha1.Reference{Name: t.Name} }
	}
	a := s.app("one", asking("1"), ref(one))
	b := s.app("two", asking("1"), ref(one))
	s.on(a, one, 1)
	s.on(b, one, 1)
	s.on(s.app("three", asking("1")), two, 1)
	change(s, a, ref(two))
	s.on(a, two, 2)
	s.tells(a, "Moved", one.Name, two.Name)
}

// TestATargetIsLost: whoever may goes elsewhere, with a word about it; whoever's data
// is there says that it can't; whoever is pinned stays.
func TestATargetIsLost(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	prefer := placed(func(p *workload.Placement) {
		p.Affinity = &workload.Affinity{Preferred: []workload.WeightedAffinityTerm{{Weight: 100, AffinityTerm: workload.AffinityTerm{
			Selector: metav1.LabelSelector{MatchLabels: map[string]string{"app": "held"}}, Topology: workload.TopologyTarget,
		}}}}
	})
	east := s.target("east", "verde/east", 0)
	my := s.class("my", "MySQLInstance", "verde", nil, func(c *core.ResourceClass) { c.Spec.Colocation = core.ColocationRequired })
	c := s.mysql("orders")
	held := s.app("held", using(c))
	s.on(held, east, 1)
	s.says(s.at(c, my, "east"), "", nil)
	free, pinned := s.app("free", prefer), s.app("pinned", prefer, placed(func(p *workload.Placement) { p.Pin = true }))
	patient := s.app("patient", prefer, placed(func(p *workload.Placement) {
		p.Tolerations = []workload.Toleration{{Key: "broken", Operator: workload.TolerationExists}}
	}))
	for _, a := range []*workload.KubernetesApplication{free, pinned, patient} {
		s.on(a, east, 1)
	}
	west := s.target("west", "verde/west", 0)
	change(s, east, func(t *workload.KubernetesTarget) {
		t.Spec.Taints = []workload.Taint{{Key: "broken", Effect: workload.TaintNoExecute}}
	})
	s.on(free, west, 2)
	s.tells(free, "Moved", east.Name, west.Name, "Taint", "broken")
	p := s.is(held, workload.ReasonCannotMove, "data", "broken")
	if p.Target != east.Name || p.Attempt != 1 {
		t.Errorf("it moved from its data: %+v", p)
	}
	s.rests()
	s.on(pinned, east, 1)
	s.on(patient, east, 1)
	change(s, east, func(t *workload.KubernetesTarget) { t.Spec.Taints = nil })
	s.on(held, east, 1)
	s.on(free, west, 2) // which is as good
}

// TestUnreachable: after as long as it puts up with that it goes elsewhere; and when
// nothing is left, it says so.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	east := s.target("east", "verde/east", 0)
	impatient := s.app("impatient", placed(func(p *workload.Placement) {
		p.Tolerations = []workload.Toleration{{Key: workload.TaintUnreachable, Operator: workload.TolerationExists, TolerationSeconds: new(int64(2))}}
	}))
	usual := s.app("usual")
	s.on(impatient, east, 1)
	s.on(usual, east, 1)
	lost := func(t *workload.KubernetesTarget) {
		t.Status.UnreachableSince = new(metav1.Now())
		meta.SetStatusCondition(&t.Status.Conditions, metav1.Condition{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: workload.ReasonUnreachable})
	}
	report(s, east, lost)
	p := s.is(impatient, workload.ReasonNoTarget, "can't stay on "+east.Name)
	if p.Target != east.Name {
		t.Errorf("it was taken away with nowhere to go: %+v", p)
	}
	west := s.target("west", "verde/west", 0)
	s.on(impatient, west, 2)
	s.on(usual, east, 1)
	s.must(world.Client.Delete(s.ctx, east))
	s.on(usual, west, 2)
	s.tells(usual, "Moved", "gone")
}

// TestNothingNews writes nothing: what is left on targets, what else changes of an
// application, and a score that would be another one now.
func TestNothingNews(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.target("one", "verde/east", 4)
	a, waits := s.app("shop", asking("1")), s.app("big", asking("8"))
	s.on(a, one, 1)
	s.is(waits, workload.ReasonNoTarget)
	s.rests()
	begin, err := asked.Mark()
	s.must(err)
	for i := range 5 {
		report(s, one, func(t *workload.KubernetesTarget) {
			t.Status.Capacity.Foreign = map[string]resource.Quantity{"cpu": *resource.NewMilliQuantity(int64(i), resource.DecimalSI)}
		})
		report(s, a, func(a *workload.KubernetesApplication) { a.Status.Current = fmt.Sprintf("%d/5", i) })
		change(s, one, func(t *workload.KubernetesTarget) { t.Labels = map[string]string{"pass": fmt.Sprint(i)} })
	}
	time.Sleep(2 * quiet)
	s.must(asked.Settle(s.ctx, quiet))
	all, err := asked.Since(begin)
	s.must(err)
	if mine := all.By(coreUser).Of(audit.Write).Where(func(q audit.Request) bool { return q.Namespace == s.namespace }); len(mine) > 0 {
		t.Errorf("core wrote %v", mine)
	}
	// A change of the spec is answered, by one write.
	change(s, a, func(a *workload.KubernetesApplication) { a.Spec.Placement.Requests["cpu"] = resource.MustParse("2") })
	p := s.on(a, one, 1)
	if got := p.Requests["cpu"]; got.Cmp(resource.MustParse("2")) != 0 {
		t.Errorf("room is kept for %s", got.String())
	}
	s.is(s.app("late", asking("3")), workload.ReasonNoTarget)
}

// TestRoomWhileMoving is kept where the application still has objects.
func TestRoomWhileMoving(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one, two := s.target("one", "verde/east", 1), s.target("two", "verde/west", 1)
	a := s.app("shop", asking("1"), placed(func(p *workload.Placement) { p.Regions = []string{"east"} }))
	s.on(a, one, 1)
	report(s, a, func(a *workload.KubernetesApplication) {
		a.Status.Targets = []workload.TargetInUse{{Name: one.Name, ClusterUID: "u", Namespace: s.namespace}}
	})
	change(s, a, func(a *workload.KubernetesApplication) { a.Spec.Placement.Regions = []string{"west"} })
	s.on(a, two, 2)
	late := s.app("late", asking("1"))
	s.is(late, workload.ReasonNoTarget, "2 Capacity")
	report(s, a, func(a *workload.KubernetesApplication) { a.Status.Targets = nil })
	s.on(late, one, 1)
}

// TestNomination tells of the cluster that is being made.
func TestNomination(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.app("shop")
	s.is(a, workload.ReasonNoTarget)
	running.nominate(a.UID, &workload.Nomination{Pool: "burst", Cluster: "burst-1"})
	p := s.is(a, workload.ReasonClusterComing, "burst-1")
	if p.Nominated == nil || p.Nominated.Pool != "burst" {
		t.Errorf("nominated: %+v", p.Nominated)
	}
	one := s.target("one", "verde/east", 0)
	if p := s.on(a, one, 1); p.Nominated != nil {
		t.Errorf("nominated: %+v", p.Nominated)
	}
}

// TestPreview answers without doing anything, once for each question.
func TestPreview(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	east := s.target("east", "verde/east", 4)
	s.target("west", "verde/west", 1)
	my := s.class("my", "MySQLInstance", "verde", nil)
	c := s.mysql("orders")
	preview := &core.PlacementPreview{}
	preview.Namespace, preview.Name = s.namespace, "where"
	preview.Spec.Requests = map[string]resource.Quantity{"cpu": resource.MustParse("2")}
	preview.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: c.Name}}
	s.must(world.Client.Create(s.ctx, preview))
	answered := func(generation int64, asked string) core.PlacementPreviewStatus {
		s.Helper()
		s.eventually(func() error {
			s.get(preview)
			if preview.Status.ObservedGeneration != generation || preview.Status.LastHandledReconcileAt != asked {
				return fmt.Errorf("not answered: %+v", preview.Status)
			}
			return nil
		})
		return preview.Status
	}
	is := answered(1, "")
	if is.Target != east.Name || is.Location.Region != "east" || is.Feasible != 1 || len(is.Candidates) != 2 {
		t.Errorf("the answer is %+v", is)
	}
	if len(is.Candidates) != 2 {
		t.FailNow()
	}
	if best := is.Candidates[0]; best.Target != east.Name || best.Claims[0].Class != my.Name || len(best.Terms) == 0 {
		t.Errorf("the best is %+v", best)
	}
	if other := is.Candidates[1]; other.Reason != "Capacity" || says(other.Message, "cpu") != nil {
		t.Errorf("the other is %+v", other)
	}
	s.rests()
	s.get(c)
	if c.Status.ResourceRef != nil {
		t.Error("something came of it")
	}
	change(s, preview, func(p *core.PlacementPreview) {
		p.Spec = core.PlacementPreviewSpec{ApplicationRef: &v1alpha1.Reference{Name: "shop"}}
	})
	is = answered(2, "")
	if ready := meta.FindStatusCondition(is.Conditions, v1alpha1.ConditionReady); ready.Reason != "ApplicationNotFound" || is.Target != "" || is.Candidates != nil {
		t.Errorf("of an application that is not there: %+v", is)
	}
	a := s.app("shop", asking("4"))
	s.on(a, east, 1)
	change(s, preview, func(p *core.PlacementPreview) {
		p.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"}
	})
	if is = answered(2, "now"); is.Target != east.Name {
		t.Errorf("its own room is not its own: %+v", is)
	}
	s.refuses(&core.PlacementPreview{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "both"},
		Spec:       core.PlacementPreviewSpec{ApplicationRef: &v1alpha1.Reference{Name: "a"}, Labels: map[string]core.LabelText{"a": "b"}},
	}, "either name an application or describe one")
}

func (s *scene) refuses(o client.Object, words string) {
	s.Helper()
	err := s.world.Client.Create(s.ctx, o)
	if err == nil {
		s.Fatal("it was let in")
	}
	if err := says(err.Error(), words); err != nil {
		s.Error(err)
	}
}
