// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"encoding/json"
	"testing"

	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v8"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
)

// observedCluster is a cluster as aCluster wants it, with a pool beside its own.
func observedCluster() *sdk.ManagedCluster {
	return &sdk.ManagedCluster{
		Name: new("shop"), Location: new("West Europe"), ETag: new("7"), Tags: map[string]*string{"team": new("blue")},
		SKU:      &sdk.ManagedClusterSKU{Tier: new(sdk.ManagedClusterSKUTierStandard)},
		Identity: &sdk.ManagedClusterIdentity{Type: new(sdk.ResourceIdentityTypeSystemAssigned)},
		Properties: &sdk.ManagedClusterProperties{
			KubernetesVersion: new("1.33"), CurrentKubernetesVersion: new("1.33.2"), DNSPrefix: new("shop"), NodeResourceGroup: new("MC_rg"),
			APIServerAccessProfile: &sdk.ManagedClusterAPIServerAccessProfile{AuthorizedIPRanges: []*string{new("192.0.2.0/24")}},
			AADProfile:             &sdk.ManagedClusterAADProfile{Managed: new(true), EnableAzureRBAC: new(true)},
			NetworkProfile:         &sdk.NetworkProfile{NetworkPlugin: new(sdk.NetworkPluginAzure)},
			DisableLocalAccounts:   new(true),
			AgentPoolProfiles: []*Profile{
				{Name: new("extra"), CurrentOrchestratorVersion: new("1.33.2"), Count: new(int32(5))},
				{
					Name: new("system"), VMSize: new("standard_d2s_v5"), Count: new(int32(1)), CurrentOrchestratorVersion: new("1.33.2"),
					NodeLabels: map[string]*string{"tier": new("base")}, NodeTaints: []*string{new("CriticalAddonsOnly=true:NoSchedule")},
				},
			},
		},
	}
}

// clusterCase is a difference between a spec and a cluster, and what follows.
type clusterCase struct {
	change        func(*parameters, *sdk.ManagedCluster)
	fields, fixed []string
}

func (tc clusterCase) run(t *testing.T) {
	t.Helper()
	want, have := aCluster().Spec.ForProvider, observedCluster()
	if tc.change != nil {
		tc.change(&want, have)
	}
	before, err := json.Marshal(have)
	if err != nil {
		t.Fatal(err)
	}
	p := planCluster(want, have)
	if diff := cmp.Diff(tc.fields, []string(p.fields)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(tc.fixed, fixedCluster(want, have)); diff != "" {
		t.Error(diff)
	}
	if (p.next == nil) != (len(tc.fields) == 0) {
		t.Errorf("asks for %v", p.next)
	}
	if after, err := json.Marshal(have); err != nil || string(after) != string(before) {
		t.Errorf("what was observed was changed to %s, %v", after, err)
	}
}

func TestPlanCluster(t *testing.T) {
	for name, tc := range map[string]clusterCase{
		"in order":                 {},
		"by its minor, no drift":   {change: func(_ *parameters, c *sdk.ManagedCluster) { c.Properties.CurrentKubernetesVersion = new("1.33.9") }},
		"another tier":             {change: func(p *parameters, _ *sdk.ManagedCluster) { p.SKUTier = "Free" }, fields: []string{"skuTier"}},
		"nothing said of the tier": {change: func(p *parameters, _ *sdk.ManagedCluster) { p.SKUTier = "" }},
		"a tier that Azure does not tell": {
			change: func(_ *parameters, c *sdk.ManagedCluster) { c.SKU = nil }, fields: []string{"skuTier"},
		},
		"other ranges": {
			change: func(p *parameters, _ *sdk.ManagedCluster) { p.AuthorizedIPRanges = []string{"0.0.0.0/0"} }, fields: []string{"authorizedIPRanges"},
		},
		"the world, without ranges": {change: func(p *parameters, c *sdk.ManagedCluster) {
			p.AuthorizedIPRanges, c.Properties.APIServerAccessProfile = []string{"0.0.0.0/0"}, nil
		}},
		"ranges, of one for the world": {
			change: func(_ *parameters, c *sdk.ManagedCluster) { c.Properties.APIServerAccessProfile = nil }, fields: []string{"authorizedIPRanges"},
		},
		"no policy, and none": {change: func(p *parameters, _ *sdk.ManagedCluster) {
			p.NetworkProfile = &v1alpha1.NetworkProfile{NetworkPolicy: "none"}
		}},
		"RBAC of its own": {
			change: func(p *parameters, _ *sdk.ManagedCluster) {
				p.AADProfile = &v1alpha1.AADProfile{EnableAzureRBAC: new(false), AdminGroupObjectIDs: []string{"g"}}
			}, fields: []string{"aadProfile.enableAzureRBAC", "aadProfile.adminGroupObjectIDs"},
		},
		"local accounts":     {change: func(p *parameters, _ *sdk.ManagedCluster) { p.DisableLocalAccounts = new(false) }, fields: []string{"disableLocalAccounts"}},
		"upgrades by itself": {change: func(p *parameters, _ *sdk.ManagedCluster) { p.AutoUpgradeChannel = "patch" }, fields: []string{"autoUpgradeChannel"}},
		"no upgrades, as is": {change: func(p *parameters, _ *sdk.ManagedCluster) { p.AutoUpgradeChannel = "none" }},
		"another tag":        {change: func(p *parameters, _ *sdk.ManagedCluster) { p.Tags = map[string]v1alpha1.TagValue{"team": "red"} }, fields: []string{"tags"}},
		"protected by us":    {change: func(p *parameters, _ *sdk.ManagedCluster) { p.DeletionProtection = new(true) }},
		"the same identity": {change: func(p *parameters, _ *sdk.ManagedCluster) {
			p.Identity = &v1alpha1.ClusterIdentity{Type: "SystemAssigned"}
		}},
		"an identity we made": {change: func(p *parameters, _ *sdk.ManagedCluster) {
			p.Identity = &v1alpha1.ClusterIdentity{Type: "UserAssigned", UserAssignedIdentityID: "/id"}
		}, fields: []string{"identity"}},
		"two changes and an upgrade": {
			change: func(p *parameters, _ *sdk.ManagedCluster) {
				p.SKUTier, p.KubernetesVersion, p.SystemPool.Count = "Free", "1.34", new(int32(3))
			}, fields: []string{"skuTier", "systemPool.count", "kubernetesVersion"},
		},
		"newer":       {change: func(p *parameters, _ *sdk.ManagedCluster) { p.KubernetesVersion = "1.35" }, fields: []string{"kubernetesVersion"}},
		"newer patch": {change: func(p *parameters, _ *sdk.ManagedCluster) { p.KubernetesVersion = "1.33.5" }, fields: []string{"kubernetesVersion"}},
	} {
		t.Run(name, tc.run)
	}
}

func TestWhatAClusterCantChange(t *testing.T) {
	for name, tc := range map[string]clusterCase{
		"older": {
			change: func(p *parameters, _ *sdk.ManagedCluster) { p.KubernetesVersion = "1.32" },
			fixed:  []string{"kubernetesVersion (1.33.2 → 1.32: AKS can't go back)"},
		},
		"upgraded by AKS itself": {change: func(p *parameters, _ *sdk.ManagedCluster) {
			p.KubernetesVersion, p.AutoUpgradeChannel = "1.32", "stable"
		}, fields: []string{"autoUpgradeChannel"}},
		"nodes behind": {
			change: func(_ *parameters, c *sdk.ManagedCluster) { c.Properties.CurrentKubernetesVersion = new("1.34.1") },
			fields: []string{"systemPool.version"}, fixed: []string{"kubernetesVersion (1.34.1 → 1.33: AKS can't go back)"},
		},
		"nodes behind, and nothing said of versions": {
			change: func(p *parameters, c *sdk.ManagedCluster) {
				p.KubernetesVersion, c.Properties.CurrentKubernetesVersion = "", new("1.34.1")
			},
		},
		"private": {change: func(p *parameters, _ *sdk.ManagedCluster) { p.EnablePrivateCluster = new(true) }, fixed: []string{"enablePrivateCluster (false → true)"}},
		"elsewhere": {
			change: func(p *parameters, _ *sdk.ManagedCluster) {
				p.Location, p.DNSPrefix, p.NodeResourceGroup = "eastus", "other", "mc_RG"
			}, fixed: []string{"location (westeurope → eastus)", "dnsPrefix (shop → other)"},
		},
		"another network": {
			change: func(p *parameters, _ *sdk.ManagedCluster) {
				p.NetworkProfile = &v1alpha1.NetworkProfile{NetworkPlugin: "kubenet", PodCIDR: "10.1.0.0/16"}
			},
			fixed: []string{"networkProfile.networkPlugin (azure → kubenet)", "networkProfile.podCIDR (none → 10.1.0.0/16)"},
		},
		"another system pool": {
			change: func(p *parameters, _ *sdk.ManagedCluster) { p.SystemPool.Name = "base" }, fixed: []string{"systemPool (the cluster has no pool base)"},
		},
		"other machines": {
			change: func(p *parameters, _ *sdk.ManagedCluster) { p.SystemPool.VMSize = "Standard_D4s_v5" },
			fixed:  []string{"systemPool.vmSize (standard_d2s_v5 → Standard_D4s_v5)"},
		},
	} {
		t.Run(name, tc.run)
	}
}

// A change is the cluster as it is, with something different.
func TestAChangeKeepsWhatItIsNotAbout(t *testing.T) {
	want, have := aCluster().Spec.ForProvider, observedCluster()
	want.SystemPool.Count, want.Tags, want.KubernetesVersion = new(int32(3)), map[string]v1alpha1.TagValue{"tier": "gold"}, "1.36"
	next := planCluster(want, have).next
	p := next.Properties
	got := map[string]any{
		"etag": next.ETag, "tags": textMap(next.Tags), "ranges": values(p.APIServerAccessProfile.AuthorizedIPRanges),
		"version": *p.KubernetesVersion, "other pool": *p.AgentPoolProfiles[0].Count, "system pool": *p.AgentPoolProfiles[1].Count,
		"labels": textMap(p.AgentPoolProfiles[1].NodeLabels),
	}
	if diff := cmp.Diff(map[string]any{
		"etag": (*string)(nil), "tags": map[string]string{"team": "blue", "tier": "gold"}, "ranges": []string{"192.0.2.0/24"},
		"version": "1.33", "other pool": int32(5), "system pool": int32(3), "labels": map[string]string{"tier": "base"},
	}, got); diff != "" {
		t.Error(diff)
	}
}

func TestVersionsAreTakenOneAfterTheOther(t *testing.T) {
	want, have := aCluster().Spec.ForProvider, observedCluster()
	want.KubernetesVersion = "1.35.1"
	for _, step := range []struct{ controlPlane, nodes, asksFor, ofNodes string }{
		{"1.33.2", "1.33.2", "1.34", ""},
		{"1.34.4", "1.33.2", "", "1.34.4"},
		{"1.34.4", "1.34.4", "1.35.1", ""},
		{"1.35.1", "1.34.4", "", "1.35.1"},
		{"1.35.1", "1.35.1", "", ""},
	} {
		have.Properties.CurrentKubernetesVersion, have.Properties.KubernetesVersion = &step.controlPlane, nil
		have.Properties.AgentPoolProfiles[1].CurrentOrchestratorVersion = &step.nodes
		got, nodes := "", ""
		if next := planCluster(want, have).next; next != nil {
			got, nodes = value(next.Properties.KubernetesVersion), value(next.Properties.AgentPoolProfiles[1].OrchestratorVersion)
		}
		if got != step.asksFor || nodes != step.ofNodes {
			t.Errorf("%s with nodes of %s: asks for %q and %q of the nodes, want %q and %q", step.controlPlane, step.nodes, got, nodes, step.asksFor, step.ofNodes)
		}
	}
}

func TestANewClusterIsClosedUnlessTheSpecOpensIt(t *testing.T) {
	want := parameters{Location: "westeurope", SystemPool: v1alpha1.SystemPool{Name: "system", NodePool: v1alpha1.NodePool{VMSize: "x"}}}
	p := newCluster(want, "shop_1").Properties
	if !*p.APIServerAccessProfile.EnablePrivateCluster || !*p.DisableLocalAccounts || !*p.AADProfile.Managed || !*p.AADProfile.EnableAzureRBAC || *p.DNSPrefix != "shop-1" {
		t.Errorf("got %+v, %+v", p, p.APIServerAccessProfile)
	}
	if system := p.AgentPoolProfiles[0]; *system.Mode != sdk.AgentPoolModeSystem || *system.Count != 1 {
		t.Errorf("got %+v", system)
	}
	want.EnablePrivateCluster, want.AuthorizedIPRanges, want.DisableLocalAccounts = new(false), []string{"0.0.0.0/0"}, new(false)
	p = newCluster(want, "shop").Properties
	if *p.APIServerAccessProfile.EnablePrivateCluster || *p.APIServerAccessProfile.AuthorizedIPRanges[0] != "0.0.0.0/0" || *p.DisableLocalAccounts {
		t.Errorf("got %+v", p.APIServerAccessProfile)
	}
}
