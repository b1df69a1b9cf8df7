// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/container/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// observedNodes is a pool as aPool wants it.
func observedNodes() *ObservedPool {
	return &ObservedPool{Cluster: "shop", ControlPlane: "1.33.4-gke.100", NodePool: &container.NodePool{
		Name: "general", Status: running, Version: "1.33.2-gke.100", InitialNodeCount: 2, Locations: []string{"europe-west1-b", "europe-west1-c"},
		Management: &container.NodeManagement{AutoUpgrade: true, AutoRepair: true}, UpgradeSettings: &container.UpgradeSettings{Strategy: "SURGE", MaxSurge: 1},
		MaxPodsConstraint: &container.MaxPodsConstraint{MaxPodsPerNode: 110},
		Config: &container.NodeConfig{
			MachineType: "e2-standard-2", DiskSizeGb: 100, DiskType: "pd-balanced", ImageType: "COS_CONTAINERD", ServiceAccount: "default", Tags: []string{"web"},
			Labels:         map[string]string{"pool": "general", "cloud.google.com/gke-boot-disk": "x"},
			Taints:         []*container.NodeTaint{{Key: "only", Value: "jobs", Effect: "NO_SCHEDULE"}},
			ResourceLabels: map[string]string{"team": "shop", contract.TagOwner: "me"},
		},
	}}
}

// sentToPool is what a step sends, as JSON shows it.
func sentToPool(t *testing.T, s poolStep) string {
	t.Helper()
	switch {
	case s.autoscaling != nil:
		return wire(t, s.autoscaling)
	case s.management != nil:
		return wire(t, s.management)
	case s.size != nil:
		return wire(t, container.SetNodePoolSizeRequest{NodeCount: *s.size, ForceSendFields: []string{"NodeCount"}})
	default:
		return wire(t, s.update)
	}
}

// poolCase is a change of the spec, or of what there is, and what it comes to.
type poolCase struct {
	change        func(*v1alpha1.GKENodePoolParameters)
	have          func(*ObservedPool)
	fields, fixed []string
	sent          []string
}

func TestPlanSizeAndBehaviour(t *testing.T) {
	type parameters = v1alpha1.GKENodePoolParameters
	autoscaled := func(o *ObservedPool) {
		o.Autoscaling = &container.NodePoolAutoscaling{Enabled: true, TotalMinNodeCount: 1, TotalMaxNodeCount: 9, LocationPolicy: "BALANCED"}
	}
	plannedPool(t, map[string]poolCase{
		"in order": {},
		"no nodes": {change: func(p *parameters) { p.NodeCount = new(int64(0)) }, fields: []string{"nodeCount"}, sent: []string{`{"nodeCount":0}`}},
		"autoscaled": {
			change: func(p *parameters) {
				p.NodeCount, p.Autoscaling = nil, &v1alpha1.NodePoolAutoscaling{MinNodeCount: new(int64(1)), MaxNodeCount: new(int64(3))}
			},
			fields: []string{"autoscaling"}, sent: []string{`{"enabled":true,"maxNodeCount":3,"minNodeCount":1}`},
		},
		"autoscaled as it is": {
			change: func(p *parameters) {
				p.NodeCount, p.Autoscaling = nil, &v1alpha1.NodePoolAutoscaling{TotalMinNodeCount: new(int64(1)), TotalMaxNodeCount: new(int64(9))}
			},
			have: autoscaled,
		},
		"another policy": {
			change: func(p *parameters) {
				p.NodeCount, p.Autoscaling = nil, &v1alpha1.NodePoolAutoscaling{TotalMinNodeCount: new(int64(1)), TotalMaxNodeCount: new(int64(9)), LocationPolicy: "ANY"}
			},
			have: autoscaled, fields: []string{"autoscaling"}, sent: []string{`{"enabled":true,"locationPolicy":"ANY","totalMaxNodeCount":9,"totalMinNodeCount":1}`},
		},
		"a number instead":        {have: autoscaled, fields: []string{"autoscaling"}, sent: []string{`{"enabled":false}`}},
		"a number is left to GKE": {change: func(p *parameters) { p.NodeCount = nil }, have: autoscaled},
		"the same zones":          {change: func(p *parameters) { p.NodeLocations = []string{"europe-west1-c", "europe-west1-b"} }},
		"one zone": {
			change: func(p *parameters) { p.NodeLocations = []string{"europe-west1-c"} },
			fields: []string{"nodeLocations"},
			sent:   []string{`{"locations":["europe-west1-c"]}`},
		},
		"not upgraded": {
			change: func(p *parameters) { p.Management = &v1alpha1.NodeManagement{AutoUpgrade: new(false)} },
			fields: []string{"management"},
			sent:   []string{`{"autoRepair":true,"autoUpgrade":false}`},
		},
		"upgraded as it is": {change: func(p *parameters) { p.UpgradeSettings = &v1alpha1.UpgradeSettings{MaxSurge: 1} }},
		"upgraded faster": {
			change: func(p *parameters) { p.UpgradeSettings = &v1alpha1.UpgradeSettings{MaxSurge: 3} },
			fields: []string{"upgradeSettings"},
			sent:   []string{`{"upgradeSettings":{"maxSurge":3,"maxUnavailable":0,"strategy":"SURGE"}}`},
		},
	})
}

func TestPlanMarksAndMachines(t *testing.T) {
	type parameters = v1alpha1.GKENodePoolParameters
	plannedPool(t, map[string]poolCase{
		"another label": {
			change: func(p *parameters) { p.Labels = map[string]v1alpha1.NodeLabel{"tier": "back"} },
			fields: []string{"labels"},
			sent:   []string{`{"labels":{"labels":{"tier":"back"}}}`},
		},
		"no labels": {
			change: func(p *parameters) { p.Labels = map[string]v1alpha1.NodeLabel{} },
			fields: []string{"labels"},
			sent:   []string{`{"labels":{"labels":{}}}`},
		},
		"labels left alone": {change: func(p *parameters) { p.Labels = nil }},
		"the same taint":    {change: func(p *parameters) { p.Taints = []v1alpha1.Taint{{Key: "only", Value: "jobs", Effect: "NO_SCHEDULE"}} }},
		"another effect": {
			change: func(p *parameters) { p.Taints = []v1alpha1.Taint{{Key: "only", Value: "jobs", Effect: "NO_EXECUTE"}} },
			fields: []string{"taints"},
			sent:   []string{`{"taints":{"taints":[{"effect":"NO_EXECUTE","key":"only","value":"jobs"}]}}`},
		},
		"no taints and tags": {
			change: func(p *parameters) { p.Taints, p.NetworkTags = []v1alpha1.Taint{}, []string{} },
			fields: []string{"taints", "networkTags"},
			sent:   []string{`{"taints":{"taints":[]}}`, `{"tags":{"tags":[]}}`},
		},
		"another resource label": {
			change: func(p *parameters) { p.ResourceLabels = map[string]v1alpha1.ResourceLabel{"team": "web"} },
			fields: []string{"resourceLabels"},
			sent:   []string{`{"resourceLabels":{"labels":{"crossplane-owner":"me","team":"web"}}}`},
		},
		"another machine, once": {change: func(p *parameters) {
			p.MachineType, p.DiskSizeGb, p.DiskType = "n2-standard-4", new(int64(200)), "pd-ssd"
		}, fields: []string{"machineType", "diskSizeGb", "diskType"}, sent: []string{`{"diskSizeGb":"200","diskType":"pd-ssd","machineType":"n2-standard-4"}`}},
		"another image": {
			change: func(p *parameters) { p.ImageType = "UBUNTU_CONTAINERD" },
			fields: []string{"imageType"},
			sent:   []string{`{"imageType":"UBUNTU_CONTAINERD"}`},
		},
		"control plane ahead": {
			have:   func(o *ObservedPool) { o.ControlPlane = "1.34.1-gke.100" },
			fields: []string{"version"},
			sent:   []string{`{"nodeVersion":"1.34.1-gke.100"}`},
		},
		"held back": {change: func(p *parameters) { p.Version = "1.33" }, have: func(o *ObservedPool) { o.ControlPlane = "1.34.1-gke.100" }},
		"raised to its own minor": {
			change: func(p *parameters) { p.Version = "1.34" }, have: func(o *ObservedPool) { o.ControlPlane = "1.35.0-gke.100" },
			fields: []string{"version"},
			sent:   []string{`{"nodeVersion":"1.34"}`},
		},
		"no newer than the control": {
			change: func(p *parameters) { p.Version = "1.34" },
			fields: []string{"version"},
			sent:   []string{`{"nodeVersion":"1.33.4-gke.100"}`},
		},
		"a patch": {
			change: func(p *parameters) { p.Version = "1.33.3-gke.50" },
			fields: []string{"version"},
			sent:   []string{`{"nodeVersion":"1.33.3-gke.50"}`},
		},
		"upgraded by GKE": {change: func(p *parameters) { p.Version = "1.32" }},
		"what is fixed": {
			change: func(p *parameters) {
				p.ClusterName, p.Spot, p.ServiceAccount, p.OAuthScopes, p.MaxPodsPerNode = "other", new(true), "a@b", []string{"s"}, new(int64(32))
			},
			fixed: []string{"clusterName (shop → other)", "spot (false → true)", "serviceAccount (default → a@b)", "oauthScopes (none → s)", "maxPodsPerNode (110 → 32)"},
		},
	})
}

func plannedPool(t *testing.T, cases map[string]poolCase) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want, o := aPool().Spec.ForProvider, observedNodes()
			if tc.change != nil {
				tc.change(&want)
			}
			if tc.have != nil {
				tc.have(o)
			}
			steps, fields := planPool(want, o)
			if diff := cmp.Diff(tc.fields, []string(fields)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.fixed, fixedPool(want, o)); diff != "" {
				t.Error(diff)
			}
			var got []string
			for _, s := range steps {
				got = append(got, sentToPool(t, s))
			}
			if diff := cmp.Diff(tc.sent, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHowManyNodesANewPoolHas(t *testing.T) {
	type parameters = v1alpha1.GKENodePoolParameters
	for name, tc := range map[string]struct {
		want  parameters
		count int64
	}{
		"nothing said": {parameters{}, 1},
		"none":         {parameters{NodeCount: new(int64(0))}, 0},
		"bounds":       {parameters{Autoscaling: &v1alpha1.NodePoolAutoscaling{MinNodeCount: new(int64(2)), MaxNodeCount: new(int64(4))}}, 2},
		"together":     {parameters{NodeLocations: []string{"a", "b"}, Autoscaling: &v1alpha1.NodePoolAutoscaling{TotalMinNodeCount: new(int64(3)), TotalMaxNodeCount: new(int64(9))}}, 2},
		"from nothing": {parameters{Autoscaling: &v1alpha1.NodePoolAutoscaling{TotalMaxNodeCount: new(int64(9))}}, 0},
	} {
		if got := describePool(tc.want, managed.Intent{Name: "p"}); got.InitialNodeCount != tc.count {
			t.Errorf("%s: %d, want %d", name, got.InitialNodeCount, tc.count)
		}
	}
}

func TestAPoolInTroubleTakesChanges(t *testing.T) {
	o, mr := observedNodes(), aPool()
	o.Status, o.Conditions = runningWithError, []*container.StatusCondition{{Code: "GCE_STOCKOUT", Message: "no more machines"}}
	a := nodePool{}.Assess(mr, o)
	if a.State != managed.Unavailable || a.Busy || a.Message != "RUNNING_WITH_ERROR; GCE_STOCKOUT: no more machines" || mr.Status.AtProvider.NodeCount != 2 {
		t.Errorf("got %+v", a)
	}
}

// A pool whose cluster's object is gone is still found, to be deleted.
func TestAPoolRemembersItsCluster(t *testing.T) {
	f := newFakeGKE()
	clusters{f}.Plant("shop", nil)
	pools{f}.Plant("general", nil)
	mr, e := aPool(), nodePool{api: f}
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "general"}
	mr.Spec.ForProvider.ClusterName, mr.Status.AtProvider.ClusterName = "", "shop"
	if o, err := e.Observe(t.Context(), mr, managed.Identity{}); err != nil || o == nil {
		t.Errorf("got %v, %v", o, err)
	}
	mr.Status.AtProvider.ClusterName = "gone"
	if o, err := e.Observe(t.Context(), mr, managed.Identity{}); err != nil || o != nil {
		t.Errorf("of a cluster that is gone: %v, %v", o, err)
	}
}
