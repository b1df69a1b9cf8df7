// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// What the benchmarks are made of: benchTargets clusters over benchRegions regions of
// three clouds, and applications of benchShapes shapes in benchNamespaces namespaces.
const (
	benchTargets    = 1000
	benchRegions    = 30
	benchShapes     = 600
	benchNamespaces = 100
)

var clouds = []string{"aws", "azure", "gcp"}

// BenchmarkPlan decides on applications one after the other, each of which then
// counts where it was placed, on a thousand targets. Each uses two claims with three
// classes each, one in ten has rules about others.
func BenchmarkPlan(b *testing.B) {
	for _, count := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("workloads=%d", count), func(b *testing.B) { benchmarkPlan(b, benchWorkloads(count)) })
	}
}

// BenchmarkOneNamespace is the same where all are in one namespace and no two have the
// same labels: then who is near whom takes longest to find.
func BenchmarkOneNamespace(b *testing.B) {
	workloads := benchWorkloads(10_000)
	for i := range workloads {
		w := &workloads[i]
		w.Name.Namespace = "ns-0"
		w.Labels = maps.Clone(w.Labels)
		w.Labels["name"] = w.Name.Name
	}
	benchmarkPlan(b, workloads)
}

// benchmarkPlan reports how many decisions are made in a second, and in a second of
// processor time, which is what a busy machine can tell.
func benchmarkPlan(b *testing.B, workloads []plan.Workload) {
	b.Helper()
	count := len(workloads)
	var used time.Duration
	placed, rejected, examples := 0, 0, 0
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		state := plan.NewState()
		for _, t := range someTargets() {
			state.SetTarget(t)
		}
		placed, rejected, examples = 0, 0, 0
		before := processorTime(b)
		b.StartTimer()
		for i := range workloads {
			d := state.Plan(workloads[i], noon)
			if d.Target != "" {
				state.Place(workloads[i], d.Target, d.Claims)
				placed++
			}
			rejected += len(d.Rejected)
			examples += len(d.Examples)
		}
		b.StopTimer()
		used += processorTime(b) - before
		b.StartTimer()
	}
	b.StopTimer()
	if placed < count*9/10 || rejected < count || examples < count {
		b.Fatalf("%d of %d were placed, with %d counts of rejections and %d examples: that is another measurement", placed, count, rejected, examples)
	}
	b.ReportMetric(float64(count)*float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
	b.ReportMetric(float64(count)*float64(b.N)/used.Seconds(), "decisions/cpu-s")
	b.ReportMetric(float64(placed), "placed")
}

// processorTime is what this process has used, garbage collection included.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkWith makes a State beside one with 10,000 applications, decides and
// places there, as a simulation does.
func BenchmarkWith(b *testing.B) {
	workloads := benchWorkloads(10_000)
	state := plan.NewState()
	targets := someTargets()
	for _, t := range targets {
		state.SetTarget(t)
	}
	for i := range workloads {
		state.Place(workloads[i], targets[i%len(targets)].Name, nil)
	}
	extra := targets[0]
	extra.Name, extra.Pool = "hypothetical", "pool"
	b.Run("plan", func(b *testing.B) {
		for b.Loop() {
			state.With(extra).Plan(workloads[0], noon)
		}
	})
	b.Run("plan-and-place", func(b *testing.B) {
		for b.Loop() {
			other := state.With(extra)
			other.Place(workloads[0], other.Plan(workloads[0], noon).Target, nil)
		}
	})
}

func someTargets() []plan.Target {
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]plan.Target, benchTargets)
	for i := range out {
		region := i % benchRegions
		t := plan.Target{
			Name:        fmt.Sprintf("target-%04d", i),
			Location:    v1alpha1.Location{Provider: clouds[region%3], Region: fmt.Sprintf("region-%02d", region)},
			Zones:       []string{"a", "b", "c"}[:1+random.IntN(3)],
			Ready:       true,
			Labels:      map[string]string{"stage": pickOne(random, "test", "production"), "size": pickOne(random, "s", "m", "l"), "name": fmt.Sprint(i)},
			Allowed:     &v1alpha1.BindableBy{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kind": "tenant"}}},
			Allocatable: quantities("cpu", fmt.Sprint(16+random.IntN(48)), "memory", fmt.Sprintf("%dGi", 64+random.IntN(192)), "pods", "500"),
			Foreign:     quantities("cpu", "1500m", "memory", "2Gi", "pods", "20"),
			HourlyCost:  new(0.1 + random.Float64()),
		}
		switch random.IntN(20) {
		case 0:
			t.Taints = []workload.Taint{{Key: "team", Value: "a", Effect: workload.TaintNoSchedule}}
		case 1:
			t.Taints = []workload.Taint{{Key: "old", Effect: workload.TaintPreferNoSchedule}}
		case 2:
			t.Unschedulable = true
		case 3:
			t.Ready = false
		case 4:
			t.Allowed = &v1alpha1.BindableBy{Namespaces: []string{fmt.Sprintf("ns-%d", random.IntN(benchNamespaces)), "others"}}
		}
		out[i] = t
	}
	return out
}

// benchWorkloads returns applications of benchShapes shapes, shuffled.
func benchWorkloads(count int) []plan.Workload {
	random := rand.New(rand.NewPCG(3, 4))
	shapes := make([]plan.Workload, benchShapes)
	for i := range shapes {
		shapes[i] = benchShape(random, i)
	}
	out := make([]plan.Workload, count)
	for i := range out {
		w := shapes[random.IntN(len(shapes))]
		namespace := fmt.Sprintf("ns-%d", random.IntN(benchNamespaces))
		w.Name, w.UID = types.NamespacedName{Namespace: namespace, Name: fmt.Sprint("app-", i)}, types.UID(fmt.Sprintf("uid-%d", i))
		w.NamespaceLabels = map[string]string{"kind": "tenant", "name": namespace}
		out[i] = w
	}
	return out
}

func benchShape(random *rand.Rand, i int) plan.Workload {
	p := &workload.Placement{}
	w := plan.Workload{
		Labels:    map[string]string{"app": fmt.Sprint("app-", i%20), "tier": pickOne(random, "web", "back", "batch"), "shape": fmt.Sprint(i)},
		Placement: p,
		Requests:  quantities("cpu", fmt.Sprintf("%dm", 250+i), "memory", fmt.Sprintf("%dMi", 256+i), "pods", "2"),
		Claims:    []plan.Claim{benchClaim(random, "MySQLInstance"), benchClaim(random, "RedisCluster")},
	}
	if random.IntN(2) == 0 {
		p.TargetSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"stage": pickOne(random, "test", "production")}}
	}
	switch random.IntN(4) {
	case 0:
		p.Providers = []string{clouds[random.IntN(3)], clouds[random.IntN(3)]}
	case 1:
		p.Zones = []string{"b"}
	case 2:
		p.Tolerations = []workload.Toleration{{Key: "team", Value: "a"}}
	}
	if i%10 == 0 {
		benchRules(random, p)
	}
	return w
}

func benchRules(random *rand.Rand, p *workload.Placement) {
	term := workload.AffinityTerm{
		Selector: metav1.LabelSelector{MatchLabels: map[string]string{"app": fmt.Sprint("app-", random.IntN(20))}},
		Topology: pickOne(random, workload.TopologyTarget, workload.TopologyRegion, workload.TopologyProvider),
	}
	switch random.IntN(3) {
	case 0:
		term.Topology = workload.TopologyTarget
		p.AntiAffinity = &workload.Affinity{Required: []workload.AffinityTerm{term}}
	case 1:
		p.Affinity = &workload.Affinity{Preferred: []workload.WeightedAffinityTerm{{AffinityTerm: term, Weight: 50}}}
	default:
		p.Spread = []workload.Spread{{Selector: term.Selector, Topology: workload.TopologyRegion, MaxSkew: 3, Required: true}}
	}
}

func benchClaim(random *rand.Rand, kind string) plan.Claim {
	c := plan.Claim{UID: types.UID(kind), Group: "database.crossplane.io", Kind: kind, Name: "a-" + kind}
	for _, cloud := range clouds {
		o := plan.Option{Class: kind + "-" + cloud, Provider: cloud, Priority: random.Int32N(3), HourlyCost: new(random.Float64())}
		for range 4 {
			o.Regions = append(o.Regions, fmt.Sprintf("region-%02d", random.IntN(benchRegions)))
		}
		c.Options = append(c.Options, o)
	}
	return c
}

func pickOne[T any](random *rand.Rand, of ...T) T { return of[random.IntN(len(of))] }

// quantities are given as names and amounts in turn.
func quantities(pairs ...string) map[string]resource.Quantity {
	out := map[string]resource.Quantity{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = resource.MustParse(pairs[i+1])
	}
	return out
}
