// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"testing"

	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v8"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/armtest"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// observedPool is a pool of priority Spot, with what AKS itself puts on that.
func observedPool() *PoolObservation {
	return &PoolObservation{
		ID: inSub + pools + "general", ClusterName: "shop", ClusterVersion: "1.33.2", ClusterLocation: "westeurope",
		Profile: Profile{
			Name: new("general"), VMSize: new("Standard_D2s_v5"), Count: new(int32(2)), Mode: new(sdk.AgentPoolModeUser), ETag: new("3"),
			OrchestratorVersion: new("1.33"), CurrentOrchestratorVersion: new("1.33.2"), ProvisioningState: new("Succeeded"),
			ScaleSetPriority: new(sdk.ScaleSetPrioritySpot), SpotMaxPrice: new(float32(-1)), OSDiskSizeGB: new(int32(128)),
			NodeLabels: map[string]*string{"pool": new("general"), "kubernetes.azure.com/scalesetpriority": new("spot")},
			NodeTaints: []*string{new("kubernetes.azure.com/scalesetpriority=spot:NoSchedule"), new("only=:NoExecute")},
			Tags:       map[string]*string{"team": new("blue")},
		},
	}
}

type params = v1alpha1.AKSAgentPoolParameters

// poolCase is a difference between a spec and a pool, and what follows.
type poolCase struct {
	change        func(*params, *PoolObservation)
	fields, fixed []string
	check         func(*Profile) bool
}

func (tc poolCase) run(t *testing.T) {
	t.Helper()
	want, obs := aPool().Spec.ForProvider, observedPool()
	if tc.change != nil {
		tc.change(&want, obs)
	}
	next, fields := planAgentPool(want, obs)
	if diff := cmp.Diff(tc.fields, []string(fields)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(tc.fixed, fixedAgentPool(want, obs)); diff != "" {
		t.Error(diff)
	}
	switch {
	case (next == nil) != (len(tc.fields) == 0):
		t.Errorf("asks for %v", next)
	case next != nil && (!tc.check(next) || next.ETag != nil || *next.VMSize != "Standard_D2s_v5"):
		t.Errorf("asks for %+v", next)
	}
}

func TestPlanAgentPool(t *testing.T) {
	for name, tc := range map[string]poolCase{
		"in order":                {},
		"more":                    {change: func(p *params, _ *PoolObservation) { p.Count = new(int32(3)) }, fields: []string{"count"}, check: func(p *Profile) bool { return *p.Count == 3 }},
		"as many as anybody says": {change: func(p *params, o *PoolObservation) { p.Count, o.Count = nil, new(int32(9)) }},
		"autoscaling, with too few": {
			change: func(p *params, _ *PoolObservation) {
				p.Count, p.Autoscaling = nil, &v1alpha1.Autoscaling{Min: 4, Max: 6}
			},
			fields: []string{"autoscaling", "autoscaling.min", "autoscaling.max"},
			check: func(p *Profile) bool {
				return *p.EnableAutoScaling && *p.MinCount == 4 && *p.MaxCount == 6 && *p.Count == 4
			},
		},
		"autoscaled, and moved": {
			change: func(p *params, o *PoolObservation) {
				p.Count, p.Autoscaling = nil, &v1alpha1.Autoscaling{Min: 1, Max: 6}
				o.EnableAutoScaling, o.MinCount, o.MaxCount, o.Count = new(true), new(int32(1)), new(int32(6)), new(int32(5))
			},
		},
		"no autoscaling any more": {
			change: func(_ *params, o *PoolObservation) {
				o.EnableAutoScaling, o.MinCount, o.MaxCount = new(true), new(int32(1)), new(int32(6))
			},
			fields: []string{"autoscaling"}, check: func(p *Profile) bool { return !*p.EnableAutoScaling && p.MinCount == nil && p.MaxCount == nil },
		},
		"the same labels and taints": {change: func(p *params, _ *PoolObservation) {
			p.Labels, p.Taints = map[string]v1alpha1.LabelValue{"pool": "general"}, []v1alpha1.Taint{{Key: "only", Effect: "NoExecute"}}
		}},
		"other labels": {
			change: func(p *params, _ *PoolObservation) {
				p.Labels = map[string]v1alpha1.LabelValue{"tier": "back"}
			},
			fields: []string{"labels"}, check: func(p *Profile) bool {
				return cmp.Equal(textMap(p.NodeLabels), map[string]string{"tier": "back", "kubernetes.azure.com/scalesetpriority": "spot"})
			},
		},
		"no labels": {
			change: func(p *params, _ *PoolObservation) { p.Labels = map[string]v1alpha1.LabelValue{} },
			fields: []string{"labels"}, check: func(p *Profile) bool { return len(p.NodeLabels) == 1 },
		},
		"another taint": {
			change: func(p *params, _ *PoolObservation) {
				p.Taints = []v1alpha1.Taint{{Key: "only", Value: "web", Effect: "NoSchedule"}}
			},
			fields: []string{"taints"}, check: func(p *Profile) bool {
				return cmp.Equal(values(p.NodeTaints), []string{"kubernetes.azure.com/scalesetpriority=spot:NoSchedule", "only=web:NoSchedule"})
			},
		},
		"faster upgrades": {
			change: func(p *params, _ *PoolObservation) {
				p.UpgradeSettings = &v1alpha1.UpgradeSettings{MaxSurge: "50%"}
			},
			fields: []string{"upgradeSettings.maxSurge"}, check: func(p *Profile) bool { return *p.UpgradeSettings.MaxSurge == "50%" },
		},
		"for the cluster's own pods": {change: func(p *params, _ *PoolObservation) { p.Mode = "System" }, fields: []string{"mode"}, check: func(p *Profile) bool { return *p.Mode == "System" }},
		"another tag": {
			change: func(p *params, _ *PoolObservation) { p.Tags = map[string]v1alpha1.TagValue{"tier": "gold"} }, fields: []string{"tags"},
			check: func(p *Profile) bool {
				return cmp.Equal(textMap(p.Tags), map[string]string{"team": "blue", "tier": "gold"})
			},
		},
	} {
		t.Run(name, tc.run)
	}
}

func TestVersionsOfAgentPools(t *testing.T) {
	for name, tc := range map[string]poolCase{
		"behind the control plane": {
			change: func(_ *params, o *PoolObservation) { o.ClusterVersion = "1.34.1" }, fields: []string{"orchestratorVersion"},
			check: func(p *Profile) bool { return *p.OrchestratorVersion == "1.34.1" },
		},
		"changed before it is upgraded": {
			change: func(p *params, o *PoolObservation) { o.ClusterVersion, p.Count = "1.34.1", new(int32(3)) }, fields: []string{"count", "orchestratorVersion"},
			check: func(p *Profile) bool { return *p.OrchestratorVersion == "1.33" && *p.Count == 3 },
		},
		"held back by the spec":        {change: func(p *params, o *PoolObservation) { o.ClusterVersion, p.OrchestratorVersion = "1.34.1", "1.33" }},
		"the control plane goes first": {change: func(p *params, _ *PoolObservation) { p.OrchestratorVersion = "1.34" }},
		"of a cluster that is not known": {
			change: func(_ *params, o *PoolObservation) { o.ClusterVersion = "" },
		},
		"older than it is": {change: func(p *params, _ *PoolObservation) { p.OrchestratorVersion = "1.32" }, fixed: []string{"orchestratorVersion (1.33.2 → 1.32)"}},
		"other machines": {
			change: func(p *params, _ *PoolObservation) {
				p.VMSize, p.OSDiskSizeGB, p.OSSKU, p.Zones = "Standard_D4s_v5", new(int32(64)), "AzureLinux", []string{"1", "2"}
			},
			fixed: []string{"vmSize (Standard_D2s_v5 → Standard_D4s_v5)", "osDiskSizeGB (128 → 64)", "osSKU (none → AzureLinux)", "zones (none → 1, 2)"},
		},
		"regular": {change: func(p *params, _ *PoolObservation) { p.ScaleSetPriority = "Regular" }, fixed: []string{"scaleSetPriority (Spot → Regular)"}},
		"cheaper": {
			change: func(p *params, _ *PoolObservation) { p.ScaleSetPriority, p.SpotMaxPrice = "Spot", "0.05" }, fixed: []string{"spotMaxPrice (-1 → 0.05)"},
		},
	} {
		t.Run(name, tc.run)
	}
}

// A pool by itself and as a part of its cluster are the same, whatever it has.
func TestProfilesAreWhole(t *testing.T) {
	pool, err := poolOf(observedPool().Profile)
	if err != nil {
		t.Fatal(err)
	}
	pool.Name = new("general")
	back, err := profileOf(&pool)
	if diff := cmp.Diff(observedPool().Profile, back); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// A pool whose cluster's object is gone is still found, to be deleted.
func TestAPoolRemembersItsCluster(t *testing.T) {
	c := armtest.New()
	c.Put(clusters+"shop", planted("shop"))
	poolView{armtest.View{Cloud: c, Prefix: pools}}.Plant("general", nil)
	mr := aPool()
	mr.Annotations = map[string]string{contract.AnnotationExternalName: "general"}
	mr.Spec.ForProvider.ClusterName, mr.Spec.ForProvider.ResourceGroupName = "", ""
	mr.Status.AtProvider = v1alpha1.AKSAgentPoolObservation{ID: inSub + pools + "general", ClusterName: "shop"}
	e, err := AgentPool(only{c}).Connect(t.Context(), mr)
	if err != nil {
		t.Fatal(err)
	}
	if obs, err := e.Observe(t.Context(), mr, managed.Identity{}); err != nil || obs == nil || obs.ClusterVersion != "1.33.2" {
		t.Errorf("got %+v, %v", obs, err)
	}
	mr.Status.AtProvider.ClusterName = "gone"
	if obs, err := e.Observe(t.Context(), mr, managed.Identity{}); err != nil || obs != nil {
		t.Errorf("of a cluster that is gone: %v, %v", obs, err)
	}
}

// What is under way anywhere in the cluster keeps a pool from being changed.
func TestAPoolWaitsForItsCluster(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*PoolObservation)
		busy   bool
	}{
		"at rest":          {func(*PoolObservation) {}, false},
		"scaled":           {func(o *PoolObservation) { o.ProvisioningState = new("Scaling") }, true},
		"cluster upgraded": {func(o *PoolObservation) { o.ClusterBusy = true }, true},
		"failed":           {func(o *PoolObservation) { o.ProvisioningState = new("Failed") }, false},
	} {
		obs := observedPool()
		tc.change(obs)
		if got := (agentPool{}).Assess(aPool(), obs).Busy; got != tc.busy {
			t.Errorf("%s: busy %v", name, got)
		}
	}
}
