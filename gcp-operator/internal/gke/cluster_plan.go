// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/api/container/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
)

// clusterStep is one change of a cluster: one of its fields is set.
type clusterStep struct {
	update      *container.ClusterUpdate
	labels      *container.SetLabelsRequest
	maintenance *container.MaintenancePolicy
	removePool  string
	after       []string // pools that have to be newer before
}

// clusterPlan collects what differs, and what to do about it.
type clusterPlan struct {
	steps  []clusterStep
	fields diff.Fields
}

func (p *clusterPlan) add(field string, s clusterStep) {
	p.fields, p.steps = append(p.fields, field), append(p.steps, s)
}

func (p *clusterPlan) update(field string, u *container.ClusterUpdate) {
	p.add(field, clusterStep{update: u})
}

// planCluster returns how a cluster comes to its spec, and the names of the fields
// that differ. GKE makes one change with each request (its API reference,
// ClusterUpdate), so there is a step for each, in the order in which they are to be
// made. The version comes last: it takes longest.
func planCluster(want v1alpha1.GKEClusterParameters, c *container.Cluster) ([]clusterStep, diff.Fields) {
	var p clusterPlan
	if pool := initialPool(c); pool != nil {
		p.add("initialNode", clusterStep{removePool: pool.Name})
	}
	p.endpoints(want, c)
	p.nodes(want, c)
	p.services(want, c)
	if w := want.MaintenanceWindow; w != nil && !sameWindow(*w, c.MaintenancePolicy) {
		p.add("maintenanceWindow", clusterStep{maintenance: maintenance(*w, c.MaintenancePolicy)})
	}
	if missing := diff.Tags(new(diff.Fields), want.ResourceLabels, c.ResourceLabels); len(missing) > 0 {
		p.add("resourceLabels", clusterStep{labels: relabelled(c, missing)})
	}
	p.versions(want, c)
	return p.steps, p.fields
}

// relabelled adds labels to those that a cluster has: the request replaces all, and
// is refused if somebody else changed them meanwhile.
func relabelled(c *container.Cluster, more map[string]string) *container.SetLabelsRequest {
	return &container.SetLabelsRequest{ResourceLabels: diff.Both(c.ResourceLabels, more), LabelFingerprint: c.LabelFingerprint}
}

// endpoints compares how the API server is reached. All of it is one change.
func (p *clusterPlan) endpoints(want v1alpha1.GKEClusterParameters, c *container.Cluster) {
	have := ipOf(c)
	next := &container.IPEndpointsConfig{
		Enabled: true, EnablePublicEndpoint: have.EnablePublicEndpoint, GlobalAccess: have.GlobalAccess, AuthorizedNetworksConfig: have.AuthorizedNetworksConfig,
		ForceSendFields: []string{"EnablePublicEndpoint", "GlobalAccess"},
	}
	var d diff.Fields
	flag(&d, "endpointPublicAccess", want.EndpointPublicAccess, &next.EnablePublicEndpoint)
	flag(&d, "endpointGlobalAccess", want.EndpointGlobalAccess, &next.GlobalAccess)
	if len(want.AuthorizedNetworks) > 0 && !sameNetworks(want.AuthorizedNetworks, have.AuthorizedNetworksConfig) {
		d, next.AuthorizedNetworksConfig = append(d, "authorizedNetworks"), authorized(want.AuthorizedNetworks)
	}
	if len(d) > 0 {
		p.fields = append(p.fields, d...)
		p.steps = append(p.steps, clusterStep{update: &container.ClusterUpdate{
			DesiredControlPlaneEndpointsConfig: &container.ControlPlaneEndpointsConfig{IpEndpointsConfig: next},
		}})
	}
}

// flag sets what is to be, if it is said and differs from what there is.
func flag(d *diff.Fields, field string, want, set *bool) {
	if want != nil && *want != *set {
		*d, *set = append(*d, field), *want
	}
}

func sameNetworks(want []v1alpha1.AuthorizedNetwork, have *container.MasterAuthorizedNetworksConfig) bool {
	if have == nil || !have.Enabled || have.GcpPublicCidrsAccessEnabled {
		return false
	}
	return diff.Same(
		each(want, func(n v1alpha1.AuthorizedNetwork) string { return n.CIDR + " " + n.Name }),
		each(have.CidrBlocks, func(b *container.CidrBlock) string { return b.CidrBlock + " " + b.DisplayName }))
}

func each[T any](list []T, f func(T) string) []string {
	var out []string
	for _, one := range list {
		out = append(out, f(one))
	}
	return out
}

// nodes compares what nodes get from their cluster.
func (p *clusterPlan) nodes(want v1alpha1.GKEClusterParameters, c *container.Cluster) {
	if private := c.NetworkConfig != nil && c.NetworkConfig.DefaultEnablePrivateNodes; want.PrivateNodes != nil && *want.PrivateNodes != private {
		p.update("privateNodes", &container.ClusterUpdate{
			DesiredDefaultEnablePrivateNodes: *want.PrivateNodes, ForceSendFields: []string{"DesiredDefaultEnablePrivateNodes"},
		})
	}
	if len(want.NodeLocations) > 0 && !diff.Same(want.NodeLocations, c.Locations) {
		p.update("nodeLocations", &container.ClusterUpdate{DesiredLocations: want.NodeLocations})
	}
}

// services compares what Google's other services do for a cluster.
func (p *clusterPlan) services(want v1alpha1.GKEClusterParameters, c *container.Cluster) {
	if want.ReleaseChannel != "" && want.ReleaseChannel != channelOf(c) {
		p.update("releaseChannel", &container.ClusterUpdate{DesiredReleaseChannel: &container.ReleaseChannel{Channel: want.ReleaseChannel}})
	}
	if pool := want.WorkloadPool; pool != "" && (c.WorkloadIdentityConfig == nil || c.WorkloadIdentityConfig.WorkloadPool != pool) {
		p.update("workloadPool", &container.ClusterUpdate{DesiredWorkloadIdentityConfig: &container.WorkloadIdentityConfig{WorkloadPool: pool}})
	}
	if key := want.DatabaseEncryptionKey; key != "" && (c.DatabaseEncryption == nil || c.DatabaseEncryption.KeyName != key) {
		p.update("databaseEncryptionKey", &container.ClusterUpdate{DesiredDatabaseEncryption: encryption(key)})
	}
	var logs, metrics []string
	if l := c.LoggingConfig; l != nil && l.ComponentConfig != nil {
		logs = l.ComponentConfig.EnableComponents
	}
	if want.LoggingComponents != nil && !diff.Same(want.LoggingComponents, logs) {
		p.update("loggingComponents", &container.ClusterUpdate{DesiredLoggingConfig: logging(want.LoggingComponents)})
	}
	if m := c.MonitoringConfig; m != nil && m.ComponentConfig != nil {
		metrics = m.ComponentConfig.EnableComponents
	}
	if want.MonitoringComponents != nil && !diff.Same(want.MonitoringComponents, metrics) {
		p.update("monitoringComponents", &container.ClusterUpdate{DesiredMonitoringConfig: monitoring(want.MonitoringComponents)})
	}
}

// channelOf returns the release channel; a cluster without one may not say so.
func channelOf(c *container.Cluster) string {
	if c.ReleaseChannel == nil || c.ReleaseChannel.Channel == "" {
		return "UNSPECIFIED"
	}
	return c.ReleaseChannel.Channel
}

func sameWindow(want v1alpha1.MaintenanceWindow, have *container.MaintenancePolicy) bool {
	if have == nil || have.Window == nil || have.Window.RecurringWindow == nil || have.Window.RecurringWindow.Window == nil {
		return false
	}
	w := have.Window.RecurringWindow
	return w.Recurrence == want.Recurrence && sameTime(w.Window.StartTime, want.StartTime) && sameTime(w.Window.EndTime, want.EndTime)
}

func sameTime(a, b string) bool {
	one, err := time.Parse(time.RFC3339, a)
	other, otherErr := time.Parse(time.RFC3339, b)
	return err == nil && otherErr == nil && one.Equal(other)
}

// mostBehind is how many minors nodes may be behind their control plane
// (https://cloud.google.com/kubernetes-engine/versioning, "version skew").
const mostBehind = 2

// versions raises the control plane by one minor at a time, and never so far that
// nodes would be left behind.
func (p *clusterPlan) versions(want v1alpha1.GKEClusterParameters, c *container.Cluster) {
	have := c.CurrentMasterVersion
	if !newer(want.Version, have) {
		return
	}
	next := towards(want.Version, have)
	s := clusterStep{update: &container.ClusterUpdate{DesiredMasterVersion: next}}
	for _, pool := range c.NodePools {
		if minor(pool.Version) >= 0 && minor(next)-minor(pool.Version) > mostBehind {
			s.after = append(s.after, pool.Name)
		}
	}
	p.add("version", s)
}

// fixedCluster lists what differs and can't be changed.
func fixedCluster(want v1alpha1.GKEClusterParameters, c *container.Cluster) []string {
	var d diff.Fields
	autopilot := c.Autopilot != nil && c.Autopilot.Enabled
	diff.Fixed(&d, "autopilot", want.Autopilot, &autopilot)
	fixedLink(&d, "network", want.Network, c.Network)
	fixedLink(&d, "subnetwork", want.Subnetwork, c.Subnetwork)
	if want.IPAllocation != nil && c.IpAllocationPolicy != nil {
		w, h := want.IPAllocation, c.IpAllocationPolicy
		diff.FixedText(&d, "ipAllocation.clusterSecondaryRangeName", w.ClusterSecondaryRangeName, &h.ClusterSecondaryRangeName)
		diff.FixedText(&d, "ipAllocation.servicesSecondaryRangeName", w.ServicesSecondaryRangeName, &h.ServicesSecondaryRangeName)
		fixedRange(&d, "ipAllocation.clusterIPv4CIDR", w.ClusterIPv4CIDR, h.ClusterIpv4CidrBlock)
		fixedRange(&d, "ipAllocation.servicesIPv4CIDR", w.ServicesIPv4CIDR, h.ServicesIpv4CidrBlock)
	}
	return d
}

// fixedLink compares by the last part: GKE answers with the name alone.
func fixedLink(d *diff.Fields, field, want, have string) {
	if want != "" && want[strings.LastIndexByte(want, '/')+1:] != have[strings.LastIndexByte(have, '/')+1:] {
		*d = append(*d, fmt.Sprintf("%s (%s → %s)", field, have, want))
	}
}

// fixedRange compares ranges, of which the spec may have the size alone.
func fixedRange(d *diff.Fields, field, want, have string) {
	if strings.HasPrefix(want, "/") && strings.HasSuffix(have, want) {
		return
	}
	diff.FixedText(d, field, want, &have)
}
