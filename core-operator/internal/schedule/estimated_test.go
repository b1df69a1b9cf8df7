// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// patient is less than a decision waits for an estimate that never comes.
const patient = 8 * time.Second

// finds has workload-operator say what the chart of an application, as the spec has it,
// will ask for.
func (s *scene) finds(a *workload.KubernetesApplication, cpu string) {
	s.Helper()
	s.tellsOfChart(a, &workload.EstimatedRequests{Requests: map[string]resource.Quantity{"cpu": resource.MustParse(cpu), "pods": resource.MustParse("3")}})
}

func (s *scene) tellsOfChart(a *workload.KubernetesApplication, e *workload.EstimatedRequests) {
	s.Helper()
	report(s, a, func(a *workload.KubernetesApplication) {
		content, err := json.Marshal(a.Spec.Chart)
		s.must(err)
		e.Of = contract.ChartDigest(content)
		a.Status.Estimated = e
	})
}

// undecided checks that nothing is decided on an application for a while.
func (s *scene) undecided(a *workload.KubernetesApplication) {
	s.Helper()
	time.Sleep(2 * quiet)
	s.get(a)
	if c := meta.FindStatusCondition(a.Status.Conditions, workload.ConditionScheduled); c != nil && c.ObservedGeneration == a.Generation {
		s.Errorf("it was decided before it was known what the chart takes: %+v", c)
	}
}

// keeps checks that room is kept for so much.
func (s *scene) keeps(p *workload.PlacementStatus, cpu, pods string) {
	s.Helper()
	if c, n := p.Requests["cpu"], p.Requests["pods"]; c.Cmp(resource.MustParse(cpu)) != 0 || n.Cmp(resource.MustParse(pods)) != 0 {
		s.Errorf("room is kept for %v, want %s of cpu and %s pods", p.Requests, cpu, pods)
	}
}

// TestEstimated: what a chart takes is known before it is placed, so that two large ones
// at once do not overcommit a target; and nothing is said of what is not known.
func TestEstimated(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.roomy("one", "verde/east", 4)
	first, second := s.app("first", charted), s.app("second", charted)
	s.undecided(first)
	s.undecided(second)
	known, err := running.workloads.Application(second.Namespace, second.Name)
	s.must(err)
	if _, asks, err := running.scheduler.Question(s.ctx, known); err != nil || asks {
		t.Errorf("a pool is to make a cluster for what nobody knows: %v", err)
	}
	s.finds(first, "3")
	s.keeps(s.on(first, one, 1), "3", "3")
	if c := meta.FindStatusCondition(first.Status.Conditions, workload.ConditionScheduled); strings.Contains(c.Message, "chart") {
		t.Errorf("it is known what the chart takes: %s", c.Message)
	}
	s.finds(second, "3")
	s.is(second, workload.ReasonNoTarget, "1 Capacity", "3 of cpu is asked for and 1 is left")

	t.Log("what the manifests beside it ask for comes on top, and a chart may make no pods")
	third := s.app("third", charted, func(a *workload.KubernetesApplication) {
		pod := workload.Manifest{}
		pod.Raw = []byte(`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "beside"}, "spec": {"containers": [{"name": "it", "resources": {"requests": {"cpu": "250m"}}}]}}`)
		a.Spec.Manifests = []workload.Manifest{pod}
	})
	s.tellsOfChart(third, &workload.EstimatedRequests{})
	s.keeps(s.on(third, one, 1), "250m", "1")

	t.Log("what is stated, or seen to be more, counts in its place")
	stating := s.app("stating", charted, asking("500m"))
	s.keeps(s.on(stating, one, 1), "500m", "0")
	s.finds(stating, "4")
	s.runs(first, one, "4")
	s.is(s.app("fifth", asking("1m")), workload.ReasonNoTarget, "1 Capacity")
	s.keeps(s.on(stating, one, 1), "500m", "0")
}

// TestEstimateOfAnother: an estimate counts for the chart that it is of, and the decision
// on another one waits for its own.
func TestEstimateOfAnother(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.roomy("one", "verde/east", 4)
	a := s.app("shop", charted)
	s.finds(a, "5")
	s.is(a, workload.ReasonNoTarget, "5 of cpu is asked for")
	change(s, a, func(a *workload.KubernetesApplication) { a.Spec.Chart.Version = "2.0.0" })
	s.undecided(a)
	s.finds(a, "2")
	s.keeps(s.on(a, one, 1), "2", "3")

	t.Log("what else is changed leaves it as it is")
	change(s, a, placed(func(p *workload.Placement) { p.Priority = 1 }))
	s.keeps(s.on(a, one, 1), "2", "3")
}

// TestNoEstimate: a decision waits no longer than it has to, supposes a small pod then,
// and says why; what is found out later counts, and moves nothing.
func TestNoEstimate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.roomy("one", "verde/east", 4)
	begun := time.Now()
	silent, broken := s.app("silent", charted), s.app("broken", charted)
	s.tellsOfChart(broken, &workload.EstimatedRequests{Reason: workload.ReasonChartInvalid, Message: "it does not render"})
	s.is(broken, workload.ReasonPlaced, "can't be found out (ChartInvalid, see status.estimated)", "100m of cpu", "spec.placement.requests")
	s.keeps(s.is(silent, workload.ReasonPlaced, "was not found out before: room is kept for 100m of cpu"), "100m", "1")
	if took := time.Since(begun); took < patient {
		t.Errorf("it waited for no more than %s", took)
	}
	s.roomy("better", "rojo/west", 64)
	s.finds(silent, "4")
	s.eventually(func() error {
		cpu := s.on(silent, one, 1).Requests["cpu"]
		return says(cpu.String(), "4")
	})
	s.is(s.app("late", asking("100m"), placed(func(p *workload.Placement) { p.Providers = []string{"verde"} })), workload.ReasonNoTarget, "1 Capacity")
}

// TestBoundlessRequests: an amount that takes hours to be added to another is refused when
// it is stated.
func TestBoundlessRequests(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, amount := range []string{"1e999999999", "1.5E+10000", "1e-999999999"} {
		asks := map[string]any{"cpu": amount, "memory": int64(1)}
		for kind, spec := range map[string]any{
			"workload.crossplane.io/v1alpha1 KubernetesApplication": map[string]any{"placement": map[string]any{"requests": asks}},
			"core.crossplane.io/v1alpha1 PlacementPreview":          map[string]any{"requests": asks},
		} {
			u := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
			apiVersion, name, _ := strings.Cut(kind, " ")
			u.SetAPIVersion(apiVersion)
			u.SetKind(name)
			u.SetNamespace(s.namespace)
			u.SetName("huge")
			s.refuses(u, "nobody can mean an exponent of so many digits")
		}
	}
	usual := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"placement": map[string]any{"requests": map[string]any{
		"cpu": "1e0", "memory": int64(1 << 30), "pods": "12E", "example.org/a": "1Ei", "example.org/b": "1e-3",
	}}}}}
	usual.SetAPIVersion("workload.crossplane.io/v1alpha1")
	usual.SetKind("KubernetesApplication")
	usual.SetNamespace(s.namespace)
	usual.SetName("usual")
	s.must(s.world.Client.Create(s.ctx, usual))
}

// TestBoundlessManifest: an amount that takes hours to be added to another, in a manifest,
// holds nobody up.
func TestBoundlessManifest(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.roomy("one", "verde/east", 4)
	boundless := s.app("boundless", func(a *workload.KubernetesApplication) {
		pod := workload.Manifest{}
		pod.Raw = []byte(`{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "it"}, "spec": {"containers": [{"name": "it", "resources": {"requests": {"cpu": "1e-999999999"}}}]}}`)
		a.Spec.Manifests = []workload.Manifest{pod}
	})
	s.keeps(s.on(boundless, one, 1), "0", "0")
}

// TestPreviewOfAChart waits for what the scheduler waits for.
func TestPreviewOfAChart(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.roomy("small", "verde/east", 2)
	large := s.roomy("large", "verde/west", 8)
	a := s.app("shop", charted, placed(func(p *workload.Placement) { p.SchedulerName = "mine" }))
	preview := &core.PlacementPreview{}
	preview.Namespace, preview.Name = s.namespace, "where"
	preview.Spec.ApplicationRef = &v1alpha1.Reference{Name: a.Name}
	s.must(s.world.Client.Create(s.ctx, preview))
	time.Sleep(2 * quiet)
	if s.get(preview); preview.Status.ObservedGeneration != 0 {
		t.Errorf("it was answered before it was known what the chart takes: %+v", preview.Status)
	}
	s.finds(a, "6")
	s.eventually(func() error {
		s.get(preview)
		return says(preview.Status.Target, large.Name)
	})
	if reasons := rejections(preview.Status.Rejected); !maps.Equal(reasons, map[string]int32{"Capacity": 1}) {
		t.Errorf("rejected are %v", reasons)
	}
}

func rejections(all []workload.Rejection) map[string]int32 {
	out := map[string]int32{}
	for _, r := range all {
		out[r.Reason] = r.Count
	}
	return out
}
