// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"maps"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// charted makes an application one of a chart, of which nobody has said what it takes.
func charted(a *workload.KubernetesApplication) {
	a.Spec.Chart = &workload.Chart{SourceRef: v1alpha1.Reference{Name: "any"}, Name: "any", Version: "1.0.0"}
}

// roomy makes a target that offers memory and pods, beside so many cpus.
func (s *scene) roomy(name, at string, cpus int64) *workload.KubernetesTarget {
	s.Helper()
	return report(s, s.target(name, at, cpus), func(t *workload.KubernetesTarget) {
		maps.Copy(t.Status.Capacity.Allocatable, map[string]resource.Quantity{"memory": resource.MustParse("64Gi"), "pods": resource.MustParse("100")})
	})
}

// runs has workload-operator say that an application is on a target, and what its
// pods there ask for.
func (s *scene) runs(a *workload.KubernetesApplication, t *workload.KubernetesTarget, cpu string) {
	s.Helper()
	report(s, a, func(a *workload.KubernetesApplication) {
		a.Status.Targets = []workload.TargetInUse{{Name: t.Name, ClusterUID: "u", Namespace: s.namespace}}
		a.Status.Measured = []workload.MeasuredRequests{{Target: t.Name, Requests: map[string]resource.Quantity{"cpu": resource.MustParse(cpu)}}}
	})
}

// TestUnstated: two charts of which nobody can tell what they take do not overcommit a
// target once the first of them is seen to run; until then a small pod is supposed,
// and the application says how to state more.
func TestUnstated(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.roomy("one", "verde/east", 4)
	first := s.app("first", charted)
	nobodyCanTell := &workload.EstimatedRequests{Reason: workload.ReasonChartMissing}
	s.tellsOfChart(first, nobodyCanTell)
	p := s.on(first, one, 1)
	if cpu, memory, pods := p.Requests["cpu"], p.Requests["memory"], p.Requests["pods"]; cpu.String() != "100m" || memory.String() != "128Mi" || pods.String() != "1" {
		t.Errorf("room is kept for %+v", p.Requests)
	}
	s.is(first, workload.ReasonPlaced, one.Name, "spec.placement.requests", "100m")
	s.is(s.app("whole", asking("4")), workload.ReasonNoTarget, "1 Capacity")

	s.runs(first, one, "4")
	second := s.app("second", charted)
	s.tellsOfChart(second, nobodyCanTell)
	s.is(second, workload.ReasonNoTarget, "1 Capacity", "100m of cpu is asked for and 0 is left")

	t.Log("there is room as soon as less is seen, and no more than that")
	time.Sleep(quiet) // nobody who waits is about to be looked at for another reason
	s.runs(first, one, "1")
	s.on(second, one, 1)
	third := s.app("third", asking("2900m"))
	s.on(third, one, 1)
	fourth := s.app("fourth", asking("100m"))
	s.is(fourth, workload.ReasonNoTarget, "1 Capacity")

	t.Log("what is said counts once, whether it is seen or not")
	s.runs(third, one, "2900m")
	change(s, first, placed(func(p *workload.Placement) { p.Requests = map[string]resource.Quantity{"cpu": resource.MustParse("1")} }))
	s.is(first, workload.ReasonPlaced)
	s.must(s.world.Client.Delete(s.ctx, second))
	s.on(fourth, one, 1)
	s.is(s.app("fifth", asking("100m")), workload.ReasonNoTarget, "1 Capacity")
}

// TestMeasuredWhileMoving: an application that moves needs as much as it was seen to
// take, keeps that much where it was until it has left, and where it comes to before
// it is seen there.
func TestMeasuredWhileMoving(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.roomy("one", "verde/east", 4)
	s.roomy("small", "verde/west", 2)
	a := s.app("shop", charted, placed(func(p *workload.Placement) { p.Regions = []string{"east"} }))
	s.finds(a, "1")
	s.on(a, one, 1)
	s.runs(a, one, "3")
	change(s, a, func(a *workload.KubernetesApplication) { a.Spec.Placement.Regions = []string{"west"} })
	s.is(a, workload.ReasonNoTarget, "3 of cpu is asked for and 2 is left")
	large := s.roomy("large", "verde/west", 4)
	s.on(a, large, 2)
	within := func(region, cpu string) *workload.KubernetesApplication {
		s.Helper()
		return s.app("late-"+region, asking(cpu), placed(func(p *workload.Placement) {
			p.TargetSelector, p.Regions = nil, []string{region}
		}))
	}
	east, west := within("east", "2"), within("west", "2500m")
	s.is(east, workload.ReasonNoTarget, "1 Capacity")
	s.is(west, workload.ReasonNoTarget, "2 Capacity")
	s.runs(a, large, "1")
	s.on(east, one, 1)
	s.on(west, large, 1)
}
