// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// noon is when all scenarios take place.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// scenario is one entry of testdata/scenarios.yaml, which says what the fields mean.
type scenario struct {
	Name    string              `json:"name"`
	Targets []scenarioTarget    `json:"targets"`
	Placed  []scenarioPlacement `json:"placed"`
	App     scenarioApp         `json:"app"`
	Expect  expectation         `json:"expect"`
}

type scenarioTarget struct {
	Name          string                       `json:"name"`
	In            string                       `json:"in"`
	Zones         []string                     `json:"zones"`
	Labels        map[string]string            `json:"labels"`
	Taints        []workload.Taint             `json:"taints"`
	Unschedulable bool                         `json:"unschedulable"`
	NotReady      bool                         `json:"notReady"`
	SilentFor     string                       `json:"silentFor"`
	For           *v1alpha1.BindableBy         `json:"for"`
	Offers        map[string]resource.Quantity `json:"offers"`
	Others        map[string]resource.Quantity `json:"others"`
	Cost          *float64                     `json:"cost"`
	Pool          string                       `json:"pool"`
	ReadyIn       string                       `json:"readyIn"`
}

type scenarioPlacement struct {
	scenarioApp

	On string `json:"target"`
}

type scenarioApp struct {
	Name            string                       `json:"name"`
	Namespace       string                       `json:"namespace"`
	NamespaceLabels map[string]string            `json:"namespaceLabels"`
	Labels          map[string]string            `json:"labels"`
	Placement       *workload.Placement          `json:"placement"`
	Only            string                       `json:"only"`
	Current         string                       `json:"current"`
	Requests        map[string]resource.Quantity `json:"requests"`
	Measured        map[string]resource.Quantity `json:"measured"`
	Claims          []scenarioClaim              `json:"claims"`
}

type scenarioClaim struct {
	Kind    string           `json:"kind"`
	Name    string           `json:"name"`
	At      string           `json:"at"`
	Near    bool             `json:"near"`
	Cluster string           `json:"cluster"`
	Options []scenarioOption `json:"options"`
}

type scenarioOption struct {
	Class    string            `json:"class"`
	Provider string            `json:"provider"`
	Regions  []string          `json:"regions"`
	Near     bool              `json:"near"`
	Priority int32             `json:"priority"`
	Failed   map[string]string `json:"failed"`
	Cost     *float64          `json:"cost"`
	ReadyIn  string            `json:"readyIn"`
}

type expectation struct {
	Target   string           `json:"target"`
	Pool     string           `json:"pool"`
	Claims   []string         `json:"claims"`
	Feasible int              `json:"feasible"`
	Rejected map[string]int32 `json:"rejected"`
	Why      []string         `json:"why"`
	Terms    map[string]int64 `json:"terms"`
	Invalid  []string         `json:"invalid"`
}

// TestScenarios decides every scenario and compares all that was decided.
func TestScenarios(t *testing.T) {
	all := readScenarios(t)
	if len(all) < 60 {
		t.Errorf("%d scenarios, of which there should be 60 at least", len(all))
	}
	seen := map[string]bool{}
	for i := range all {
		s := &all[i]
		if seen[s.Name] {
			t.Errorf("two scenarios are called %q", s.Name)
		}
		seen[s.Name] = true
		t.Run(s.Name, func(t *testing.T) { s.run(t) })
	}
}

func readScenarios(t *testing.T) []scenario {
	t.Helper()
	content, err := os.ReadFile("testdata/scenarios.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []scenario
	if err := yaml.UnmarshalStrict(content, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (s *scenario) run(t *testing.T) {
	t.Helper()
	app := s.App.workload(t)
	state := s.state(t)
	d := state.Plan(app, noon)
	got := expectation{Target: d.Target, Pool: d.Pool, Feasible: d.Feasible}
	for i, c := range d.Claims {
		got.Claims = append(got.Claims, describe(app.Claims[i], c))
	}
	for _, r := range d.Rejected {
		if got.Rejected == nil {
			got.Rejected = map[string]int32{}
		}
		got.Rejected[r.Reason] = r.Count
	}
	if err := plan.Check(app); err != nil {
		got.Invalid = strings.Split(err.Error(), "\n")
	}
	got.Why = d.Examples
	if s.Expect.Terms != nil {
		got.Terms = map[string]int64{}
		for _, term := range d.Terms {
			got.Terms[term.Name] = term.Value
		}
	}
	if diff := cmp.Diff(s.Expect, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-expected +decided:\n%s", diff)
	}
	consistent(t, state, app, d)
}

// consistent checks that Explain says of each candidate what Plan counted.
func consistent(t *testing.T, state *plan.State, app plan.Workload, d plan.Decision) {
	t.Helper()
	counts := map[string]int32{}
	verdicts := state.Explain(app, noon)
	for i, v := range verdicts {
		counts[v.Reason]++
		if (v.Reason == "") != (v.Message == "") {
			t.Errorf("verdict %+v has a reason or a message, not both", v)
		}
		if i == 0 && d.Target != "" {
			chosen := plan.Verdict{Target: d.Target, Score: d.Score, Terms: d.Terms, Claims: d.Claims}
			if diff := cmp.Diff(chosen, v); diff != "" {
				t.Errorf("the first verdict is not what is decided: -decided +explained\n%s", diff)
			}
		}
		if v.Reason != "" && len(d.Examples) < 20 && !slices.Contains(d.Examples, v.Target+": "+v.Message) {
			t.Errorf("%s: %s is no example, of which there are %d", v.Target, v.Message, len(d.Examples))
		}
	}
	if int(counts[""]) != d.Feasible {
		t.Errorf("%d would do as it is explained, %d as it is decided", counts[""], d.Feasible)
	}
	for _, r := range d.Rejected {
		if counts[r.Reason] != r.Count {
			t.Errorf("%d are rejected for %s as it is explained, %d as it is decided", counts[r.Reason], r.Reason, r.Count)
		}
	}
}

func describe(c plan.Claim, choice plan.Choice) string {
	class := choice.Class
	if class == "" {
		class = "as it is"
	}
	return fmt.Sprintf("%s: %s, %s/%s", c.Name, class, choice.Location.Provider, choice.Location.Region)
}

func (s *scenario) state(t *testing.T) *plan.State {
	t.Helper()
	state := plan.NewState()
	for i := range s.Targets {
		state.SetTarget(s.Targets[i].target(t))
	}
	for i := range s.Placed {
		state.Place(s.Placed[i].workload(t), s.Placed[i].On, nil)
	}
	return state
}

func (s *scenarioTarget) target(t *testing.T) plan.Target {
	t.Helper()
	out := plan.Target{
		Name: s.Name, Labels: s.Labels, Location: location(s.In), Zones: s.Zones, Taints: s.Taints, Unschedulable: s.Unschedulable,
		Ready: !s.NotReady, Allowed: s.For, Allocatable: s.Offers, Foreign: s.Others, HourlyCost: s.Cost, Pool: s.Pool,
	}
	if s.For == nil {
		out.Allowed = &v1alpha1.BindableBy{Namespaces: []string{"shop"}}
	}
	if s.SilentFor != "" {
		since := noon.Add(-duration(t, s.SilentFor))
		out.UnreachableSince = &since
	}
	if s.ReadyIn != "" {
		out.ReadyIn = duration(t, s.ReadyIn)
	}
	return out
}

func (s *scenarioApp) workload(t *testing.T) plan.Workload {
	t.Helper()
	name, namespace := s.Name, s.Namespace
	if name == "" {
		name = "app"
	}
	if namespace == "" {
		namespace = "shop"
	}
	out := plan.Workload{
		Name: types.NamespacedName{Namespace: namespace, Name: name}, UID: types.UID(namespace + "-" + name), Labels: s.Labels,
		NamespaceLabels: s.NamespaceLabels, Placement: s.Placement, Only: s.Only, Current: s.Current, Requests: s.Requests,
		Measured: s.Measured,
	}
	for i := range s.Claims {
		out.Claims = append(out.Claims, s.Claims[i].claim(t))
	}
	return out
}

func (s *scenarioClaim) claim(t *testing.T) plan.Claim {
	t.Helper()
	out := plan.Claim{UID: types.UID(s.Name), Group: "database.crossplane.io", Kind: s.Kind, Name: s.Name, Near: s.Near, Cluster: s.Cluster}
	if out.Kind == "" {
		out.Kind = "MySQLInstance"
	}
	if s.At != "" {
		at := location(s.At)
		out.At = &at
	}
	for _, o := range s.Options {
		option := plan.Option{
			Class: o.Class, Provider: o.Provider, Regions: o.Regions, Near: o.Near, Priority: o.Priority, Failed: o.Failed, HourlyCost: o.Cost,
		}
		if o.ReadyIn != "" {
			option.ReadyIn = new(duration(t, o.ReadyIn))
		}
		out.Options = append(out.Options, option)
	}
	return out
}

func location(s string) v1alpha1.Location {
	provider, region, _ := strings.Cut(s, "/")
	return v1alpha1.Location{Provider: provider, Region: region}
}

func duration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
