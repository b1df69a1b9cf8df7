// SPDX-License-Identifier: Apache-2.0

package pool_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

const (
	patience  = time.Minute // of a machine that is busy
	quietTime = 700 * time.Millisecond
)

// scene is what one test plays in: a tenant's namespace, and one for the claims of
// its pool, which serves that tenant alone.
type scene struct {
	testing.TB

	ctx                 context.Context
	namespace, clusters string
	pool                *compute.ClusterPool
}

func newScene(tb testing.TB) *scene {
	tb.Helper()
	s := &scene{TB: tb, ctx: tb.Context()}
	s.namespace = world.Namespace(tb, "shop")
	s.clusters = s.namespace + "-clusters"
	s.must(world.Client.Create(s.ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.clusters}}))
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

// class makes a class of clusters, found good.
func (s *scene) class(name, region string, change ...func(*core.ResourceClass)) *core.ResourceClass {
	s.Helper()
	raw, err := json.Marshal(map[string]any{
		"apiVersion": "testing.example.org/v1alpha1", "kind": "Server",
		"spec": map[string]any{"providerRef": map[string]any{"name": "test"}, "forProvider": map[string]any{"region": "${location.region}", "version": "${claim.spec.version}"}},
	})
	s.must(err)
	c := &core.ResourceClass{ObjectMeta: metav1.ObjectMeta{Name: s.namespace + "-" + name}}
	c.Spec = core.ResourceClassSpec{
		Claim: core.ClaimKind{Group: compute.Group, Kind: "KubernetesCluster"}, Provider: "test", Regions: []string{region}, ReclaimPolicy: v1alpha1.ReclaimDelete,
		Resources: []core.ResourceTemplate{{Name: "cluster", Primary: true, Template: runtime.RawExtension{Raw: raw}}},
	}
	for _, f := range change {
		f(c)
	}
	s.must(world.Client.Create(s.ctx, c))
	s.Cleanup(func() { _ = world.Client.Delete(context.WithoutCancel(s.ctx), c) })
	c.Status.ObservedGeneration = c.Generation
	for _, typ := range []string{v1alpha1.ConditionReady, core.ConditionAvailable} {
		meta.SetStatusCondition(&c.Status.Conditions, metav1.Condition{Type: typ, Status: metav1.ConditionTrue, Reason: core.ReasonAvailable, ObservedGeneration: c.Generation})
	}
	s.must(world.Client.Status().Update(s.ctx, c))
	return c
}

func duration(d time.Duration) *metav1.Duration { return &metav1.Duration{Duration: d} }

func quantities(cpu string) map[string]resource.Quantity {
	return map[string]resource.Quantity{"cpu": resource.MustParse(cpu), "memory": resource.MustParse("1Gi"), "pods": resource.MustParse("1")}
}

// template is one of clusters with four processors.
func template(name, class, region string) compute.ClusterTemplate {
	return compute.ClusterTemplate{
		Name: name, ClassRef: v1alpha1.Reference{Name: class}, Version: "1.35", Location: compute.TemplateLocation{Provider: "test", Region: region},
		Capacity: map[string]resource.Quantity{"cpu": resource.MustParse("4"), "memory": resource.MustParse("16Gi"), "pods": resource.MustParse("20")},
	}
}

// newPool returns a pool that would make small clusters in the north at once.
func (s *scene) newPool(change ...func(*compute.ClusterPoolSpec)) *compute.ClusterPool {
	p := &compute.ClusterPool{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}, Spec: compute.ClusterPoolSpec{
		Namespace: s.clusters, Max: 3, ScaleUpDelay: duration(0), IdleAfter: duration(time.Hour),
		Templates: []compute.ClusterTemplate{template("small", s.namespace+"-small", "north")},
		Target:    compute.PoolTarget{AllowedNamespaces: v1alpha1.BindableBy{Namespaces: []string{s.namespace}}},
	}}
	for _, f := range change {
		f(&p.Spec)
	}
	return p
}

// makes has the pool of the scene made, and its first class.
func (s *scene) makes(change ...func(*compute.ClusterPoolSpec)) {
	s.Helper()
	s.class("small", "north")
	s.pool = s.newPool(change...)
	s.must(world.Client.Create(s.ctx, s.pool))
	s.Cleanup(func() {
		ctx := context.WithoutCancel(s.ctx)
		_ = world.Client.Patch(ctx, s.pool, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"deletionPolicy":"Orphan"}}`)))
		_ = world.Client.Delete(ctx, s.pool)
	})
}

func (s *scene) read() *compute.ClusterPool {
	s.Helper()
	s.must(world.Client.Get(s.ctx, client.ObjectKeyFromObject(s.pool), s.pool))
	return s.pool
}

func (s *scene) change(patch string) {
	s.Helper()
	s.must(world.Client.Patch(s.ctx, s.pool, client.RawPatch(types.MergePatchType, []byte(patch))))
}

// wake has the pools looked at, which nothing does when only the clock moves.
func (s *scene) wake() {
	s.Helper()
	s.change(fmt.Sprintf(`{"metadata":{"annotations":{"wake":"%d"}}}`, time.Now().UnixNano()))
}

// app makes an application, for the scheduler to find a place for.
func (s *scene) app(name, cpu string, change ...func(*workload.KubernetesApplication)) *workload.KubernetesApplication {
	s.Helper()
	a := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}}
	a.Spec.Placement = &workload.Placement{Requests: quantities(cpu)}
	for _, f := range change {
		f(a)
	}
	s.must(world.Client.Create(s.ctx, a))
	return a
}

// byAnother has another scheduler see to an application.
func byAnother(a *workload.KubernetesApplication) { a.Spec.Placement.SchedulerName = "mine" }

// scheduled waits until the scheduler says something of an application.
func (s *scene) scheduled(a *workload.KubernetesApplication, status metav1.ConditionStatus, reason string) {
	s.Helper()
	s.eventually(func() error {
		s.must(world.Client.Get(s.ctx, client.ObjectKeyFromObject(a), a))
		if c := meta.FindStatusCondition(a.Status.Conditions, workload.ConditionScheduled); c == nil || c.Status != status || c.Reason != reason {
			return fmt.Errorf("application %s: Scheduled is %+v, want %s %s", a.Name, c, status, reason)
		}
		return nil
	})
}

// placed waits until an application is on a target.
func (s *scene) placed(a *workload.KubernetesApplication, target string) {
	s.Helper()
	s.scheduled(a, metav1.ConditionTrue, workload.ReasonPlaced)
	if a.Status.Placement.Target != target {
		s.Fatalf("application %s is on %+v, want %s", a.Name, a.Status.Placement, target)
	}
}

// is waits until the pool is as f wants it.
func (s *scene) is(f func(*compute.ClusterPool) error) *compute.ClusterPool {
	s.Helper()
	s.eventually(func() error {
		if err := f(s.read()); err != nil {
			return fmt.Errorf("%w: %s", err, s.tells())
		}
		return nil
	})
	return s.pool
}

func (s *scene) tells() string {
	text, err := json.MarshalIndent(s.pool.Status, "", " ")
	s.must(err)
	return string(text)
}

// states waits until the pool's clusters have these states, in the order of their making.
func (s *scene) states(want ...compute.ClusterState) *compute.ClusterPool {
	s.Helper()
	return s.is(func(p *compute.ClusterPool) error {
		got := make([]compute.ClusterState, 0, len(p.Status.Clusters))
		for _, c := range p.Status.Clusters {
			got = append(got, c.State)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("clusters are %v, want %v", got, want)
		}
		return nil
	})
}

// stays checks that the clusters keep these states for a while.
func (s *scene) stays(want ...compute.ClusterState) {
	s.Helper()
	s.states(want...)
	time.Sleep(quietTime)
	s.wake()
	time.Sleep(quietTime / 2)
	got := make([]compute.ClusterState, 0, len(want))
	for _, c := range s.read().Status.Clusters {
		got = append(got, c.State)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.Fatalf("clusters are %v, want that they stay %v: %s", got, want, s.tells())
	}
}

// condition waits until a condition of the pool has a reason, and checks its words.
func (s *scene) condition(typ string, status metav1.ConditionStatus, reason string, words ...string) {
	s.Helper()
	s.is(func(p *compute.ClusterPool) error {
		c := meta.FindStatusCondition(p.Status.Conditions, typ)
		if c == nil || c.Status != status || c.Reason != reason {
			return fmt.Errorf("%s is %+v, want %s %s", typ, c, status, reason)
		}
		for _, word := range words {
			if !strings.Contains(c.Message, word) {
				return fmt.Errorf("%q does not say %q", c.Message, word)
			}
		}
		return nil
	})
}

// server waits for what the claim of the nth cluster is made of.
func (s *scene) server(n int) (*compute.KubernetesCluster, *unstructured.Unstructured) {
	s.Helper()
	c, u := &compute.KubernetesCluster{}, &unstructured.Unstructured{}
	u.SetAPIVersion("testing.example.org/v1alpha1")
	u.SetKind("Server")
	s.eventually(func() error {
		if len(s.read().Status.Clusters) <= n {
			return errors.New("there is no such cluster: " + s.tells())
		}
		if err := world.Client.Get(s.ctx, client.ObjectKey{Namespace: s.clusters, Name: s.pool.Status.Clusters[n].Name}, c); err != nil {
			return err
		}
		if c.Status.ResourceRef == nil {
			return fmt.Errorf("the claim has no resource: %+v", c.Status)
		}
		return world.Client.Get(s.ctx, client.ObjectKey{Name: c.Status.ResourceRef.Name}, u)
	})
	return c, u
}

// finalizers has a resource's provider hold it, or let it go.
func (s *scene) finalizers(u *unstructured.Unstructured, names ...string) {
	s.Helper()
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{"finalizers": names}})
	s.must(err)
	s.must(world.Client.Patch(s.ctx, u, client.RawPatch(types.MergePatchType, body)))
}

// reports writes what a provider's operator does of a resource.
func (s *scene) reports(u *unstructured.Unstructured, ready bool, reason string) {
	s.Helper()
	status := map[bool]string{true: "True", false: "False"}[ready]
	condition := func(typ string) any {
		return map[string]any{"type": typ, "status": status, "reason": reason, "message": "the cloud's own words", "lastTransitionTime": "2026-01-01T00:00:00Z"}
	}
	body := map[string]any{"status": map[string]any{
		"observedGeneration": u.GetGeneration(), "conditions": []any{condition(v1alpha1.ConditionReady), condition(v1alpha1.ConditionSynced)},
		"location": map[string]any{"provider": "test", "region": field(u, "spec", "forProvider", "region")}, "connection": map[string]any{"type": "kubernetes", "endpoint": "https://k.example.org"},
	}}
	if ready {
		body["status"].(map[string]any)["firstReadyTime"] = "2026-01-01T00:00:00Z" //nolint:errcheck // see above
	}
	raw, err := json.Marshal(body)
	s.must(err)
	s.must(world.Client.Status().Patch(s.ctx, u, client.RawPatch(types.MergePatchType, raw)))
}

// comes has the nth cluster ready, and its target, as workload-operator makes it.
func (s *scene) comes(n int) string {
	s.Helper()
	c, u := s.server(n)
	s.reports(u, true, v1alpha1.ReasonAvailable)
	s.eventually(func() error {
		s.must(world.Client.Get(s.ctx, client.ObjectKeyFromObject(c), c))
		if !meta.IsStatusConditionTrue(c.Status.Conditions, v1alpha1.ConditionReady) {
			return fmt.Errorf("the claim is not ready: %+v", c.Status)
		}
		return nil
	})
	t := &workload.KubernetesTarget{ObjectMeta: metav1.ObjectMeta{
		Name:        s.read().Status.Clusters[n].Target,
		Labels:      map[string]string{v1alpha1.LabelClaimUID: string(c.UID), v1alpha1.LabelPool: s.pool.Name},
		Annotations: map[string]string{workload.AnnotationClaim: c.Namespace + "/" + c.Name},
	}}
	t.Spec = workload.KubernetesTargetSpec{
		ClusterRef:        &workload.ClusterReference{APIVersion: u.GetAPIVersion(), Kind: u.GetKind(), Name: u.GetName()},
		AllowedNamespaces: &s.pool.Spec.Target.AllowedNamespaces, Capacity: s.pool.Spec.Templates[0].Capacity,
		Location: c.Status.Location,
	}
	s.must(world.Client.Create(s.ctx, t))
	s.Cleanup(func() { _ = world.Client.Delete(context.WithoutCancel(s.ctx), t) })
	meta.SetStatusCondition(&t.Status.Conditions, metav1.Condition{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: workload.ReasonReachable})
	t.Status.Capacity.Allocatable = map[string]resource.Quantity{"cpu": resource.MustParse("2"), "memory": resource.MustParse("8Gi"), "pods": resource.MustParse("20")}
	s.must(world.Client.Status().Update(s.ctx, t))
	return t.Name
}

// forgets waits until an application is nominated for no cluster.
func (s *scene) forgets(a *workload.KubernetesApplication) {
	s.Helper()
	s.eventually(func() error {
		if n := core1.pools.Nomination(a.UID); n != nil {
			return fmt.Errorf("application %s is told of a cluster that it does not get: %+v", a.Name, n)
		}
		return nil
	})
}

// claims returns the claims that there are in the pool's namespace.
func (s *scene) claims() []compute.KubernetesCluster {
	s.Helper()
	list := &compute.KubernetesClusterList{}
	s.must(world.Client.List(s.ctx, list, client.InNamespace(s.clusters)))
	return list.Items
}

// asked is how often core has tried to make a claim.
func (s *scene) asked() int {
	return writes.of("POST", "/namespaces/"+s.clusters+"/kubernetesclusters")
}

// field returns a field of an object.
func field(u *unstructured.Unstructured, path ...string) any {
	value, _, _ := unstructured.NestedFieldNoCopy(u.Object, path...)
	return value
}

func isGone(err error) bool { return apierrors.IsNotFound(err) }
