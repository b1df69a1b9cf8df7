// SPDX-License-Identifier: Apache-2.0

package pool_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

const (
	pending  = compute.ClusterPending
	ready    = compute.ClusterReady
	idle     = compute.ClusterIdle
	draining = compute.ClusterDraining
	deleting = compute.ClusterDeleting
)

// TestGrows: an application that fits nowhere gets a cluster, is told which, and comes
// to be there.
func TestGrows(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes()
	s.stays()
	s.condition(v1alpha1.ConditionReady, metav1.ConditionTrue, compute.ReasonAvailable)
	a := s.app("blog", "3")
	p := s.states(pending)
	c := p.Status.Clusters[0]
	if c.Name != s.pool.Name+"-1" || c.Template != "small" || c.Target != s.clusters+"."+c.Name || len(c.For) != 1 || c.For[0].UID != a.UID {
		t.Errorf("the cluster is %+v", c)
	}
	s.eventually(func() error {
		n := core1.pools.Nomination(a.UID)
		if n == nil || n.Pool != s.pool.Name || n.Cluster != c.Name {
			return fmt.Errorf("the nomination is %+v", n)
		}
		return nil
	})
	claim, _ := s.server(0)
	if claim.Spec.ClassRef.Name != s.namespace+"-small" || claim.Spec.Version != "1.35" || claim.Labels[v1alpha1.LabelPool] != s.pool.Name || s.read().Status.Clusters[0].UID != claim.UID {
		t.Errorf("the claim is %+v", claim)
	}
	s.condition(v1alpha1.ConditionSynced, metav1.ConditionTrue, compute.ReasonScaling)
	s.scheduled(a, metav1.ConditionFalse, workload.ReasonClusterComing)
	if n := a.Status.Placement.Nominated; n == nil || n.Cluster != c.Name {
		t.Errorf("the application is told %+v", a.Status.Placement)
	}
	s.stays(pending)
	target := s.comes(0)
	s.states(ready)
	s.placed(a, target)
	s.stays(ready)
	if p := s.read(); p.Status.Replicas != 1 || p.Status.ReadyReplicas != 1 || len(p.Status.Clusters[0].For) > 0 || p.Status.Selector != v1alpha1.LabelPool+"="+p.Name {
		t.Errorf("the status is %s", s.tells())
	}
	s.forgets(a)
	s.condition(v1alpha1.ConditionSynced, metav1.ConditionTrue, compute.ReasonInSync)
	if n := s.asked(); n != 1 {
		t.Errorf("core asked for %d clusters", n)
	}
}

// TestOneClusterForSeveral applications that fit on it together; one that does not
// gets another.
func TestOneClusterForSeveral(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.ScaleUpDelay = duration(2 * time.Second) })
	for _, name := range []string{"a", "b", "c"} {
		s.app(name, "1")
	}
	s.states(pending)
	// One that comes after the delay finds a place on the cluster that is being made.
	s.eventually(func() error {
		if c := s.read().Status.Clusters[0]; len(c.For) != 3 {
			return fmt.Errorf("want all three: %+v", c.For)
		}
		return nil
	})
	s.stays(pending)
	s.app("d", "2")
	s.states(pending, pending)
	s.stays(pending, pending)
	// A larger one than any cluster of the pool gets none, and neither does one of
	// another tenant.
	s.app("huge", "5")
	stranger := newScene(t)
	stranger.app("blog", "1")
	s.stays(pending, pending)
	// Nodes are the autoscaler's business: the first cluster has two processors now, and
	// four are counted on.
	s.comes(0)
	s.stays(ready, pending)
}

// TestGrowsForCharts: clusters are made for what a chart was found to take, and none for
// one that fits on no template.
func TestGrowsForCharts(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes()
	for name, cpu := range map[string]string{"one": "3", "two": "3", "whale": "5"} {
		a := s.app(name, "0", func(a *workload.KubernetesApplication) {
			a.Spec.Placement = nil
			a.Spec.Chart = &workload.Chart{SourceRef: v1alpha1.Reference{Name: "any"}, Name: name, Version: "1.0.0"}
		})
		content, err := json.Marshal(a.Spec.Chart)
		s.must(err)
		a.Status.Estimated = &workload.EstimatedRequests{Of: contract.ChartDigest(content), Requests: quantities(cpu)}
		s.must(world.Client.Status().Update(s.ctx, a))
	}
	for _, c := range s.states(pending, pending).Status.Clusters {
		if len(c.For) != 1 || c.For[0].Name == "whale" {
			t.Errorf("a cluster is made for %+v", c.For)
		}
	}
	s.stays(pending, pending)
}

// TestNotYet: an application has to wait for scaleUpDelay, and none has a cluster made
// that another scheduler sees to, or that names its target.
func TestNotYet(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.ScaleUpDelay = duration(4 * time.Second) })
	s.app("other", "1", byAnother)
	s.app("named", "1", func(a *workload.KubernetesApplication) { a.Spec.TargetRef = &v1alpha1.Reference{Name: "none"} })
	begun := now.Now()
	s.app("blog", "1")
	p := s.states(pending)
	if took := now.Since(begun); took < 3*time.Second || len(p.Status.Clusters[0].For) != 1 || p.Status.Clusters[0].For[0].Name != "blog" {
		t.Errorf("after %s for %+v", took, p.Status.Clusters[0].For)
	}
}

// TestRegionOfTheTemplate: of a class with several regions a cluster is made in that of
// its template, and where that has no room in that of the next one.
func TestRegionOfTheTemplate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.class("wide", "north", func(c *core.ResourceClass) { c.Spec.Regions = []string{"north", "south", "west"} })
	s.makes(func(p *compute.ClusterPoolSpec) {
		p.Templates = []compute.ClusterTemplate{template("west", s.namespace+"-wide", "west"), template("south", s.namespace+"-wide", "south")}
	})
	s.app("blog", "3")
	made := func(region string) (name string, u *unstructured.Unstructured) {
		t.Helper()
		c, u := s.server(0)
		if got := field(u, "spec", "forProvider", "region"); got != region || c.Status.Location.Region != region {
			t.Errorf("it is made in %v, and the claim is in %+v; want %s", got, c.Status.Location, region)
		}
		return c.Name, u
	}
	first, u := made("west")
	s.finalizers(u, v1alpha1.FinalizerManaged)
	s.reports(u, false, v1alpha1.ReasonQuotaExceeded)
	s.states(deleting)
	s.finalizers(u)
	s.is(func(p *compute.ClusterPool) error {
		if len(p.Status.Clusters) != 1 || p.Status.Clusters[0].Name == first {
			return errors.New("want another cluster")
		}
		return nil
	})
	made("south")
}

// TestNextTemplate: what is out of quota is given up, and only when that is proven
// gone the next template is used.
func TestNextTemplate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.class("second", "south")
	s.makes(func(p *compute.ClusterPoolSpec) {
		p.Templates = append(p.Templates, template("second", s.namespace+"-second", "south"))
	})
	a := s.app("blog", "3")
	c, u := s.server(0)
	s.finalizers(u, v1alpha1.FinalizerManaged)
	s.reports(u, false, v1alpha1.ReasonQuotaExceeded)
	p := s.states(deleting)
	if one := p.Status.Clusters[0]; one.Reason != v1alpha1.ReasonQuotaExceeded {
		t.Errorf("it does not say why it goes: %+v", one)
	}
	s.forgets(a)
	s.stays(deleting)
	s.finalizers(u)
	p = s.states(pending)
	if now := p.Status.Clusters[0]; now.Template != "second" || now.Name != s.pool.Name+"-2" || len(p.Status.Templates) != 1 || p.Status.Templates[0].Failure.Reason != v1alpha1.ReasonQuotaExceeded {
		t.Errorf("want the next template: %s", s.tells())
	}
	if err := world.Client.Get(s.ctx, client.ObjectKeyFromObject(c), c); !isGone(err) {
		t.Errorf("the first claim is there: %v", err)
	}
	s.comes(0)
	s.stays(ready)
	if n := s.asked(); n != 2 {
		t.Errorf("core asked for %d clusters", n)
	}
}

// TestLimits: neither max, that of a template, nor the budget is exceeded, and the
// pool says what keeps it.
func TestLimits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*scene, *compute.ClusterPoolSpec)
		want   int
		reason string
		says   string
	}{
		"max":               {func(_ *scene, p *compute.ClusterPoolSpec) { p.Max = 1 }, 1, compute.ReasonMaxReached, "1 applications wait for a cluster: there are 1 clusters, and max is 1"},
		"max of a template": {func(_ *scene, p *compute.ClusterPoolSpec) { p.Templates[0].Max = new(int32(1)) }, 1, compute.ReasonMaxReached, "its max is 1"},
		"budget": {func(_ *scene, p *compute.ClusterPoolSpec) {
			p.Templates[0].HourlyCost, p.BudgetPerHour = new(resource.MustParse("0.40")), new(resource.MustParse("0.70"))
		}, 1, compute.ReasonBudgetReached, "800m an hour would exceed the budget of 700m"},
		"a class that is gone": {func(_ *scene, p *compute.ClusterPoolSpec) { p.Templates[0].ClassRef.Name = "gone" }, 0, compute.ReasonClassUnusable, "template small: class gone does not exist"},
		"another region":       {func(_ *scene, p *compute.ClusterPoolSpec) { p.Templates[0].Location.Region = "east" }, 0, compute.ReasonClassUnusable, "has no region east"},
		"no namespace":         {func(_ *scene, p *compute.ClusterPoolSpec) { p.Namespace = "nowhere" }, 0, compute.ReasonNamespaceMissing, "nowhere"},
		"a time zone that is none": {func(_ *scene, p *compute.ClusterPoolSpec) {
			p.Schedules = []compute.Schedule{{Name: "day", From: "08:00", To: "18:00", TimeZone: "Europe/Brelin", Max: new(int32(0))}}
		}, 2, compute.ReasonScheduleInvalid, `schedule day: timeZone "Europe/Brelin" is not known`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			s.makes(func(p *compute.ClusterPoolSpec) { test.change(s, p) })
			s.app("a", "3")
			s.app("b", "3")
			want := make([]compute.ClusterState, test.want)
			for i := range want {
				want[i] = pending
			}
			s.condition(v1alpha1.ConditionSynced, metav1.ConditionFalse, test.reason, test.says)
			s.stays(want...)
		})
	}
}

// TestNearTheData: the template is used that is where a claim of the application has to
// be, and the claim is decided on for that place.
func TestNearTheData(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.class("second", "south")
	s.makes(func(p *compute.ClusterPoolSpec) {
		p.Templates = append(p.Templates, template("second", s.namespace+"-second", "south"))
	})
	near := s.class("db", "south", func(c *core.ResourceClass) {
		c.Spec.Claim, c.Spec.BindingMode, c.Spec.Colocation = core.ClaimKind{Group: database.Group, Kind: "MySQLInstance"}, core.BindingWaitForWorkload, core.ColocationRequired
	})
	db := &database.MySQLInstance{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "orders"}}
	db.Spec.Database = database.Database{EngineVersion: "8.4", StorageGiB: 20}
	db.Spec.ClassRef = &v1alpha1.Reference{Name: near.Name}
	s.must(world.Client.Create(s.ctx, db))
	a := s.app("blog", "1", func(a *workload.KubernetesApplication) {
		a.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: "orders"}}
	})
	if p := s.states(pending); p.Status.Clusters[0].Template != "second" {
		t.Errorf("want one in the south: %s", s.tells())
	}
	s.placed(a, s.comes(0))
	if c := a.Status.Placement.Claims; len(c) != 1 || c[0].Location.Region != "south" {
		t.Errorf("the claims are at %+v", c)
	}
	s.stays(ready)
}

// TestOfBudgetAndTemplates: a cheaper template is used where the preferred one would
// cost too much.
func TestOfBudgetAndTemplates(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) {
		p.BudgetPerHour = new(resource.MustParse("1"))
		cheap := p.Templates[0]
		cheap.Name, cheap.HourlyCost = "cheap", new(resource.MustParse("0.3"))
		p.Templates[0].HourlyCost = new(resource.MustParse("0.6"))
		p.Templates = append(p.Templates, cheap)
	})
	s.app("a", "3")
	s.app("b", "3")
	s.app("c", "3")
	p := s.states(pending, pending)
	if p.Status.Clusters[0].Template != "small" || p.Status.Clusters[1].Template != "cheap" || p.Status.HourlyCost.Cmp(resource.MustParse("0.9")) != 0 {
		t.Errorf("want one of each: %s", s.tells())
	}
	s.condition(v1alpha1.ConditionSynced, metav1.ConditionFalse, compute.ReasonBudgetReached, "1 applications wait")
}

// TestManyWakes: however often pools are looked at while claims are made, no need is
// served twice.
func TestManyWakes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.Max = 10 })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { s.app(fmt.Sprintf("app-%d", i), "2") })
	}
	for range 20 {
		all.Go(func() {
			patch := fmt.Sprintf(`{"metadata":{"annotations":{"wake":"%d"}}}`, time.Now().UnixNano())
			_ = world.Client.Patch(s.ctx, s.newPool(), client.RawPatch("application/merge-patch+json", []byte(patch)))
		})
	}
	all.Wait()
	s.stays(pending, pending, pending, pending)
	if n := len(s.claims()); n != 4 || s.asked() != 4 {
		t.Errorf("there are %d claims, and core asked for %d", n, s.asked())
	}
}

// TestLostAnswers: a claim that was made although core was told otherwise is the
// cluster's; a name that somebody else has is not used.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes()
	faults.plan(s.clusters, func(create func() error) error {
		if err := create(); err != nil {
			return err
		}
		return errors.New("the connection broke")
	})
	s.app("a", "3")
	p := s.states(pending)
	s.eventually(func() error {
		if s.read().Status.Clusters[0].UID == "" {
			return errors.New("the claim is not known")
		}
		return nil
	})
	if n := len(s.claims()); n != 1 || s.claims()[0].UID != p.Status.Clusters[0].UID && s.claims()[0].UID != s.pool.Status.Clusters[0].UID {
		t.Errorf("%d claims", n)
	}
	other := &compute.KubernetesCluster{ObjectMeta: metav1.ObjectMeta{Namespace: s.clusters, Name: s.pool.Name + "-2"}}
	other.Spec.Version, other.Spec.ClassRef = "1.35", &v1alpha1.Reference{Name: "none"}
	s.must(world.Client.Create(s.ctx, other))
	s.app("b", "3")
	s.states(pending, pending)
	s.is(func(p *compute.ClusterPool) error {
		if c := p.Status.Clusters[1]; c.Name != p.Name+"-3" || c.UID == "" || c.UID == other.UID {
			return fmt.Errorf("the second cluster is %+v", c)
		}
		return nil
	})
	s.must(world.Client.Get(s.ctx, client.ObjectKeyFromObject(other), other))
	if other.DeletionTimestamp != nil {
		t.Error("somebody else's claim is deleted")
	}
}

// TestRefusedClaims: what the API server does not take is told, and the next template
// is used.
func TestRefusedClaims(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) {
		second := p.Templates[0]
		second.Name = "second"
		p.Templates = append(p.Templates, second)
	})
	faults.plan(s.clusters, func(func() error) error {
		return apierrors.NewForbidden(schema.GroupResource{Resource: "kubernetesclusters"}, "one", errors.New("exceeded quota"))
	})
	s.app("a", "3")
	p := s.is(func(p *compute.ClusterPool) error {
		if len(p.Status.Clusters) != 1 || p.Status.Clusters[0].Template != "second" {
			return errors.New("want a cluster of the second template")
		}
		return nil
	})
	if f := p.Status.Templates[0].Failure; f.Reason != compute.ReasonClaimRefused || !strings.Contains(f.Message, "exceeded quota") {
		t.Errorf("the failure is %+v", f)
	}
}
