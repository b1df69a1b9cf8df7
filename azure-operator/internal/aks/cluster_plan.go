// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"cmp"
	"fmt"
	"slices"

	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v8"

	"github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// clusterPlan is how a cluster comes to its spec. Azure takes a cluster as a
// whole, so a change is the cluster as it is with something different. Upgrades
// are changes of their own and come last: nodes follow their control plane before
// that goes on.
type clusterPlan struct {
	next   *sdk.ManagedCluster // what to ask for now; nil: nothing
	fields diff.Fields
}

// world is everybody; to AKS no ranges are the same.
const world = "0.0.0.0/0"

type parameters = v1alpha1.AKSClusterParameters

// planCluster compares a cluster with its spec.
func planCluster(want parameters, have *sdk.ManagedCluster) clusterPlan {
	var p clusterPlan
	for _, step := range []func(*diff.Fields, parameters, *sdk.ManagedCluster){planConfig, planSystemVersion, planVersion} {
		next, before := *have, len(p.fields)
		next.ETag, next.SystemData = nil, nil
		next.Properties = new(value(have.Properties))
		if step(&p.fields, want, &next); len(p.fields) > before && p.next == nil {
			p.next = &next
		}
	}
	return p
}

// planConfig changes all that is no upgrade.
func planConfig(d *diff.Fields, want parameters, next *sdk.ManagedCluster) {
	part(d, &next.SKU, func(have *sdk.ManagedClusterSKU) {
		set(d, "skuTier", want.SKUTier, &have.Tier)
	})
	planIdentity(d, want.Identity, next)
	p := next.Properties
	part(d, &p.APIServerAccessProfile, func(have *sdk.ManagedClusterAPIServerAccessProfile) {
		if !slices.Equal(want.AuthorizedIPRanges, []string{world}) || len(have.AuthorizedIPRanges) > 0 {
			setList(d, "authorizedIPRanges", want.AuthorizedIPRanges, &have.AuthorizedIPRanges)
		}
	})
	if a := want.AADProfile; a != nil {
		part(d, &p.AADProfile, func(have *sdk.ManagedClusterAADProfile) {
			diff.Value(d, "aadProfile.enableAzureRBAC", a.EnableAzureRBAC, have.EnableAzureRBAC, &have.EnableAzureRBAC)
			setList(d, "aadProfile.adminGroupObjectIDs", a.AdminGroupObjectIDs, &have.AdminGroupObjectIDs)
			have.Managed = new(true)
		})
	}
	diff.Value(d, "disableLocalAccounts", want.DisableLocalAccounts, new(value(p.DisableLocalAccounts)), &p.DisableLocalAccounts)
	if want.AutoUpgradeChannel != cmp.Or(channelOf(p), notThere) {
		part(d, &p.AutoUpgradeProfile, func(have *sdk.ManagedClusterAutoUpgradeProfile) {
			set(d, "autoUpgradeChannel", want.AutoUpgradeChannel, &have.UpgradeChannel)
		})
	}
	changeSystem(d, want, p, func(pool *Profile) { planPool(d, "systemPool.", want.SystemPool.NodePool, pool) })
	if lacking := diff.Tags(d, want.Tags, textMap(next.Tags)); len(lacking) > 0 {
		next.Tags = pointerMap(diff.Both(textMap(next.Tags), lacking))
	}
}

func channelOf(p *sdk.ManagedClusterProperties) string {
	return value(said(value(p.AutoUpgradeProfile).UpgradeChannel))
}

func planIdentity(d *diff.Fields, want *v1alpha1.ClusterIdentity, next *sdk.ManagedCluster) {
	if want == nil {
		return
	}
	have := value(next.Identity)
	same := want.Type == value(said(have.Type))
	for id := range have.UserAssignedIdentities {
		same = same && sameID(id, want.UserAssignedIdentityID)
	}
	if !same {
		*d = append(*d, "identity")
		next.Identity = identityOf(want)
	}
}

func identityOf(want *v1alpha1.ClusterIdentity) *sdk.ManagedClusterIdentity {
	if want == nil {
		return &sdk.ManagedClusterIdentity{Type: new(sdk.ResourceIdentityTypeSystemAssigned)}
	}
	out := &sdk.ManagedClusterIdentity{Type: word[sdk.ResourceIdentityType](want.Type)}
	if want.UserAssignedIdentityID != "" {
		out.UserAssignedIdentities = map[string]*sdk.ManagedServiceIdentityUserAssignedIdentitiesValue{want.UserAssignedIdentityID: {}}
	}
	return out
}

// systemOf returns the system pool among a cluster's pools, and where it is; -1
// where there is none of that name.
func systemOf(want parameters, p *sdk.ManagedClusterProperties) (int, *Profile) {
	at := slices.IndexFunc(p.AgentPoolProfiles, func(one *Profile) bool { return value(one.Name) == want.SystemPool.Name })
	if at < 0 {
		return at, nil
	}
	return at, p.AgentPoolProfiles[at]
}

// changeSystem changes the system pool, if there is one of that name, and leaves
// the others as they are.
func changeSystem(d *diff.Fields, want parameters, p *sdk.ManagedClusterProperties, plan func(*Profile)) {
	at, pool := systemOf(want, p)
	if at < 0 {
		return
	}
	if part(d, &pool, plan); pool != p.AgentPoolProfiles[at] {
		p.AgentPoolProfiles = slices.Clone(p.AgentPoolProfiles)
		p.AgentPoolProfiles[at] = pool
	}
}

// version is that of the control plane, in full where Azure tells it.
func version(c *sdk.ManagedCluster) string {
	p := value(c.Properties)
	return cmp.Or(value(p.CurrentKubernetesVersion), value(p.KubernetesVersion))
}

// planSystemVersion lets the nodes of the system pool follow the control plane, as
// exactly as the spec says what version there shall be.
func planSystemVersion(d *diff.Fields, want parameters, next *sdk.ManagedCluster) {
	controlPlane := version(next)
	changeSystem(d, want, next.Properties, func(pool *Profile) {
		if want.KubernetesVersion != "" && newer(asExact(controlPlane, want.KubernetesVersion), runs(pool)) {
			set(d, "systemPool.version", controlPlane, &pool.OrchestratorVersion)
		}
	})
}

func planVersion(d *diff.Fields, want parameters, c *sdk.ManagedCluster) {
	if have := version(c); newer(want.KubernetesVersion, have) {
		set(d, "kubernetesVersion", next(want.KubernetesVersion, have), &c.Properties.KubernetesVersion)
	}
}

// fixedCluster lists what differs and can't be changed.
func fixedCluster(want parameters, c *sdk.ManagedCluster) []string {
	var d diff.Fields
	p := value(c.Properties)
	if location := short(value(c.Location)); location != want.Location {
		diff.FixedText(&d, "location", want.Location, &location)
	}
	diff.FixedText(&d, "dnsPrefix", want.DNSPrefix, p.DNSPrefix)
	fixedID(&d, "nodeResourceGroup", want.NodeResourceGroup, p.NodeResourceGroup)
	private := value(value(p.APIServerAccessProfile).EnablePrivateCluster)
	diff.Fixed(&d, "enablePrivateCluster", want.EnablePrivateCluster, &private)
	if a := want.AADProfile; a != nil {
		diff.FixedText(&d, "aadProfile.tenantID", a.TenantID, value(p.AADProfile).TenantID)
	}
	if n := want.NetworkProfile; n != nil {
		fixedNetwork(&d, n, value(p.NetworkProfile))
	}
	if have := version(c); newer(have, want.KubernetesVersion) && !upgrades(want, &p) {
		d = append(d, fmt.Sprintf("kubernetesVersion (%s → %s: AKS can't go back)", have, want.KubernetesVersion))
	}
	if _, pool := systemOf(want, &p); pool != nil {
		fixedPool(&d, "systemPool.", want.SystemPool.NodePool, pool)
	} else if len(p.AgentPoolProfiles) > 0 {
		d = append(d, fmt.Sprintf("systemPool (the cluster has no pool %s)", want.SystemPool.Name))
	}
	return d
}

// upgrades reports whether AKS upgrades the control plane by itself, so that a
// newer version than the spec says is in order.
func upgrades(want parameters, p *sdk.ManagedClusterProperties) bool {
	return slices.Contains([]string{"patch", "stable", "rapid"}, cmp.Or(want.AutoUpgradeChannel, channelOf(p)))
}

// notThere is AKS's word for what there is none of.
const notThere = "none"

func fixedNetwork(d *diff.Fields, want *v1alpha1.NetworkProfile, have sdk.NetworkProfile) {
	for _, f := range []struct {
		field, want string
		have        *string
	}{
		{"networkPlugin", want.NetworkPlugin, said(have.NetworkPlugin)},
		{"networkPluginMode", want.NetworkPluginMode, said(have.NetworkPluginMode)},
		{"networkPolicy", want.NetworkPolicy, said(have.NetworkPolicy)},
		{"networkDataplane", want.NetworkDataplane, said(have.NetworkDataplane)},
		{"podCIDR", want.PodCIDR, have.PodCidr},
		{"serviceCIDR", want.ServiceCIDR, have.ServiceCidr},
		{"dnsServiceIP", want.DNSServiceIP, have.DNSServiceIP},
		{"outboundType", want.OutboundType, said(have.OutboundType)},
	} {
		if f.want != notThere || f.have != nil {
			diff.FixedText(d, "networkProfile."+f.field, f.want, f.have)
		}
	}
}
