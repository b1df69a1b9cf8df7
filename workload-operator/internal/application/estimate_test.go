// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// pods is a template whose objects ask for 6500m of cpu and 5 pods, and for one of a
// DaemonSet on every node.
const pods = `
{{- define "pod" }}{spec: {containers: [{name: it, image: example.org/it:v1, env: [{name: P, value: "{{ randAlphaNum 20 }}"}], resources: {requests: {cpu: {{ . }}}}}]}}{{ end }}
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: {{ .Values.replicas }}, template: {{ include "pod" "2" }}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {template: {{ include "pod" "250m" }}}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: tidy}, spec: {jobTemplate: {spec: {template: {{ include "pod" "250m" }}}}}}
---
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: watch}, spec: {template: {{ include "pod" "100" }}}}
`

// estimated waits until an application says what its chart will ask for, of another spec
// than that before.
func (s *scene) estimated(a *workload.KubernetesApplication, before, cpu, pods string) string {
	s.Helper()
	s.eventually(func() error {
		s.get(a)
		e := a.Status.Estimated
		if e == nil || e.Of == before || e.Reason != "" {
			return fmt.Errorf("no estimate: %+v", e)
		}
		c, n := e.Requests["cpu"], e.Requests["pods"]
		if c.Cmp(resource.MustParse(cpu)) != 0 || n.Cmp(resource.MustParse(pods)) != 0 {
			return fmt.Errorf("it is estimated at %v, want %s of cpu and %s pods", e.Requests, cpu, pods)
		}
		return nil
	})
	return a.Status.Estimated.Of
}

// unestimated waits until an application says why nobody can tell what its chart takes.
func (s *scene) unestimated(a *workload.KubernetesApplication, reason, text string) {
	s.Helper()
	s.eventually(func() error {
		s.get(a)
		if e := a.Status.Estimated; e == nil || e.Reason != reason || !strings.Contains(e.Message, text) || e.Requests != nil {
			return fmt.Errorf("estimated is %+v, want %s %q", e, reason, text)
		}
		return nil
	})
}

// counts checks that whoever reads an application without knowing all of it, as core
// does, finds the estimate to be of the chart that the spec has.
func (s *scene) counts(a *workload.KubernetesApplication) {
	s.Helper()
	u, seen := &unstructured.Unstructured{}, &contract.Application{}
	u.SetGroupVersionKind(workload.GroupVersion.WithKind("KubernetesApplication"))
	s.must(hub.Client.Get(s.ctx, client.ObjectKeyFromObject(a), u))
	s.must(runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, seen))
	if e := seen.Estimate(); e == nil || len(seen.Requests()) != len(e.Requests) {
		s.Errorf("it is for another chart: %+v", a.Status.Estimated)
	}
}

// lookAt has the operator look at an application again, and waits until it has.
func (s *scene) lookAt(a *workload.KubernetesApplication) {
	s.Helper()
	asked := time.Now().Format(time.RFC3339Nano)
	s.edit(a, func(a *workload.KubernetesApplication) {
		metav1.SetMetaDataAnnotation(&a.ObjectMeta, v1alpha1.AnnotationReconcileRequestedAt, asked)
	})
	s.eventually(func() error {
		if s.get(a); a.Status.LastHandledReconcileAt != asked {
			return fmt.Errorf("it was not looked at: %+v", a.Status)
		}
		return nil
	})
}

// TestEstimate: a chart is rendered once before its application is placed, counted, and
// nothing else of it is kept; anew for other values, and never for a target.
func TestEstimate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.packed(shop("templates/pods.yaml", pods, "Chart.yaml", `{apiVersion: v2, name: shop, version: 1.2.3, kubeVersion: ">=9.0.0"}`))
	values := func(replicas int) func(*workload.KubernetesApplication) {
		return charted(s.source(ofConfigMaps), fmt.Sprintf(`{"z": [1.50, 1e6, 9007199254740993, null, "<&>"], "replicas": %d, "a": {}}`, replicas))
	}
	three := values(3)
	s.ready(s.app("first", []object{configMap("first")})) // the target can be asked from now on
	a := s.app("blog", nil, unplaced, three)
	of := s.estimated(a, "", "6500m", "5")
	s.counts(a)
	s.says(a, v1alpha1.ConditionReady, workload.ReasonTargetPending, "none was chosen yet")
	if asked := rendered.lastFor(s.namespace); !asked.Supposed || !strings.HasPrefix(asked.KubeVersion, "v1.") || len(asked.APIVersions) < 20 {
		t.Errorf("it was rendered for %+v", asked)
	}

	t.Log("it is rendered once, whatever happens, and nothing of it stays")
	s.lookAt(a)
	s.decides(a, metav1.Condition{Status: metav1.ConditionFalse, Reason: workload.ReasonNoTarget, Message: "none of 3 targets"}, nil)
	s.says(a, v1alpha1.ConditionReady, workload.ReasonTargetPending, "NoTarget: none of 3 targets")
	s.edit(a, func(a *workload.KubernetesApplication) { a.Spec.Placement = &workload.Placement{Priority: 1} })
	s.lookAt(a)
	if n := rendered.count(s.namespace); n != 1 || a.Status.Estimated.Of != of {
		t.Errorf("it was rendered %d times: %+v", n, a.Status.Estimated)
	}
	s.nothingKept(a)
	if a.Status.Chart != nil || len(a.Finalizers) != 0 {
		t.Errorf("something is kept of it: %+v %v", a.Status.Chart, a.Finalizers)
	}
	for _, f := range a.ManagedFields {
		if f.FieldsV1 != nil && strings.Contains(f.FieldsV1.GetRawString(), "f:estimated") && f.Manager != account+"-estimated" {
			t.Errorf("want the estimate to be of its own manager alone: %s", f.Manager)
		}
	}

	t.Log("another chart is estimated anew; one that has a target, or says what it takes, is not")
	s.edit(a, values(1))
	if again := s.estimated(a, of, "2500m", "3"); again == of || rendered.count(s.namespace) != 2 {
		t.Errorf("it was rendered %d times", rendered.count(s.namespace))
	}
	b := s.app("stating", nil, unplaced, three, func(a *workload.KubernetesApplication) {
		a.Spec.Placement = &workload.Placement{Requests: map[string]resource.Quantity{"cpu": resource.MustParse("1")}}
	})
	s.says(b, v1alpha1.ConditionReady, workload.ReasonTargetPending, "")
	if n := rendered.count(s.namespace); n != 2 || b.Status.Estimated != nil {
		t.Errorf("it was rendered though it says what it takes: %+v", b.Status.Estimated)
	}
	s.packed(shop("templates/pods.yaml", strings.ReplaceAll(pods, "apps/v1", "apps/v2")))
	s.edit(a, func(a *workload.KubernetesApplication) { a.Spec.TargetRef = &v1alpha1.Reference{Name: "faraway"} })
	s.says(a, v1alpha1.ConditionReady, workload.ReasonObjectRefused, "")
	s.edit(a, values(2))
	s.eventually(func() error {
		s.get(a)
		if n := rendered.count(s.namespace); n != 4 || a.Status.ObservedGeneration != a.Generation {
			return fmt.Errorf("it was rendered %d times", n)
		}
		return nil
	})
	if rendered.lastFor(s.namespace).Supposed {
		t.Error("what is on a target was estimated")
	}
	s.estimated(a, of, "2500m", "3")
}

// TestWritesOfAnEstimate: until a chart runs, an application is written six times with an
// estimate as without: it takes the place of the report that there is no target yet. That
// is written, too, where the decision takes more than a second.
func TestWritesOfAnEstimate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.packed(shop())
	a := s.app("blog", nil, unplaced, charted(s.source(ofConfigMaps), ""))
	s.estimated(a, "", "0", "0")
	s.decides(a, metav1.Condition{Status: metav1.ConditionTrue, Reason: workload.ReasonPlaced}, &workload.PlacementStatus{Attempt: 1, Target: "faraway"})
	s.ready(a)
	if all := written.of(s.namespace + "/kubernetesapplications/blog"); len(all) > 7 {
		t.Errorf("%d writes: %s", len(all), strings.Join(all, "\n"))
	}
}

// TestNoEstimate: an application says in its own words why nobody can tell what its
// chart takes, without the values; and is estimated once that is mended.
func TestNoEstimate(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-hunter2"
	s := newScene(t)
	source := s.source(ofConfigMaps)
	a := s.app("blog", nil, unplaced, charted(source, `{"replicas": 1, "password": "`+secret+`"}`))
	s.unestimated(a, workload.ReasonChartMissing, "ConfigMap chart")
	s.packed(shop("templates/fail.yaml", `{{ fail (printf "can't use %s" .Values.password) }}`))
	s.unestimated(a, workload.ReasonChartInvalid, "can't use ***")
	s.says(a, v1alpha1.ConditionReady, workload.ReasonTargetPending, "")
	n := rendered.count(s.namespace)
	s.lookAt(a)
	s.lookAt(a)
	if again := rendered.count(s.namespace); again != n {
		t.Errorf("what does not render is rendered again: %d times", again)
	}
	if strings.Contains(fmt.Sprint(a.Status), secret) {
		t.Errorf("a secret in %+v", a.Status)
	}
	s.discreetEvents(secret)
	s.packed(shop("templates/pods.yaml", pods))
	s.lookAt(a)
	s.estimated(a, "", "2500m", "3")
	if e := a.Status.Estimated; e.Message != "" {
		t.Errorf("it says still %q", e.Message)
	}
}

// TestEstimateOfOthers: what the namespace may not use is not fetched for an estimate
// either, and is told of in the words for what is not there.
func TestEstimateOfOthers(t *testing.T) {
	t.Parallel()
	s, other := newScene(t), newScene(t)
	var visits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		visits.Add(1)
		http.NotFound(w, nil)
	}))
	t.Cleanup(server.Close)
	source := s.source(func(spec *workload.ChartSourceSpec) {
		spec.Repository = &workload.RepositorySource{URL: server.URL, ServerAccess: workload.ServerAccess{PlainHTTP: true}}
	})
	fromServer := func(a *workload.KubernetesApplication) { a.Spec.Chart.ConfigMapRef = nil }
	a := other.app("blog", nil, unplaced, charted(source, ""), fromServer)
	b := other.app("none", nil, unplaced, charted("source-none", ""), fromServer)
	other.unestimated(a, workload.ReasonChartForbidden, "")
	other.unestimated(b, workload.ReasonChartForbidden, "")
	if x, y := a.Status.Estimated.Message, b.Status.Estimated.Message; strings.Replace(x, source, "source-none", 1) != y || visits.Load() != 0 {
		t.Errorf("they differ, or %d requests were made:\n%s\n%s", visits.Load(), x, y)
	}
	mine := s.app("blog", nil, unplaced, charted(source, ""), fromServer)
	s.unestimated(mine, workload.ReasonChartMissing, "")
	if visits.Load() == 0 {
		t.Error("the source was not asked by whom it allows either")
	}
}

// TestEstimateWithoutTargets: where there is no target that the application may use, not
// even the version of one is told.
func TestEstimateWithoutTargets(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	namespace := &corev1.Namespace{}
	s.must(hub.Client.Get(s.ctx, client.ObjectKey{Name: s.namespace}, namespace))
	delete(namespace.Labels, "scene")
	s.must(hub.Client.Update(context.WithoutCancel(s.ctx), namespace))
	s.packed(shop("templates/pods.yaml", pods))
	time.Sleep(time.Second) // the operator reads the labels of namespaces from its cache
	s.estimated(s.app("blog", nil, unplaced, charted(s.source(ofConfigMaps), `{"replicas": 3}`)), "", "6500m", "5")
	if asked := rendered.lastFor(s.namespace); !asked.Supposed || asked.KubeVersion != "v1.34.0" || len(asked.APIVersions) != 0 {
		t.Errorf("it was rendered for %s with %d", asked.KubeVersion, len(asked.APIVersions))
	}
}
