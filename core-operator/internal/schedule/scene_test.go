// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// scene is what one test plays in: a namespace, with targets and classes for that
// namespace only.
type scene struct {
	testing.TB

	ctx       context.Context
	world     *kubetest.Cluster
	namespace string
}

func newScene(tb testing.TB) *scene {
	tb.Helper()
	return sceneIn(tb, world)
}

func sceneIn(tb testing.TB, w *kubetest.Cluster) *scene {
	tb.Helper()
	s := &scene{TB: tb, ctx: tb.Context(), world: w}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "scene-"}}
	s.must(w.Client.Create(s.ctx, namespace))
	s.namespace = namespace.Name
	return s
}

func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// eventually fails the test unless f comes to return nil.
func (s *scene) eventually(f func() error) {
	s.Helper()
	var err error
	pause := 10 * time.Millisecond
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(pause) {
		if err = f(); err == nil {
			return
		}
		pause = min(pause*3/2, 200*time.Millisecond)
	}
	s.Fatal(err)
}

func (s *scene) get(o client.Object) {
	s.Helper()
	s.must(s.world.Client.Get(s.ctx, client.ObjectKeyFromObject(o), o))
}

// change reads an object, changes it and writes it.
func change[T client.Object](s *scene, o T, f func(T)) T {
	s.Helper()
	s.eventually(func() error {
		s.get(o)
		f(o)
		return s.world.Client.Update(s.ctx, o)
	})
	return o
}

// report is change for the status.
func report[T client.Object](s *scene, o T, f func(T)) T {
	s.Helper()
	s.eventually(func() error {
		s.get(o)
		f(o)
		return s.world.Client.Status().Update(s.ctx, o)
	})
	return o
}

// target makes a target for the scene's applications, in PROVIDER/REGION, with so
// many cpus; 0: it is not known how many.
func (s *scene) target(name, at string, cpus int64, f ...func(*workload.KubernetesTarget)) *workload.KubernetesTarget {
	s.Helper()
	provider, region, _ := strings.Cut(at, "/")
	t := &workload.KubernetesTarget{ObjectMeta: metav1.ObjectMeta{Name: s.namespace + "-" + name}}
	t.Spec.KubeconfigSecretRef = &v1alpha1.SecretKeyReference{Name: "any", Key: "value"}
	t.Spec.AllowedNamespaces = &v1alpha1.BindableBy{Namespaces: []string{s.namespace}}
	t.Spec.Location = &v1alpha1.Location{Provider: provider, Region: region}
	for _, g := range f {
		g(t)
	}
	s.must(s.world.Client.Create(s.ctx, t))
	if cpus > 0 {
		t.Status.Capacity.Allocatable = map[string]resource.Quantity{"cpu": *resource.NewQuantity(cpus, resource.DecimalSI)}
	}
	meta.SetStatusCondition(&t.Status.Conditions, metav1.Condition{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: workload.ReasonReachable})
	s.must(s.world.Client.Status().Update(s.ctx, t))
	return t
}

// class makes a class of a cloud that claims of the scene may use, in regions; it
// waits for a workload and is a default.
func (s *scene) class(name, kind, provider string, regions []string, f ...func(*core.ResourceClass)) *core.ResourceClass {
	s.Helper()
	c := &core.ResourceClass{ObjectMeta: metav1.ObjectMeta{Name: s.namespace + "-" + name}}
	c.Spec = core.ResourceClassSpec{
		Claim: core.ClaimKind{Group: database.Group, Kind: kind}, Provider: provider, Regions: regions, Default: true,
		BindingMode: core.BindingWaitForWorkload, ReclaimPolicy: v1alpha1.ReclaimDelete,
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: s.namespace}},
		Resources:         []core.ResourceTemplate{{Name: "db", Primary: true, Template: template(map[string]any{"region": "${location.?region.orValue('')}"})}},
	}
	for _, g := range f {
		g(c)
	}
	s.must(s.world.Client.Create(s.ctx, c))
	c.Status.ObservedGeneration = c.Generation
	meta.SetStatusCondition(&c.Status.Conditions, metav1.Condition{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: "Available", ObservedGeneration: c.Generation})
	s.must(s.world.Client.Status().Update(s.ctx, c))
	return c
}

func template(forProvider map[string]any) runtime.RawExtension {
	raw, err := json.Marshal(map[string]any{
		"apiVersion": "testing.example.org/v1alpha1", "kind": "Server",
		"spec": map[string]any{"providerRef": map[string]any{"name": "test"}, "forProvider": forProvider},
	})
	if err != nil {
		panic(err)
	}
	return runtime.RawExtension{Raw: raw}
}

// mysql makes a claim that names no class.
func (s *scene) mysql(name string, f ...func(*database.MySQLInstance)) *database.MySQLInstance {
	s.Helper()
	c := &database.MySQLInstance{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}}
	c.Spec.Database = database.Database{EngineVersion: "8.4", StorageGiB: 20}
	for _, g := range f {
		g(c)
	}
	s.must(s.world.Client.Create(s.ctx, c))
	return c
}

func (s *scene) postgresql(name string) *database.PostgreSQLInstance {
	s.Helper()
	c := &database.PostgreSQLInstance{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}}
	c.Spec.Database = database.Database{EngineVersion: "18", StorageGiB: 20}
	s.must(s.world.Client.Create(s.ctx, c))
	return c
}

// app makes an application.
func (s *scene) app(name string, f ...func(*workload.KubernetesApplication)) *workload.KubernetesApplication {
	s.Helper()
	a := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name, Labels: map[string]string{"app": name}}}
	for _, g := range f {
		g(a)
	}
	s.must(s.world.Client.Create(s.ctx, a))
	return a
}

func using(claims ...client.Object) func(*workload.KubernetesApplication) {
	return func(a *workload.KubernetesApplication) {
		for _, c := range claims {
			kind := "MySQLInstance"
			if _, other := c.(*database.PostgreSQLInstance); other {
				kind = "PostgreSQLInstance"
			}
			a.Spec.Uses = append(a.Spec.Uses, workload.Use{Kind: kind, Name: c.GetName()})
		}
	}
}

func asking(cpus string) func(*workload.KubernetesApplication) {
	return placed(func(p *workload.Placement) {
		p.Requests = map[string]resource.Quantity{"cpu": resource.MustParse(cpus)}
	})
}

func placed(f func(*workload.Placement)) func(*workload.KubernetesApplication) {
	return func(a *workload.KubernetesApplication) {
		if a.Spec.Placement == nil {
			a.Spec.Placement = &workload.Placement{}
		}
		f(a.Spec.Placement)
	}
}

// is waits until Scheduled has a reason, and returns what it says.
func (s *scene) is(a *workload.KubernetesApplication, reason string, words ...string) *workload.PlacementStatus {
	s.Helper()
	s.eventually(func() error {
		s.get(a)
		c := meta.FindStatusCondition(a.Status.Conditions, workload.ConditionScheduled)
		if c == nil || c.Reason != reason || c.ObservedGeneration != a.Generation || (c.Status == metav1.ConditionTrue) != (reason == workload.ReasonPlaced) {
			return fmt.Errorf("application %s is %+v, want %s", a.Name, c, reason)
		}
		for _, word := range words {
			if !strings.Contains(c.Message, word) {
				return fmt.Errorf("%q does not say %q", c.Message, word)
			}
		}
		if a.Status.Placement == nil {
			return fmt.Errorf("application %s has no placement", a.Name)
		}
		return nil
	})
	return a.Status.Placement
}

// on waits until an application is placed on a target, in a certain attempt.
func (s *scene) on(a *workload.KubernetesApplication, t *workload.KubernetesTarget, attempt int32) *workload.PlacementStatus {
	s.Helper()
	var p *workload.PlacementStatus
	s.eventually(func() error {
		p = s.is(a, workload.ReasonPlaced)
		if p.Target != t.Name || p.Attempt != attempt {
			return fmt.Errorf("application %s is on %s in attempt %d, want %s in %d", a.Name, p.Target, p.Attempt, t.Name, attempt)
		}
		return nil
	})
	return p
}

// at waits until a claim is located, and its resource there.
func (s *scene) at(c claimapi.Claim, class *core.ResourceClass, region string) *unstructured.Unstructured {
	s.Helper()
	var u *unstructured.Unstructured
	s.eventually(func() error {
		s.get(c)
		_, status := c.Claim()
		if status.Class == nil || status.Class.Name != class.Name || status.Location.Region != region {
			return fmt.Errorf("claim %s: %+v, want %s in %s", c.GetName(), status, class.Name, region)
		}
		u = server(status.ResourceRef.Name)
		return s.world.Client.Get(s.ctx, client.ObjectKeyFromObject(u), u)
	})
	if got, _, _ := unstructured.NestedString(u.Object, "spec", "forProvider", "region"); got != region {
		s.Errorf("the resource is in %s, want %s", got, region)
	}
	return u
}

func server(name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(schema.GroupVersionKind{Group: "testing.example.org", Version: "v1alpha1", Kind: "Server"})
	u.SetName(name)
	return u
}

// says writes what the provider says of a resource: a reason why it can't be had, or
// that it is ready where that is empty.
func (s *scene) says(u *unstructured.Unstructured, reason string, more map[string]any) {
	s.Helper()
	ready, synced, why := "False", "False", reason
	status := map[string]any{}
	if reason == "" {
		ready, synced, why = "True", "True", v1alpha1.ReasonAvailable
		status["firstReadyTime"] = time.Now().UTC().Format(time.RFC3339)
	}
	maps.Copy(status, more)
	condition := func(typ, on string) any {
		return map[string]any{"type": typ, "status": on, "reason": why, "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}
	}
	status["observedGeneration"] = u.GetGeneration()
	status["conditions"] = []any{condition("Ready", ready), condition("Synced", synced)}
	body, err := json.Marshal(map[string]any{"status": status})
	s.must(err)
	s.must(s.world.Client.Status().Patch(s.ctx, u, client.RawPatch(types.MergePatchType, body)))
}

// tells waits for an event on an application with words in it.
func (s *scene) tells(a *workload.KubernetesApplication, reason string, words ...string) {
	s.Helper()
	s.eventually(func() error {
		list := &eventsv1.EventList{}
		s.must(s.world.Client.List(s.ctx, list, client.InNamespace(s.namespace)))
		for i := range list.Items {
			e := &list.Items[i]
			found := e.Regarding.Name == a.Name && e.Reason == reason
			for _, word := range words {
				found = found && strings.Contains(e.Note, word)
			}
			if found {
				return nil
			}
		}
		return fmt.Errorf("no event %s with %q on %s", reason, words, a.Name)
	})
}
