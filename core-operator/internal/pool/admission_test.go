// SPDX-License-Identifier: Apache-2.0

package pool_test

import (
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
)

func TestAdmission(t *testing.T) {
	t.Parallel()
	schedule := func(change func(*compute.Schedule)) func(*compute.ClusterPoolSpec) {
		return func(p *compute.ClusterPoolSpec) {
			s := compute.Schedule{Name: "day", Days: []compute.Day{"Monday"}, From: "08:00", To: "18:00", TimeZone: "Europe/Berlin", Min: new(int32(1))}
			change(&s)
			p.Schedules = []compute.Schedule{s}
		}
	}
	drain := func(policy compute.DrainPolicy, limit intstr.IntOrString) func(*compute.ClusterPoolSpec) {
		return func(p *compute.ClusterPoolSpec) {
			p.Drain = &compute.Drain{Policy: policy, After: duration(time.Hour), MaxUnavailable: &limit}
		}
	}
	const badLimit = "maxUnavailable is a number from 1 to 20, or a percentage from 1% to 100%"
	cases := map[string]struct {
		change func(*compute.ClusterPoolSpec)
		says   string // empty: it is admitted
	}{
		"as it is":              {func(*compute.ClusterPoolSpec) {}, ""},
		"min above max":         {func(p *compute.ClusterPoolSpec) { p.Min = 4 }, "min is larger than max"},
		"spare above max":       {func(p *compute.ClusterPoolSpec) { p.Spare = 4 }, "spare is larger than max"},
		"less than none":        {func(p *compute.ClusterPoolSpec) { p.Min = -1 }, "spec.min"},
		"no templates":          {func(p *compute.ClusterPoolSpec) { p.Templates = nil }, "spec.templates"},
		"templates of one name": {func(p *compute.ClusterPoolSpec) { p.Templates = append(p.Templates, p.Templates[0]) }, "Duplicate"},
		"budget without costs":  {func(p *compute.ClusterPoolSpec) { p.BudgetPerHour = new(resource.MustParse("1")) }, "each template needs its hourlyCost"},
		"a negative cost":       {func(p *compute.ClusterPoolSpec) { p.Templates[0].HourlyCost = new(resource.MustParse("-1")) }, "a cost can't be negative"},
		"a negative budget":     {func(p *compute.ClusterPoolSpec) { p.BudgetPerHour = new(resource.MustParse("-1")) }, "a budget can't be negative"},
		"costs": {func(p *compute.ClusterPoolSpec) {
			p.Templates[0].HourlyCost, p.BudgetPerHour = new(resource.MustParse("0.1")), new(resource.MustParse("2"))
		}, ""},
		"capacity without pods": {func(p *compute.ClusterPoolSpec) { delete(p.Templates[0].Capacity, "pods") }, "capacity needs cpu, memory and pods"},
		"a version of nothing":  {func(p *compute.ClusterPoolSpec) { p.Templates[0].Version = "latest" }, "version"},
		"no region":             {func(p *compute.ClusterPoolSpec) { p.Templates[0].Location.Region = "" }, "region"},
		"a negative time":       {func(p *compute.ClusterPoolSpec) { p.IdleAfter = duration(-time.Second) }, "idleAfter"},
		"our own label": {func(p *compute.ClusterPoolSpec) {
			p.Target.Labels = map[string]compute.LabelValue{"crossplane.io/claim-uid": "x"}
		}, "control plane's own"},
		"no label's value":    {func(p *compute.ClusterPoolSpec) { p.Target.Labels = map[string]compute.LabelValue{"a": "b c"} }, "labels"},
		"a schedule":          {schedule(func(*compute.Schedule) {}), ""},
		"over midnight":       {schedule(func(s *compute.Schedule) { s.From, s.To = "22:00", "06:00" }), ""},
		"the whole day":       {schedule(func(s *compute.Schedule) { s.From, s.To = "00:00", "24:00" }), ""},
		"no time":             {schedule(func(s *compute.Schedule) { s.From, s.To = "08:00", "08:00" }), "the same time"},
		"no time of day":      {schedule(func(s *compute.Schedule) { s.From = "8 o'clock" }), "from"},
		"no day":              {schedule(func(s *compute.Schedule) { s.Days = []compute.Day{"Someday"} }), "days"},
		"says nothing":        {schedule(func(s *compute.Schedule) { s.Min = nil }), "min, max or both"},
		"more than max in it": {schedule(func(s *compute.Schedule) { s.Min = new(int32(4)) }), "in one of schedules min is larger than max"},
		"less than min in it": {schedule(func(s *compute.Schedule) { s.Max = new(int32(0)) }), "in one of schedules min is larger than max"},
		"drain":               {drain(compute.DrainWhenMovable, intstr.FromInt32(20)), ""},
		"drain a share":       {drain(compute.DrainWhenMovable, intstr.FromString("100%")), ""},
		"drain none":          {drain(compute.DrainNever, intstr.FromString("5%")), ""},
		"drain sometimes":     {drain("Sometimes", intstr.FromInt32(1)), "spec.drain.policy"},
		"drain in no time":    {drain(compute.DrainWhenMovable, intstr.FromInt32(0)), badLimit},
		"drain all at once":   {drain(compute.DrainWhenMovable, intstr.FromInt32(21)), badLimit},
		"drain no share":      {drain(compute.DrainWhenMovable, intstr.FromString("0%")), badLimit},
		"drain more than all": {drain(compute.DrainWhenMovable, intstr.FromString("101%")), badLimit},
		"drain a text":        {drain(compute.DrainWhenMovable, intstr.FromString("5")), badLimit},
		"drain backwards": {func(p *compute.ClusterPoolSpec) {
			p.Drain = &compute.Drain{Policy: compute.DrainWhenMovable, After: duration(-time.Hour)}
		}, "spec.drain.after"},
		"more than max, and max": {schedule(func(s *compute.Schedule) { s.Min, s.Max = new(int32(4)), new(int32(5)) }), ""},
	}
	all := newScene(t)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := world.Client.Create(t.Context(), all.newPool(test.change), client.DryRunAll)
			switch {
			case test.says == "" && err != nil:
				t.Fatal(err)
			case test.says != "" && (!apierrors.IsInvalid(err) || !strings.Contains(err.Error(), test.says)):
				t.Errorf("want it refused with %q: %v", test.says, err)
			}
		})
	}
	t.Run("a name that is too long", func(t *testing.T) {
		t.Parallel()
		p := all.newPool()
		p.Name = strings.Repeat("x", 51)
		if err := world.Client.Create(t.Context(), p, client.DryRunAll); err == nil || !strings.Contains(err.Error(), "at most 50") {
			t.Errorf("want it refused: %v", err)
		}
	})
}

// TestAdmissionOfChanges: clusters can't move, and durations are such.
func TestAdmissionOfChanges(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makes(func(p *compute.ClusterPoolSpec) { p.Max = 0 })
	for patch, says := range map[string]string{
		`{"spec":{"namespace":"other"}}`:           "can't move",
		`{"spec":{"idleAfter":"5 minutes"}}`:       "idleAfter",
		`{"spec":{"scaleUpDelay":"-5s"}}`:          "scaleUpDelay",
		`{"spec":{"deletionPolicy":"Abandon"}}`:    "deletionPolicy",
		`{"spec":{"idleAfter":"1h30m","spare":0}}`: "",
	} {
		err := world.Client.Patch(s.ctx, s.pool.DeepCopy(), client.RawPatch("application/merge-patch+json", []byte(patch)))
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: want %q: %v", patch, says, err)
		}
	}
}
