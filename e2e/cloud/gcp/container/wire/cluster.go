// SPDX-License-Identifier: Apache-2.0

// Package wire is how the Kubernetes Engine API writes what it is about: the fields
// that the local one models, by the names that the API's reference has for them.
package wire

// Cluster is a cluster.
type Cluster struct {
	Name                        string                       `json:"name,omitempty"`
	ID                          string                       `json:"id,omitempty"`
	Location                    string                       `json:"location,omitempty"`
	Locations                   []string                     `json:"locations,omitempty"`
	Status                      string                       `json:"status,omitempty"`
	Conditions                  []StatusCondition            `json:"conditions,omitempty"`
	InitialClusterVersion       string                       `json:"initialClusterVersion,omitempty"`
	CurrentMasterVersion        string                       `json:"currentMasterVersion,omitempty"`
	Endpoint                    string                       `json:"endpoint,omitempty"`
	MasterAuth                  *MasterAuth                  `json:"masterAuth,omitempty"`
	Network                     string                       `json:"network,omitempty"`
	Subnetwork                  string                       `json:"subnetwork,omitempty"`
	IPAllocationPolicy          *IPAllocationPolicy          `json:"ipAllocationPolicy,omitempty"`
	NetworkConfig               *NetworkConfig               `json:"networkConfig,omitempty"`
	ControlPlaneEndpointsConfig *ControlPlaneEndpointsConfig `json:"controlPlaneEndpointsConfig,omitempty"`
	Autopilot                   *Autopilot                   `json:"autopilot,omitempty"`
	ReleaseChannel              *ReleaseChannel              `json:"releaseChannel,omitempty"`
	WorkloadIdentityConfig      *WorkloadIdentityConfig      `json:"workloadIdentityConfig,omitempty"`
	DatabaseEncryption          *DatabaseEncryption          `json:"databaseEncryption,omitempty"`
	LoggingConfig               *Components                  `json:"loggingConfig,omitempty"`
	MonitoringConfig            *Components                  `json:"monitoringConfig,omitempty"`
	MaintenancePolicy           *MaintenancePolicy           `json:"maintenancePolicy,omitempty"`
	ResourceLabels              map[string]string            `json:"resourceLabels,omitempty"`
	LabelFingerprint            string                       `json:"labelFingerprint,omitempty"`
	NodePools                   []*NodePool                  `json:"nodePools,omitempty"`
	SelfLink                    string                       `json:"selfLink,omitempty"`
	CreateTime                  string                       `json:"createTime,omitempty"`
}

// StatusCondition is something that is the matter.
type StatusCondition struct {
	Code          string `json:"code,omitempty"`
	CanonicalCode string `json:"canonicalCode,omitempty"`
	Message       string `json:"message,omitempty"`
}

// MasterAuth has what clients verify the API server with.
type MasterAuth struct {
	ClusterCaCertificate string `json:"clusterCaCertificate,omitempty"`
}

// IPAllocationPolicy says where Pods and Services get addresses.
type IPAllocationPolicy struct {
	UseIPAliases               bool   `json:"useIpAliases,omitempty"`
	ClusterSecondaryRangeName  string `json:"clusterSecondaryRangeName,omitempty"`
	ServicesSecondaryRangeName string `json:"servicesSecondaryRangeName,omitempty"`
	ClusterIpv4CidrBlock       string `json:"clusterIpv4CidrBlock,omitempty"`
	ServicesIpv4CidrBlock      string `json:"servicesIpv4CidrBlock,omitempty"`
}

// NetworkConfig is how nodes are in their network.
type NetworkConfig struct {
	DefaultEnablePrivateNodes bool `json:"defaultEnablePrivateNodes,omitempty"`
}

// ControlPlaneEndpointsConfig says how the API server is reached.
type ControlPlaneEndpointsConfig struct {
	IPEndpointsConfig *IPEndpointsConfig `json:"ipEndpointsConfig,omitempty"`
}

// IPEndpointsConfig says how it is at addresses.
type IPEndpointsConfig struct {
	Enabled                  bool                `json:"enabled,omitempty"`
	EnablePublicEndpoint     *bool               `json:"enablePublicEndpoint,omitempty"`
	GlobalAccess             bool                `json:"globalAccess,omitempty"`
	AuthorizedNetworksConfig *AuthorizedNetworks `json:"authorizedNetworksConfig,omitempty"`
	PublicEndpoint           string              `json:"publicEndpoint,omitempty"`
	PrivateEndpoint          string              `json:"privateEndpoint,omitempty"`
}

// AuthorizedNetworks are who may reach it.
type AuthorizedNetworks struct {
	Enabled                     bool        `json:"enabled,omitempty"`
	CidrBlocks                  []CidrBlock `json:"cidrBlocks,omitempty"`
	GcpPublicCidrsAccessEnabled *bool       `json:"gcpPublicCidrsAccessEnabled,omitempty"`
}

// CidrBlock is a range of addresses.
type CidrBlock struct {
	CidrBlock   string `json:"cidrBlock,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
}

// Autopilot says whether GKE sees to the nodes.
type Autopilot struct {
	Enabled bool `json:"enabled,omitempty"`
}

// ReleaseChannel says how soon a cluster is upgraded.
type ReleaseChannel struct {
	Channel string `json:"channel,omitempty"`
}

// WorkloadIdentityConfig names the pool of a cluster's service accounts.
type WorkloadIdentityConfig struct {
	WorkloadPool string `json:"workloadPool,omitempty"`
}

// DatabaseEncryption is how Secrets are encrypted.
type DatabaseEncryption struct {
	State   string `json:"state,omitempty"`
	KeyName string `json:"keyName,omitempty"`
}

// Components are what is logged or monitored.
type Components struct {
	ComponentConfig struct {
		EnableComponents []string `json:"enableComponents,omitempty"`
	} `json:"componentConfig,omitzero"`
}

// MaintenancePolicy is when a cluster may be upgraded.
type MaintenancePolicy struct {
	Window          MaintenanceWindow `json:"window,omitzero"`
	ResourceVersion string            `json:"resourceVersion,omitempty"`
}

// MaintenanceWindow is a time that comes again.
type MaintenanceWindow struct {
	RecurringWindow *RecurringWindow `json:"recurringWindow,omitempty"`
}

// RecurringWindow is one that comes again by a rule.
type RecurringWindow struct {
	Recurrence string     `json:"recurrence,omitempty"`
	Window     TimeWindow `json:"window,omitzero"`
}

// TimeWindow is a time.
type TimeWindow struct {
	StartTime string `json:"startTime,omitempty"`
	EndTime   string `json:"endTime,omitempty"`
}

// ListClustersResponse is a list of clusters.
type ListClustersResponse struct {
	Clusters []*Cluster `json:"clusters,omitempty"`
}
