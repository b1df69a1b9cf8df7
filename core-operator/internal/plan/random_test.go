// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// dice makes small worlds, in which everything that matters happens often.
type dice struct{ *rand.Rand }

// roll returns dice, and says how the same come again.
func roll(t *testing.T) dice {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("PLAN_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("to see the same again: PLAN_SEED=%d", seed)
	return diceOf(seed)
}

func diceOf(seed uint64) dice {
	return dice{rand.New(rand.NewPCG(seed, 0))}
}

// one reports true one time in n.
func (d dice) one(n int) bool { return d.IntN(n) == 0 }

func some[T any](d dice, most int, one func() T) []T {
	var out []T
	for range d.IntN(most + 1) {
		out = append(out, one())
	}
	return out
}

func (d dice) world() *world {
	w := &world{}
	for i := range 1 + d.IntN(7) {
		w.targets = append(w.targets, d.target(fmt.Sprint("t", i)))
	}
	for i := range d.IntN(9) {
		app := d.app(fmt.Sprint("p", i))
		w.placed = append(w.placed, resident{Workload: app, on: d.targetName()})
	}
	return w
}

// targetName is one that is there, mostly.
func (d dice) targetName() string { return fmt.Sprint("t", d.IntN(8)) }

func (d dice) location() v1alpha1.Location {
	l := v1alpha1.Location{Provider: pickOne(d.Rand, "aws", "gcp"), Region: pickOne(d.Rand, "r1", "r2")}
	if d.one(6) {
		l.Region = ""
	}
	if d.one(8) {
		l.Provider = ""
	}
	return l
}

func (d dice) target(name string) plan.Target {
	t := plan.Target{
		Name: name, Location: d.location(), Ready: !d.one(10), Unschedulable: d.one(10), Labels: d.labels(),
		Zones:   some(d, 2, func() string { return pickOne(d.Rand, "a", "b", "c") }),
		Allowed: &v1alpha1.BindableBy{Namespaces: []string{"shop", "bank"}},
	}
	switch {
	case d.one(12):
		t.Allowed = &v1alpha1.BindableBy{Namespaces: []string{"bank"}}
	case d.one(4):
		t.Allowed = &v1alpha1.BindableBy{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kind": "tenant"}}}
	}
	if d.one(3) {
		t.Taints = some(d, 2, d.taint)
	}
	if d.one(8) {
		t.UnreachableSince = new(noon.Add(-time.Duration(d.IntN(600)) * time.Second))
	}
	if !d.one(3) {
		t.Allocatable = d.amounts(4000, 8)
	}
	if d.one(2) {
		t.Foreign = d.amounts(1000, 2)
	}
	if d.one(2) {
		t.HourlyCost = new(float64(d.IntN(4)) / 4)
	}
	if d.one(6) {
		t.Pool, t.ReadyIn = "pool", time.Duration(d.IntN(1200))*time.Second
	}
	return t
}

func (d dice) amounts(milli, gib int) map[string]resource.Quantity {
	out := map[string]resource.Quantity{}
	if !d.one(5) {
		out["cpu"] = *resource.NewMilliQuantity(int64(d.IntN(milli)), resource.DecimalSI)
	}
	if !d.one(5) {
		out["memory"] = *resource.NewQuantity(int64(d.IntN(gib+1))<<30, resource.BinarySI)
	}
	if d.one(6) {
		out["nvidia.com/gpu"] = *resource.NewQuantity(int64(d.IntN(3)), resource.DecimalSI)
	}
	return out
}

func (d dice) labels() map[string]string {
	out := map[string]string{}
	for _, name := range []string{"app", "tier"} {
		if !d.one(3) {
			out[name] = pickOne(d.Rand, "a", "b")
		}
	}
	return out
}

func (d dice) taint() workload.Taint {
	t := workload.Taint{
		Key: pickOne(d.Rand, "k1", "k2"), Value: pickOne(d.Rand, "", "v"),
		Effect: pickOne(d.Rand, workload.TaintNoSchedule, workload.TaintNoExecute, workload.TaintPreferNoSchedule),
	}
	if d.one(2) {
		t.TimeAdded = &metav1.Time{Time: noon.Add(-time.Duration(d.IntN(600)) * time.Second)}
	}
	return t
}

func (d dice) toleration() workload.Toleration {
	o := workload.Toleration{
		Key: pickOne(d.Rand, "k1", "k2", workload.TaintUnreachable), Operator: pickOne(d.Rand, "", workload.TolerationEqual, workload.TolerationExists),
		Value: pickOne(d.Rand, "", "v"), Effect: pickOne(d.Rand, "", workload.TaintNoSchedule, workload.TaintNoExecute),
	}
	if d.one(6) {
		o.Key, o.Operator = "", workload.TolerationExists
	}
	if d.one(3) {
		o.TolerationSeconds = new(int64(d.IntN(600)))
	}
	return o
}

func (d dice) app(name string) plan.Workload {
	namespace := "shop"
	if d.one(5) {
		namespace = "bank"
	}
	app := plan.Workload{Name: types.NamespacedName{Namespace: namespace, Name: name}, UID: types.UID(name), Labels: d.labels(), Placement: d.placement()}
	if !d.one(4) {
		app.NamespaceLabels = map[string]string{"kind": "tenant"}
	}
	if !d.one(4) {
		app.Requests = d.amounts(1500, 3)
	}
	if d.one(3) {
		app.Measured = d.amounts(1500, 3)
	}
	if d.one(12) {
		app.Only = d.targetName()
	}
	if d.one(4) {
		app.Current = d.targetName()
	}
	app.Claims = some(d, 2, d.claim)
	for i := range app.Claims {
		app.Claims[i].Name = fmt.Sprint("c", i)
	}
	return app
}

func (d dice) selector() metav1.LabelSelector {
	if d.one(4) {
		return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{
			Key: pickOne(d.Rand, "app", "tier"), Operator: pickOne(d.Rand, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist),
		}}}
	}
	return metav1.LabelSelector{MatchLabels: map[string]string{pickOne(d.Rand, "app", "tier"): pickOne(d.Rand, "a", "b")}}
}

func (d dice) term() workload.AffinityTerm {
	return workload.AffinityTerm{Selector: d.selector(), Topology: pickOne(d.Rand, workload.TopologyTarget, workload.TopologyRegion, workload.TopologyProvider)}
}

func (d dice) wish() workload.WeightedAffinityTerm {
	return workload.WeightedAffinityTerm{AffinityTerm: d.term(), Weight: 1 + d.Int32N(100)}
}

func (d dice) placement() *workload.Placement {
	if d.one(5) {
		return nil
	}
	p := &workload.Placement{Pin: d.one(15)}
	if d.one(5) {
		p.TargetSelector = new(d.selector())
	}
	if d.one(5) {
		p.Providers = some(d, 2, func() string { return pickOne(d.Rand, "aws", "gcp") })
	}
	if d.one(5) {
		p.Regions = some(d, 2, func() string { return pickOne(d.Rand, "r1", "r2") })
	}
	if d.one(6) {
		p.Zones = some(d, 2, func() string { return pickOne(d.Rand, "a", "b") })
	}
	if d.one(2) {
		p.Tolerations = some(d, 3, d.toleration)
	}
	if d.one(4) {
		p.Affinity = &workload.Affinity{Required: some(d, 1, d.term), Preferred: some(d, 2, d.wish)}
	}
	if d.one(4) {
		p.AntiAffinity = &workload.Affinity{Required: some(d, 2, d.term), Preferred: some(d, 2, d.wish)}
	}
	if d.one(4) {
		p.Spread = some(d, 2, func() workload.Spread {
			t := d.term()
			return workload.Spread{Selector: t.Selector, Topology: t.Topology, MaxSkew: 1 + d.Int32N(3), Required: d.one(2)}
		})
	}
	return p
}

func (d dice) claim() plan.Claim {
	c := plan.Claim{Kind: "MySQLInstance", Near: d.one(3)}
	switch {
	case d.one(3):
		c.At = new(d.location())
		if d.one(6) {
			c.Cluster = d.targetName()
		}
	default:
		c.Options = some(d, 3, d.option)
	}
	return c
}

func (d dice) option() plan.Option {
	o := plan.Option{
		Class: pickOne(d.Rand, "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8") + fmt.Sprint(d.Uint64()), Provider: pickOne(d.Rand, "aws", "gcp"),
		Near: d.one(3), Priority: d.Int32N(3) - 1,
	}
	if !d.one(4) {
		o.Regions = pickOne(d.Rand, []string{"r1"}, []string{"r2"}, []string{"r1", "r2"}, []string{"r2", "r3", "r1"})
	}
	if d.one(4) {
		o.Failed = map[string]string{pickOne(d.Rand, "", "r1", "r2"): pickOne(d.Rand, "QuotaExceeded", "CapacityUnavailable")}
	}
	if d.one(2) {
		o.HourlyCost = new(float64(d.IntN(3)) / 2)
	}
	if d.one(2) {
		o.ReadyIn = new(time.Duration(d.IntN(900)) * time.Second)
	}
	return o
}
