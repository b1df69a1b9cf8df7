// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"fmt"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

// TestTogether places an application with two claims of no class and no region: all
// three in one region, with one write each.
func TestTogether(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.target("lonely", "azul/south", 0)
	s.target("half", "rojo/west", 0)
	both := s.target("both", "verde/east", 0)
	my := s.class("my", "MySQLInstance", "verde", []string{"north", "east"})
	s.class("other", "MySQLInstance", "rojo", []string{"west"})
	pg := s.class("pg", "PostgreSQLInstance", "verde", []string{"east"})
	begin, err := asked.Mark()
	s.must(err)
	orders, users := s.mysql("orders"), s.postgresql("users")
	a := s.app("shop", using(orders, users))
	p := s.on(a, both, 1)
	s.at(orders, my, "east")
	s.at(users, pg, "east")
	if orders.Status.Target != both.Name || orders.Status.Attempt != 1 {
		t.Errorf("the claim was not placed with the target: %+v", orders.Status.Status)
	}
	if *p.Location != (v1alpha1.Location{Provider: "verde", Region: "east"}) || p.Feasible != 3 || len(p.Terms) == 0 || p.ObservedGeneration != a.Generation {
		t.Errorf("the placement does not explain itself: %+v", p)
	}
	if len(p.Claims) != 2 || p.Claims[0].UID != orders.UID || p.Claims[0].Class != my.Name || p.Claims[1].Class != pg.Name {
		t.Errorf("the claims are not as decided: %+v", p.Claims)
	}
	s.must(asked.Settle(s.ctx, quiet))
	all, err := asked.Since(begin)
	s.must(err)
	count := map[string]int{}
	for _, q := range all.By(coreUser).Of(audit.Write) {
		if q.Namespace == s.namespace && !q.Failed() {
			count[q.Target()]++
		}
	}
	want := map[string]int{
		"kubernetesapplications.workload.crossplane.io/status": 1,
		"mysqlinstances.database.crossplane.io":                1, // the finalizer
		"mysqlinstances.database.crossplane.io/status":         1,
		"postgresqlinstances.database.crossplane.io":           1,
		"postgresqlinstances.database.crossplane.io/status":    1,
	}
	if fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("core wrote %v, want %v", count, want)
	}
}

// TestOutOfQuota: a claim that can't be had where all were to be, before anything is
// used, lets the others go, and they are together elsewhere.
func TestOutOfQuota(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	better := func(c *core.ResourceClass) { c.Spec.Priority = 10 }
	one, two := s.target("one", "verde/east", 0), s.target("two", "rojo/west", 0)
	my1, my2 := s.class("my1", "MySQLInstance", "verde", []string{"east"}, better), s.class("my2", "MySQLInstance", "rojo", []string{"west"})
	pg1, pg2 := s.class("pg1", "PostgreSQLInstance", "verde", []string{"east"}, better), s.class("pg2", "PostgreSQLInstance", "rojo", []string{"west"})
	orders, users := s.mysql("orders"), s.postgresql("users")
	a := s.app("shop", using(orders, users))
	s.on(a, one, 1)
	first := s.at(orders, my1, "east")
	other := s.at(users, pg1, "east")
	s.says(first, v1alpha1.ReasonQuotaExceeded, nil)
	s.on(a, two, 2)
	s.at(orders, my2, "west")
	s.at(users, pg2, "west")
	s.tells(a, "Moved", one.Name, two.Name, "MySQLInstance orders", my1.Name, "QuotaExceeded")
	for _, u := range []client.Object{first, other} {
		s.eventually(func() error {
			if err := world.Client.Get(s.ctx, client.ObjectKeyFromObject(u), u); err == nil {
				return fmt.Errorf("%s is still there", u.GetName())
			}
			return nil
		})
	}
	if orders.Status.Attempt != 2 || users.Status.Attempt != 2 || len(orders.Status.FailedAttempts) != 1 || len(users.Status.FailedAttempts) != 0 {
		t.Errorf("attempts: %+v %+v", orders.Status.Status, users.Status.Status)
	}
	s.rests()
}

// TestOutOfQuotaBesideData: what was ready stays, and the other one is had as near
// to it as it goes.
func TestOutOfQuotaBesideData(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.target("one", "verde/east", 0)
	s.target("two", "rojo/west", 0)
	my1 := s.class("my1", "MySQLInstance", "verde", []string{"east"}, func(c *core.ResourceClass) { c.Spec.Priority = 10 })
	my2 := s.class("my2", "MySQLInstance", "rojo", []string{"west"})
	pg := s.class("pg", "PostgreSQLInstance", "verde", []string{"east"}, func(c *core.ResourceClass) { c.Spec.Colocation = core.ColocationRequired })
	s.class("pg2", "PostgreSQLInstance", "rojo", []string{"west"})
	orders, users := s.mysql("orders"), s.postgresql("users")
	a := s.app("shop", using(orders, users))
	s.on(a, one, 1)
	data := s.at(users, pg, "east")
	first := s.at(orders, my1, "east")
	s.says(data, "", nil)
	s.eventually(func() error {
		m := running.knows(data)
		if m == nil || m.Status.FirstReadyTime == nil {
			return fmt.Errorf("core has not seen that %s is ready", data.GetName())
		}
		return nil
	})
	s.says(first, v1alpha1.ReasonCapacity, nil)
	s.at(orders, my2, "west")
	p := s.on(a, one, 2)
	if p.Claims[1].Location.Region != "east" || users.Status.Attempt != 1 {
		t.Errorf("what holds data moved: %+v", p.Claims)
	}
}

// TestWhatTheClaimIsTold while it waits.
func TestWhatTheClaimIsTold(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	my := s.class("my", "MySQLInstance", "verde", nil)
	c := s.mysql("orders")
	s.waits(c, "No KubernetesApplication")
	a := s.app("shop", using(c), placed(func(p *workload.Placement) { p.Regions = []string{"east"} }))
	s.is(a, workload.ReasonNoTarget, "no target")
	s.waits(c, "KubernetesApplication shop", workload.ReasonNoTarget)
	s.target("one", "verde/east", 0)
	s.is(a, workload.ReasonPlaced)
	s.at(c, my, "east")
}

// waits checks what a claim says that waits for a workload.
func (s *scene) waits(c *database.MySQLInstance, words ...string) {
	s.Helper()
	s.eventually(func() error {
		s.get(c)
		ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil || ready.Reason != claimapi.ReasonWorkload {
			return fmt.Errorf("the claim is %+v", ready)
		}
		return says(ready.Message, words...)
	})
}

// TestTheClassVanishes while a claim waits: with what is left it is decided anew.
func TestTheClassVanishes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.target("one", "verde/east", 0)
	best := s.class("best", "MySQLInstance", "verde", []string{"east"}, func(c *core.ResourceClass) { c.Spec.Priority = 10 })
	left := s.class("left", "MySQLInstance", "verde", []string{"east"})
	s.must(world.Client.Delete(s.ctx, best))
	c := s.mysql("orders")
	a := s.app("shop", using(c))
	s.is(a, workload.ReasonPlaced)
	s.at(c, left, "east")
	s.must(world.Client.Delete(s.ctx, left))
	d := s.mysql("more")
	b := s.app("next", using(d))
	s.is(b, workload.ReasonClaimUnsettled, "MySQLInstance more", "NoClass")
	s.is(a, workload.ReasonPlaced) // what it has stays
	again := s.class("again", "MySQLInstance", "verde", []string{"east"})
	s.is(b, workload.ReasonPlaced)
	s.at(d, again, "east")
}

// TestTheTargetIsInScope of a class that waits for a workload.
func TestTheTargetIsInScope(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.target("one", "verde/east", 0)
	my := s.class("my", "MySQLInstance", "verde", nil, func(c *core.ResourceClass) {
		c.Spec.Resources[0].Template = template(map[string]any{"region": "${location.?region.orValue('')}", "tags": map[string]any{"cluster": "${target.name}"}})
	})
	c := s.mysql("orders")
	a := s.app("shop", using(c), func(a *workload.KubernetesApplication) { a.Spec.TargetRef = &v1alpha1.Reference{Name: one.Name} })
	s.on(a, one, 1)
	u := s.at(c, my, "east")
	if got := fmt.Sprint(u.Object["spec"]); says(got, "cluster:"+one.Name) != nil {
		t.Errorf("the template did not see the target: %s", got)
	}
	s.must(world.Client.Delete(s.ctx, a)) // it can still be rendered
	change(s, c, func(c *database.MySQLInstance) { c.Spec.StorageGiB = 30 })
	s.eventually(func() error {
		s.get(c)
		if synced := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionSynced); c.Status.ObservedGeneration != c.Generation || synced.Status != metav1.ConditionTrue {
			return fmt.Errorf("the claim is %+v", c.Status.Status)
		}
		return nil
	})
}

// TestSeveralUseOneClaim: the first decides, and the others go there.
func TestSeveralUseOneClaim(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	east, west := s.target("east", "verde/east", 0), s.target("west", "verde/west", 0)
	my := s.class("my", "MySQLInstance", "verde", nil, func(c *core.ResourceClass) { c.Spec.Colocation = core.ColocationRequired })
	c := s.mysql("orders")
	first := s.app("first", using(c), func(a *workload.KubernetesApplication) { a.Spec.TargetRef = &v1alpha1.Reference{Name: west.Name} })
	s.on(first, west, 1)
	s.at(c, my, "west")
	var apps []*workload.KubernetesApplication
	for i := range 4 {
		apps = append(apps, s.app(fmt.Sprintf("more%d", i), using(c)))
	}
	for _, a := range apps {
		if p := s.on(a, west, 1); p.Claims[0].Location.Region != "west" {
			t.Errorf("%s: %+v", a.Name, p.Claims)
		}
	}
	no := s.app("no", using(c), func(a *workload.KubernetesApplication) {
		a.Spec.Placement = &workload.Placement{Regions: []string{"east"}}
	})
	s.is(no, workload.ReasonPlacementInvalid, "orders")
	_ = east
}

// TestAClaimMadeAnew under the same name is decided on anew.
func TestAClaimMadeAnew(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	one := s.target("one", "verde/east", 0)
	my := s.class("my", "MySQLInstance", "verde", nil)
	a := s.app("shop", func(a *workload.KubernetesApplication) {
		a.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: "orders"}}
	})
	s.is(a, workload.ReasonClaimUnsettled, "MySQLInstance orders", "does not exist")
	c := s.mysql("orders")
	s.on(a, one, 1)
	s.at(c, my, "east")
	change(s, a, func(a *workload.KubernetesApplication) { a.Spec.Uses = nil })
	s.on(a, one, 2)
	s.must(world.Client.Delete(s.ctx, c))
	s.eventually(func() error {
		if err := world.Client.Get(s.ctx, client.ObjectKeyFromObject(c), c); err == nil {
			return fmt.Errorf("the claim is still there")
		}
		return nil
	})
	change(s, a, func(a *workload.KubernetesApplication) {
		a.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: "orders"}}
	})
	s.is(a, workload.ReasonClaimUnsettled)
	again := s.mysql("orders")
	p := s.on(a, one, 3)
	s.at(again, my, "east")
	if !slices.ContainsFunc(p.Claims, func(c workload.ClaimPlacement) bool { return c.UID == again.UID }) {
		t.Errorf("the placement is about another claim: %+v", p.Claims)
	}
}

// TestAnImmediateClaim decides for itself, and the application goes there.
func TestAnImmediateClaim(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.target("east", "verde/east", 0)
	west := s.target("west", "verde/west", 0)
	c := s.mysql("orders")
	a := s.app("shop", using(c))
	s.is(a, workload.ReasonClaimUnsettled, "orders", "NoClass")
	my := s.class("my", "MySQLInstance", "verde", []string{"west"}, func(c *core.ResourceClass) { c.Spec.BindingMode = core.BindingImmediate })
	s.at(c, my, "west")
	p := s.on(a, west, 1)
	if p.Claims[0].Class != "" || p.Claims[0].Location.Region != "west" {
		t.Errorf("the claim was decided on again: %+v", p.Claims)
	}
}
