// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// GKEClusterParameters are what a user may say of a GKE cluster, in GKE's own
// terms. The project is the Provider's. A field that is left out is GKE's to
// choose, unless it says otherwise here: it is neither sent nor compared. Fields
// that are said to be fixed are set when the cluster is created; a later change is
// reported and never carried out.
//
// +kubebuilder:validation:XValidation:rule="!has(self.network) || !has(self.networkRef)",message="set network or networkRef, not both"
// +kubebuilder:validation:XValidation:rule="!has(self.endpointPublicAccess) || !self.endpointPublicAccess || has(self.authorizedNetworks)",message="a public endpoint needs authorizedNetworks: who reaches it; the whole world is 0.0.0.0/0"
// +kubebuilder:validation:XValidation:rule="!has(self.autopilot) || !self.autopilot || (!has(self.initialNode) && !has(self.nodeLocations))",message="an Autopilot cluster has nodes of GKE's own choice: neither initialNode nor nodeLocations goes with it"
type GKEClusterParameters struct {
	// Location of the cluster: a region, for example europe-west1, with a control
	// plane in several zones; or a zone, for example europe-west1-b. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z]+-[a-z]+[0-9]+(-[a-z])?$`
	// +kubebuilder:validation:MaxLength=34
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a cluster can't move to another location"
	Location string `json:"location"`

	// Autopilot lets GKE see to the nodes: the cluster has no GKENodePools, and is
	// regional. Fixed. Absent: false.
	// +optional
	Autopilot *bool `json:"autopilot,omitempty"`

	// Version of Kubernetes that the control plane has at least, as exact as it
	// matters: "1.33" lets GKE choose among the patches of 1.33, "1.33.2-gke.100" is
	// one of them. It can be raised, by as many minors as wanted: the operator takes
	// one after the other, and waits between them for nodes that are more than one
	// minor behind. GKE raises it by itself, too; that is no drift. Absent: the
	// release channel's default.
	// +optional
	// +kubebuilder:validation:Pattern=`^1\.[0-9]{1,3}(\.[0-9]{1,3}(-gke\.[0-9]{1,7})?)?$`
	// +kubebuilder:validation:MaxLength=24
	Version string `json:"version,omitempty"`

	// ReleaseChannel says how soon GKE upgrades the cluster by itself; UNSPECIFIED
	// is none. It can change. Absent: REGULAR for a new cluster.
	// +optional
	// +kubebuilder:validation:Enum=RAPID;REGULAR;STABLE;EXTENDED;UNSPECIFIED
	ReleaseChannel string `json:"releaseChannel,omitempty"`

	// Network is the VPC network of the cluster: its name, or projects/PROJECT/
	// global/networks/NAME for one of another project. Fixed. Absent, like
	// networkRef: the network default.
	// +optional
	// +kubebuilder:validation:Pattern=`^(projects/[a-z0-9:.-]+/global/networks/)?[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=192
	Network string `json:"network,omitempty"`

	// NetworkRef names a Network object instead. The cluster is created when that
	// is ready.
	// +optional
	NetworkRef *v1alpha1.Reference `json:"networkRef,omitempty"`

	// Subnetwork that nodes get their addresses from: its name, or projects/PROJECT/
	// regions/REGION/subnetworks/NAME for one of another project. Fixed. Absent: the
	// network's subnetwork default, or that of the region where the network has one
	// in each.
	// +optional
	// +kubebuilder:validation:Pattern=`^(projects/[a-z0-9:.-]+/regions/[a-z0-9-]+/subnetworks/)?[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=192
	Subnetwork string `json:"subnetwork,omitempty"`

	// IPAllocation says from which ranges Pods and Services get their addresses.
	// Fixed. Absent: GKE makes ranges.
	// +optional
	IPAllocation *IPAllocation `json:"ipAllocation,omitempty"`

	// NodeLocations are the zones in which nodes are unless their pool says
	// otherwise. They can change. Absent: GKE chooses, three in a region.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MaxLength=34
	// +kubebuilder:validation:items:Pattern=`^[a-z]+-[a-z]+[0-9]+-[a-z]$`
	NodeLocations []string `json:"nodeLocations,omitempty"`

	// PrivateNodes gives new nodes no public address unless their pool says
	// otherwise: they reach the Internet through Cloud NAT, or not at all. It can
	// change. Absent: false for a new standard cluster.
	// +optional
	PrivateNodes *bool `json:"privateNodes,omitempty"`

	// EndpointPublicAccess gives the API server a public address, which those in
	// authorizedNetworks reach. It can change. Absent: false for a new cluster, also
	// where GKE would say otherwise.
	// +optional
	EndpointPublicAccess *bool `json:"endpointPublicAccess,omitempty"`

	// EndpointGlobalAccess lets clients in all regions of the network reach the
	// private address of the API server, not only those in its own. It can change.
	// Absent: false for a new cluster.
	// +optional
	EndpointGlobalAccess *bool `json:"endpointGlobalAccess,omitempty"`

	// AuthorizedNetworks are the ranges from which the API server is reached. The
	// world reaches it only where 0.0.0.0/0 is written here; not even Google's other
	// customers do, whom GKE would let in. Nodes always reach it. They can change.
	// Absent: there is no public address, and the private one is open to the network.
	// +optional
	// +listType=map
	// +listMapKey=cidr
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	AuthorizedNetworks []AuthorizedNetwork `json:"authorizedNetworks,omitempty"`

	// WorkloadPool lets service accounts of the cluster act as Google Cloud
	// identities: PROJECT.svc.id.goog. It can change. Absent: a new standard cluster
	// has none.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9:.-]+\.svc\.id\.goog$`
	// +kubebuilder:validation:MaxLength=100
	WorkloadPool string `json:"workloadPool,omitempty"`

	// DatabaseEncryptionKey is a key of Cloud KMS that encrypts Secrets, projects/
	// PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY. It can change. Absent:
	// Google's own key for a new cluster.
	// +optional
	// +kubebuilder:validation:Pattern=`^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$`
	// +kubebuilder:validation:MaxLength=512
	DatabaseEncryptionKey string `json:"databaseEncryptionKey,omitempty"`

	// LoggingComponents are what writes to Cloud Logging. They can change; an empty
	// list switches it off. Absent: GKE's default, system components and workloads.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=9
	// +kubebuilder:validation:items:Enum=SYSTEM_COMPONENTS;WORKLOADS;APISERVER;SCHEDULER;CONTROLLER_MANAGER;KCP_SSHD;KCP_CONNECTION;KCP_HPA;KCP_VPA
	LoggingComponents []string `json:"loggingComponents,omitzero"`

	// MonitoringComponents are what Cloud Monitoring gets metrics of. They can
	// change; an empty list switches it off. Absent: GKE's default.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=14
	// +kubebuilder:validation:items:Enum=SYSTEM_COMPONENTS;APISERVER;SCHEDULER;CONTROLLER_MANAGER;STORAGE;HPA;POD;DAEMONSET;DEPLOYMENT;STATEFULSET;CADVISOR;KUBELET;DCGM;JOBSET
	MonitoringComponents []string `json:"monitoringComponents,omitzero"`

	// MaintenanceWindow is when GKE may upgrade the cluster by itself. It can
	// change. Absent: whenever GKE likes.
	// +optional
	MaintenanceWindow *MaintenanceWindow `json:"maintenanceWindow,omitempty"`

	// DeletionProtection keeps the cluster though its object is deleted: the
	// deletion waits until this says false. The operator keeps it; GKE knows nothing
	// of it. It can change. Absent: false.
	// +optional
	DeletionProtection *bool `json:"deletionProtection,omitempty"`

	// TokenServiceAccount is the service account, by its address, whose tokens the
	// connection secret holds: what clients of the cluster may do is what its roles
	// say, for example roles/container.developer, and what is bound to it in the
	// cluster. The Provider's identity needs roles/iam.serviceAccountTokenCreator on
	// it. It can change. Absent: the Provider's own identity, which administers the
	// cluster.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9-]+@[a-z0-9.-]+$`
	// +kubebuilder:validation:MaxLength=254
	TokenServiceAccount string `json:"tokenServiceAccount,omitempty"`

	// InitialNode is the one node per zone that GKE wants of a new standard cluster,
	// and that the operator removes at once. Read when the cluster is created.
	// Absent: an e2-medium with the project's default service account.
	// +optional
	InitialNode *InitialNode `json:"initialNode,omitempty"`

	// ResourceLabels of the cluster. Those listed are kept as they are here; others
	// that it has, and those that are taken off this list, are left alone. Absent:
	// only the labels by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=60
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z][a-z0-9_-]{0,62}$') && self[k].matches('^[a-z0-9_-]{0,63}$'))",message="labels have lower-case letters, digits, hyphens and underscores, at most 63; keys begin with a letter"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('crossplane-') && !k.startsWith('goog-'))",message="labels that begin with crossplane- or goog- are reserved"
	ResourceLabels map[string]ResourceLabel `json:"resourceLabels,omitempty"`
}

// IPAllocation says from which ranges Pods and Services get their addresses: from
// secondary ranges of the subnetwork that are there, or from new ones.
//
// +kubebuilder:validation:XValidation:rule="!has(self.clusterSecondaryRangeName) || !has(self.clusterIPv4CIDR)",message="set clusterSecondaryRangeName or clusterIPv4CIDR, not both"
// +kubebuilder:validation:XValidation:rule="!has(self.servicesSecondaryRangeName) || !has(self.servicesIPv4CIDR)",message="set servicesSecondaryRangeName or servicesIPv4CIDR, not both"
type IPAllocation struct {
	// ClusterSecondaryRangeName is a secondary range of the subnetwork, for Pods.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	ClusterSecondaryRangeName string `json:"clusterSecondaryRangeName,omitempty"`

	// ServicesSecondaryRangeName is one for Services.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	ServicesSecondaryRangeName string `json:"servicesSecondaryRangeName,omitempty"`

	// ClusterIPv4CIDR is a range for Pods, for example 10.4.0.0/14, or its size
	// alone, /14.
	// +optional
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:Pattern=`^([0-9.]{7,15})?/[0-9]{1,2}$`
	ClusterIPv4CIDR string `json:"clusterIPv4CIDR,omitempty"`

	// ServicesIPv4CIDR is one for Services.
	// +optional
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:Pattern=`^([0-9.]{7,15})?/[0-9]{1,2}$`
	ServicesIPv4CIDR string `json:"servicesIPv4CIDR,omitempty"`
}

// AuthorizedNetwork is a range of addresses that reach the API server.
type AuthorizedNetwork struct {
	// CIDR of the range, for example 192.0.2.0/24.
	// +kubebuilder:validation:MaxLength=43
	// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="an address and a prefix length, for example 192.0.2.0/24"
	CIDR string `json:"cidr"`

	// Name of the range, for people. Absent: none.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`
}

// MaintenanceWindow is a time that comes again and again.
type MaintenanceWindow struct {
	// StartTime of the first one, in RFC 3339: 2026-01-03T02:00:00Z.
	// +kubebuilder:validation:Format=date-time
	// +kubebuilder:validation:MaxLength=32
	StartTime string `json:"startTime"`

	// EndTime of the first one.
	// +kubebuilder:validation:Format=date-time
	// +kubebuilder:validation:MaxLength=32
	EndTime string `json:"endTime"`

	// Recurrence is when it comes again, as RFC 5545 has it:
	// FREQ=WEEKLY;BYDAY=SA,SU.
	// +kubebuilder:validation:Pattern=`^FREQ=[A-Z0-9=;,+-]+$`
	// +kubebuilder:validation:MaxLength=256
	Recurrence string `json:"recurrence"`
}

// InitialNode is what the node of a new cluster is.
type InitialNode struct {
	// MachineType, for example n4-standard-2. Absent: e2-medium.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9-]+$`
	// +kubebuilder:validation:MaxLength=64
	MachineType string `json:"machineType,omitempty"`

	// ServiceAccount of the node, by its address. Absent: the project's default.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9-]+@[a-z0-9.-]+$`
	// +kubebuilder:validation:MaxLength=254
	ServiceAccount string `json:"serviceAccount,omitempty"`
}

// ResourceLabel is the value of a label of Google Cloud.
// +kubebuilder:validation:MaxLength=63
type ResourceLabel string

// Condition is something that GKE says of a cluster or a pool.
type Condition struct {
	// Code is GKE's own word for it.
	Code string `json:"code"`
	// Message says more.
	// +optional
	Message string `json:"message,omitempty"`
}

// GKEClusterObservation is what GKE says of a cluster.
type GKEClusterObservation struct {
	// State is GKE's own word: RUNNING, RECONCILING and so on.
	// +optional
	State string `json:"state,omitempty"`
	// Version of the control plane.
	// +optional
	Version string `json:"version,omitempty"`
	// Endpoint of the API server.
	// +optional
	Endpoint string `json:"endpoint,omitempty"`
	// ReleaseChannel that the cluster is in.
	// +optional
	ReleaseChannel string `json:"releaseChannel,omitempty"`
	// Network of the cluster.
	// +optional
	Network string `json:"network,omitempty"`
	// Subnetwork of the cluster.
	// +optional
	Subnetwork string `json:"subnetwork,omitempty"`
	// SelfLink of the cluster.
	// +optional
	SelfLink string `json:"selfLink,omitempty"`
	// Conditions that GKE has found.
	// +optional
	// +listType=atomic
	Conditions []Condition `json:"conditions,omitempty"`
}

// GKEClusterSpec is what a GKE cluster shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another project"
type GKEClusterSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the cluster in GKE's own terms.
	ForProvider GKEClusterParameters `json:"forProvider"`
}

// GKEClusterStatus is what is known of a GKE cluster.
type GKEClusterStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what GKE says of the cluster.
	// +optional
	AtProvider GKEClusterObservation `json:"atProvider,omitempty"`
}

// GKECluster is a Kubernetes cluster of Google Kubernetes Engine; its nodes are
// GKENodePools, or in an Autopilot cluster GKE's business. It satisfies claims of
// kind KubernetesCluster.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,gcp},shortName=gke
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/offers=KubernetesCluster"
// +kubebuilder:metadata:labels="crossplane.io/operator=gcp-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.atProvider.state`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.atProvider.version`
// +kubebuilder:printcolumn:name="Location",type=string,JSONPath=`.spec.forProvider.location`
// +kubebuilder:printcolumn:name="Claim",type=string,JSONPath=`.spec.claimRef.name`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Endpoint",type=string,JSONPath=`.status.atProvider.endpoint`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GKECluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec GKEClusterSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status GKEClusterStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (c *GKECluster) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &c.Spec.ManagedSpec, &c.Status.ManagedStatus
}

// GKEClusterList is a list of GKEClusters.
//
// +kubebuilder:object:root=true
type GKEClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []GKECluster `json:"items"`
}
