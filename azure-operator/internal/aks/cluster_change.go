// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"context"
	"strings"

	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v8"

	"github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Create implements managed.External. A request to create a cluster changes the
// one that is there already: the condition that there is none keeps that from
// somebody else's.
func (e cluster) Create(ctx context.Context, mr *v1alpha1.AKSCluster, in managed.Intent) (*ClusterObservation, error) {
	want := mr.Spec.ForProvider
	request := newCluster(want, in.Name)
	request.Tags = pointerMap(diff.Both(want.Tags, in.Tags))
	_, err := e.clusters.BeginCreateOrUpdate(account.OnlyNew(ctx), want.ResourceGroupName, in.Name, request, nil)
	return nil, err
}

// newCluster is a cluster as it is asked for. What says who gets in is closed
// unless the spec opens it: AKS's own defaults are a public endpoint for the
// world, and certificates that never tell who used them.
func newCluster(want parameters, name string) sdk.ManagedCluster {
	system := newPool(want.SystemPool.NodePool)
	system.Name, system.Mode = &want.SystemPool.Name, new(sdk.AgentPoolModeSystem)
	c := sdk.ManagedCluster{
		Location: &want.Location, Identity: identityOf(want.Identity),
		Properties: &sdk.ManagedClusterProperties{
			KubernetesVersion: word[string](want.KubernetesVersion), DNSPrefix: new(dnsPrefix(want.DNSPrefix, name)), EnableRBAC: new(true),
			NodeResourceGroup: word[string](want.NodeResourceGroup), AgentPoolProfiles: []*Profile{&system},
			DisableLocalAccounts: new(want.DisableLocalAccounts == nil || *want.DisableLocalAccounts),
			AADProfile:           newAAD(want.AADProfile), NetworkProfile: newNetwork(want.NetworkProfile),
			APIServerAccessProfile: &sdk.ManagedClusterAPIServerAccessProfile{
				EnablePrivateCluster: new(want.EnablePrivateCluster == nil || *want.EnablePrivateCluster),
			},
		},
	}
	if len(want.AuthorizedIPRanges) > 0 {
		c.Properties.APIServerAccessProfile.AuthorizedIPRanges = pointers(want.AuthorizedIPRanges)
	}
	if want.SKUTier != "" {
		c.SKU = &sdk.ManagedClusterSKU{Name: new(sdk.ManagedClusterSKUNameBase), Tier: word[sdk.ManagedClusterSKUTier](want.SKUTier)}
	}
	if want.AutoUpgradeChannel != "" {
		c.Properties.AutoUpgradeProfile = &sdk.ManagedClusterAutoUpgradeProfile{UpgradeChannel: word[sdk.UpgradeChannel](want.AutoUpgradeChannel)}
	}
	return c
}

func newAAD(want *v1alpha1.AADProfile) *sdk.ManagedClusterAADProfile {
	if want == nil {
		want = &v1alpha1.AADProfile{}
	}
	p := &sdk.ManagedClusterAADProfile{
		Managed: new(true), EnableAzureRBAC: new(want.EnableAzureRBAC == nil || *want.EnableAzureRBAC), TenantID: word[string](want.TenantID),
	}
	if len(want.AdminGroupObjectIDs) > 0 {
		p.AdminGroupObjectIDs = pointers(want.AdminGroupObjectIDs)
	}
	return p
}

func newNetwork(want *v1alpha1.NetworkProfile) *sdk.NetworkProfile {
	if want == nil {
		return nil
	}
	return &sdk.NetworkProfile{
		NetworkPlugin: word[sdk.NetworkPlugin](want.NetworkPlugin), NetworkPluginMode: word[sdk.NetworkPluginMode](want.NetworkPluginMode),
		NetworkPolicy: word[sdk.NetworkPolicy](want.NetworkPolicy), NetworkDataplane: word[sdk.NetworkDataplane](want.NetworkDataplane),
		PodCidr: word[string](want.PodCIDR), ServiceCidr: word[string](want.ServiceCIDR), DNSServiceIP: word[string](want.DNSServiceIP),
		OutboundType: word[sdk.OutboundType](want.OutboundType),
	}
}

// Update implements managed.External. It asks for the first of the changes that
// are to be made, if the cluster still is what was looked at.
func (e cluster) Update(ctx context.Context, mr *v1alpha1.AKSCluster, obs *ClusterObservation) error {
	p := planCluster(mr.Spec.ForProvider, &obs.ManagedCluster)
	if p.next == nil {
		return nil
	}
	_, err := e.clusters.BeginCreateOrUpdate(ctx, obs.group(), value(obs.Name), *p.next, &sdk.ManagedClustersClientBeginCreateOrUpdateOptions{IfMatch: obs.ETag})
	return err
}

// protected says why the cluster is not deleted as the spec stands. AKS itself
// protects none.
func protected(want parameters) string {
	if value(want.DeletionProtection) {
		return "deletionProtection is on: set spec.forProvider.deletionProtection to false to have the cluster deleted"
	}
	return ""
}

// Delete implements managed.External. With a cluster Azure deletes all its pools.
// So those beside the system pool, whoever made them, have to be gone before.
func (e cluster) Delete(ctx context.Context, mr *v1alpha1.AKSCluster, obs *ClusterObservation) error {
	var others []string
	for _, name := range poolNamesOf(&obs.ManagedCluster) {
		if name != mr.Spec.ForProvider.SystemPool.Name {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		return fault.New(fault.Dependency, contract.ReasonDependency, "waiting for the cluster's agent pools to be deleted: %s", strings.Join(others, ", "))
	}
	_, err := e.clusters.BeginDelete(ctx, obs.group(), value(obs.Name), nil)
	return err
}

// Adopt implements managed.Adopter. Azure replaces all tags.
func (e cluster) Adopt(ctx context.Context, _ *v1alpha1.AKSCluster, obs *ClusterObservation, tags map[string]string) error {
	all := sdk.TagsObject{Tags: pointerMap(diff.Both(textMap(obs.Tags), tags))}
	_, err := e.clusters.BeginUpdateTags(ctx, obs.group(), value(obs.Name), all, nil)
	return err
}
