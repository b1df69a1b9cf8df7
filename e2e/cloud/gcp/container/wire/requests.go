// SPDX-License-Identifier: Apache-2.0

package wire

// CreateClusterRequest asks for a cluster.
type CreateClusterRequest struct {
	Cluster *Cluster `json:"cluster"`
}

// UpdateClusterRequest asks for a change of one.
type UpdateClusterRequest struct {
	Update *ClusterUpdate `json:"update"`
}

// ClusterUpdate is a change of a cluster, of which one field is given.
type ClusterUpdate struct {
	DesiredMasterVersion               *string                      `json:"desiredMasterVersion,omitempty"`
	DesiredControlPlaneEndpointsConfig *ControlPlaneEndpointsConfig `json:"desiredControlPlaneEndpointsConfig,omitempty"`
	DesiredDefaultEnablePrivateNodes   *bool                        `json:"desiredDefaultEnablePrivateNodes,omitempty"`
	DesiredLocations                   []string                     `json:"desiredLocations,omitempty"`
	DesiredReleaseChannel              *ReleaseChannel              `json:"desiredReleaseChannel,omitempty"`
	DesiredWorkloadIdentityConfig      *WorkloadIdentityConfig      `json:"desiredWorkloadIdentityConfig,omitempty"`
	DesiredDatabaseEncryption          *DatabaseEncryption          `json:"desiredDatabaseEncryption,omitempty"`
	DesiredLoggingConfig               *Components                  `json:"desiredLoggingConfig,omitempty"`
	DesiredMonitoringConfig            *Components                  `json:"desiredMonitoringConfig,omitempty"`
}

// SetLabelsRequest replaces a cluster's labels.
type SetLabelsRequest struct {
	ResourceLabels   map[string]string `json:"resourceLabels"`
	LabelFingerprint string            `json:"labelFingerprint"`
}

// SetMaintenancePolicyRequest replaces a cluster's maintenance policy.
type SetMaintenancePolicyRequest struct {
	MaintenancePolicy *MaintenancePolicy `json:"maintenancePolicy"`
}

// CreateNodePoolRequest asks for a node pool.
type CreateNodePoolRequest struct {
	NodePool *NodePool `json:"nodePool"`
}

// UpdateNodePoolRequest asks for a change of one.
type UpdateNodePoolRequest struct {
	NodeVersion     *string           `json:"nodeVersion,omitempty"`
	ImageType       *string           `json:"imageType,omitempty"`
	MachineType     *string           `json:"machineType,omitempty"`
	DiskType        *string           `json:"diskType,omitempty"`
	DiskSizeGb      int64             `json:"diskSizeGb,omitempty,string"`
	Locations       []string          `json:"locations,omitempty"`
	UpgradeSettings *UpgradeSettings  `json:"upgradeSettings,omitempty"`
	Labels          *Labels           `json:"labels,omitempty"`
	ResourceLabels  *Labels           `json:"resourceLabels,omitempty"`
	Taints          *TaintsOfRequest  `json:"taints,omitempty"`
	Tags            *NetworkTagsOfOne `json:"tags,omitempty"`
}

// Labels are labels.
type Labels struct {
	Labels map[string]string `json:"labels"`
}

// TaintsOfRequest are taints.
type TaintsOfRequest struct {
	Taints []Taint `json:"taints"`
}

// NetworkTagsOfOne are the network tags of a pool.
type NetworkTagsOfOne struct {
	Tags []string `json:"tags"`
}

// SetNodePoolSizeRequest says how many nodes a pool has in each zone.
type SetNodePoolSizeRequest struct {
	NodeCount int64 `json:"nodeCount"`
}

// SetNodePoolAutoscalingRequest says who decides that.
type SetNodePoolAutoscalingRequest struct {
	Autoscaling *NodePoolAutoscaling `json:"autoscaling"`
}

// SetNodePoolManagementRequest says what GKE does with a pool by itself.
type SetNodePoolManagementRequest struct {
	Management *NodeManagement `json:"management"`
}
