// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"cmp"
	"context"

	"google.golang.org/api/container/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// GKE makes no standard cluster without a node pool. The pools of the spec are
// objects of their own, each with its own pool in GKE: none of them can come with
// the cluster, or there would be two makers of it. So the cluster comes with a pool
// of the smallest size under a name that no object's pool has, which is known by
// the cluster's own ownership labels and removed as the first change. The cluster
// is ready after that: until then GKE, which does one thing at a time, would refuse
// every pool. It costs one change, once, and nothing at rest.
const initialPoolName = "crossplane-initial"

// initialPool returns the pool that a new cluster came with, nil if it is gone. A
// pool of this name that is not ours is somebody's.
func initialPool(c *container.Cluster) *container.NodePool {
	for _, p := range c.NodePools {
		if p.Name == initialPoolName && p.Config != nil && c.ResourceLabels[contract.TagOwner] != "" &&
			p.Config.ResourceLabels[contract.TagOwner] == c.ResourceLabels[contract.TagOwner] {
			return p
		}
	}
	return nil
}

// Create implements managed.External.
func (e cluster) Create(ctx context.Context, mr *v1alpha1.GKECluster, in managed.Intent) (*container.Cluster, error) {
	want := mr.Spec.ForProvider
	c := describe(want, in)
	if err := e.api.CreateCluster(ctx, want.Location, c); err != nil {
		return nil, err
	}
	c.Status = provisioning // all that is known of it so far
	return c, nil
}

// describe is the cluster to make. Its API server has a public address only where
// the spec says so, and lets nobody in there but whom it names: GKE's defaults are
// laxer.
func describe(want v1alpha1.GKEClusterParameters, in managed.Intent) *container.Cluster {
	c := &container.Cluster{
		Name: in.Name, ResourceLabels: diff.Both(want.ResourceLabels, account.Labels(in.Tags)), InitialClusterVersion: want.Version,
		Network: want.Network, Subnetwork: want.Subnetwork, Locations: want.NodeLocations, IpAllocationPolicy: ranges(want.IPAllocation),
		ControlPlaneEndpointsConfig: &container.ControlPlaneEndpointsConfig{IpEndpointsConfig: newEndpoints(want)},
	}
	if value(want.Autopilot) {
		c.Autopilot = &container.Autopilot{Enabled: true}
	} else {
		c.NodePools = []*container.NodePool{newInitialPool(want.InitialNode, in)}
	}
	if want.ReleaseChannel != "" {
		c.ReleaseChannel = &container.ReleaseChannel{Channel: want.ReleaseChannel}
	}
	if want.PrivateNodes != nil {
		c.NetworkConfig = &container.NetworkConfig{DefaultEnablePrivateNodes: *want.PrivateNodes, ForceSendFields: []string{"DefaultEnablePrivateNodes"}}
	}
	if want.WorkloadPool != "" {
		c.WorkloadIdentityConfig = &container.WorkloadIdentityConfig{WorkloadPool: want.WorkloadPool}
	}
	if want.DatabaseEncryptionKey != "" {
		c.DatabaseEncryption = encryption(want.DatabaseEncryptionKey)
	}
	if want.LoggingComponents != nil {
		c.LoggingConfig = logging(want.LoggingComponents)
	}
	if want.MonitoringComponents != nil {
		c.MonitoringConfig = monitoring(want.MonitoringComponents)
	}
	if want.MaintenanceWindow != nil {
		c.MaintenancePolicy = maintenance(*want.MaintenanceWindow, nil)
	}
	return c
}

func ranges(want *v1alpha1.IPAllocation) *container.IPAllocationPolicy {
	policy := &container.IPAllocationPolicy{UseIpAliases: true}
	if want != nil {
		policy.ClusterSecondaryRangeName, policy.ServicesSecondaryRangeName = want.ClusterSecondaryRangeName, want.ServicesSecondaryRangeName
		policy.ClusterIpv4CidrBlock, policy.ServicesIpv4CidrBlock = want.ClusterIPv4CIDR, want.ServicesIPv4CIDR
	}
	return policy
}

func newEndpoints(want v1alpha1.GKEClusterParameters) *container.IPEndpointsConfig {
	ip := &container.IPEndpointsConfig{
		Enabled: true, EnablePublicEndpoint: value(want.EndpointPublicAccess), GlobalAccess: value(want.EndpointGlobalAccess),
		ForceSendFields: []string{"EnablePublicEndpoint"},
	}
	if len(want.AuthorizedNetworks) > 0 {
		ip.AuthorizedNetworksConfig = authorized(want.AuthorizedNetworks)
	}
	return ip
}

// authorized lets nobody in by default but whom it names: not those who have an
// address of Google Cloud's, either.
func authorized(networks []v1alpha1.AuthorizedNetwork) *container.MasterAuthorizedNetworksConfig {
	out := &container.MasterAuthorizedNetworksConfig{Enabled: true, ForceSendFields: []string{"GcpPublicCidrsAccessEnabled", "CidrBlocks"}}
	for _, n := range networks {
		out.CidrBlocks = append(out.CidrBlocks, &container.CidrBlock{CidrBlock: n.CIDR, DisplayName: n.Name})
	}
	return out
}

// newInitialPool is as cheap as a pool can be. What kinds of disk a machine type
// takes is known of the default one only.
func newInitialPool(want *v1alpha1.InitialNode, in managed.Intent) *container.NodePool {
	if want == nil {
		want = &v1alpha1.InitialNode{}
	}
	config := &container.NodeConfig{
		MachineType: cmp.Or(want.MachineType, "e2-medium"), ServiceAccount: want.ServiceAccount, ResourceLabels: account.Labels(in.Tags),
	}
	if want.MachineType == "" {
		config.DiskType, config.DiskSizeGb = "pd-standard", 20
	}
	return &container.NodePool{Name: initialPoolName, InitialNodeCount: 1, Config: config}
}

func encryption(key string) *container.DatabaseEncryption {
	return &container.DatabaseEncryption{State: "ENCRYPTED", KeyName: key}
}

func logging(components []string) *container.LoggingConfig {
	return &container.LoggingConfig{ComponentConfig: &container.LoggingComponentConfig{EnableComponents: components, ForceSendFields: []string{"EnableComponents"}}}
}

func monitoring(components []string) *container.MonitoringConfig {
	return &container.MonitoringConfig{ComponentConfig: &container.MonitoringComponentConfig{EnableComponents: components, ForceSendFields: []string{"EnableComponents"}}}
}

// maintenance puts a window into the policy that there is, if any, and leaves
// exclusions and what else there is alone.
func maintenance(want v1alpha1.MaintenanceWindow, have *container.MaintenancePolicy) *container.MaintenancePolicy {
	next := &container.MaintenancePolicy{Window: &container.MaintenanceWindow{}}
	if have != nil {
		next.ResourceVersion, next.DisruptionBudget = have.ResourceVersion, have.DisruptionBudget
		if have.Window != nil {
			next.Window.MaintenanceExclusions = have.Window.MaintenanceExclusions
		}
	}
	next.Window.RecurringWindow = &container.RecurringTimeWindow{
		Recurrence: want.Recurrence, Window: &container.TimeWindow{StartTime: want.StartTime, EndTime: want.EndTime},
	}
	return next
}

func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}
