// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// GKENodePoolParameters are what a user may say of a node pool, in GKE's own
// terms. A field that is left out is GKE's to choose, unless it says otherwise
// here: it is neither sent nor compared. Fields that are said to be fixed are set
// when the pool is created; a later change is reported and never carried out.
//
// +kubebuilder:validation:XValidation:rule="has(self.clusterName) != has(self.clusterRef)",message="set either clusterName or clusterRef"
// +kubebuilder:validation:XValidation:rule="!has(self.nodeCount) || !has(self.autoscaling)",message="set nodeCount or autoscaling, not both"
type GKENodePoolParameters struct {
	// Location of the cluster, a region or a zone. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z]+-[a-z]+[0-9]+(-[a-z])?$`
	// +kubebuilder:validation:MaxLength=34
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a node pool can't move to another location"
	Location string `json:"location"`

	// ClusterName is GKE's name of the cluster. Fixed.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=40
	ClusterName string `json:"clusterName,omitempty"`

	// ClusterRef names a GKECluster object instead. The pool is created when that
	// is ready, and deleted before it.
	// +optional
	ClusterRef *v1alpha1.Reference `json:"clusterRef,omitempty"`

	// NodeLocations are the zones that the nodes are in. They can change: nodes are
	// added or removed. Absent: those of the cluster.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MaxLength=34
	// +kubebuilder:validation:items:Pattern=`^[a-z]+-[a-z]+[0-9]+-[a-z]$`
	NodeLocations []string `json:"nodeLocations,omitempty"`

	// NodeCount is how many nodes there are in each zone. It can change. Absent,
	// without autoscaling: 1 for a new pool.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	NodeCount *int64 `json:"nodeCount,omitempty"`

	// Autoscaling lets GKE decide how many nodes there are. It can change; where
	// nodeCount takes its place it is switched off. Absent, without nodeCount: what
	// the pool has is left alone.
	// +optional
	Autoscaling *NodePoolAutoscaling `json:"autoscaling,omitempty"`

	// Version of Kubernetes that the nodes have at least: "1.33" or "1.33.2-gke.100".
	// It can be raised up to that of the control plane. GKE raises it by itself where
	// autoUpgrade says so; that is no drift. Absent: the minor of the control plane;
	// the nodes follow when that is upgraded.
	// +optional
	// +kubebuilder:validation:Pattern=`^1\.[0-9]{1,3}(\.[0-9]{1,3}(-gke\.[0-9]{1,7})?)?$`
	// +kubebuilder:validation:MaxLength=24
	Version string `json:"version,omitempty"`

	// MachineType of the nodes, for example e2-standard-4. It can change, which
	// replaces all nodes. Absent: e2-medium for a new pool.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9-]+$`
	// +kubebuilder:validation:MaxLength=64
	MachineType string `json:"machineType,omitempty"`

	// DiskSizeGb of each node's boot disk. It can change, which replaces all nodes.
	// Absent: 100 for a new pool.
	// +optional
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=65536
	DiskSizeGb *int64 `json:"diskSizeGb,omitempty"`

	// DiskType of the boot disk, for example pd-balanced. It can change, which
	// replaces all nodes. Absent: GKE's default for the machine type.
	// +optional
	// +kubebuilder:validation:Enum=pd-standard;pd-balanced;pd-ssd;hyperdisk-balanced
	DiskType string `json:"diskType,omitempty"`

	// ImageType of the nodes. It can change, which replaces all nodes. Absent:
	// COS_CONTAINERD for a new pool.
	// +optional
	// +kubebuilder:validation:Enum=COS_CONTAINERD;UBUNTU_CONTAINERD;WINDOWS_LTSC_CONTAINERD
	ImageType string `json:"imageType,omitempty"`

	// Spot nodes are cheaper, and taken away at any time. Fixed. Absent: false.
	// +optional
	Spot *bool `json:"spot,omitempty"`

	// ServiceAccount of the nodes, by its address. Fixed. Absent: the project's
	// default.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9-]+@[a-z0-9.-]+$`
	// +kubebuilder:validation:MaxLength=254
	ServiceAccount string `json:"serviceAccount,omitempty"`

	// OAuthScopes of the nodes' access tokens, as URLs. Fixed. Absent: GKE's
	// default, which writes logs and metrics and reads images.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=128
	// +kubebuilder:validation:items:Pattern=`^https://www\.googleapis\.com/auth/[a-z.+_-]+$`
	OAuthScopes []string `json:"oauthScopes,omitempty"`

	// NetworkTags of the nodes, which firewall rules name. They can change; others
	// that the pool has are taken off. Absent: what it has is left alone.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	NetworkTags []string `json:"networkTags,omitzero"`

	// MaxPodsPerNode is how many Pods each node can have. Fixed. Absent: 110.
	// +optional
	// +kubebuilder:validation:Minimum=8
	// +kubebuilder:validation:Maximum=256
	MaxPodsPerNode *int64 `json:"maxPodsPerNode,omitempty"`

	// Labels of the nodes, in Kubernetes. They can change; others that the pool has
	// are taken off. Absent: what it has is left alone.
	// +optional
	// +kubebuilder:validation:MaxProperties=50
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 253 && size(self[k]) <= 63)",message="label keys have 1 to 253 characters, values up to 63"
	Labels map[string]NodeLabel `json:"labels,omitzero"`

	// Taints of the nodes. They can change; others that the pool has are taken off.
	// Absent: what it has is left alone.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +listMapKey=effect
	// +kubebuilder:validation:MaxItems=50
	Taints []Taint `json:"taints,omitzero"`

	// Management is what GKE does by itself. Absent: both for a new pool.
	// +optional
	Management *NodeManagement `json:"management,omitempty"`

	// UpgradeSettings say how nodes are replaced. Absent: one more at a time.
	// +optional
	UpgradeSettings *UpgradeSettings `json:"upgradeSettings,omitempty"`

	// ResourceLabels of the pool's machines, in Compute Engine. Those listed are
	// kept as they are here; others that it has, and those that are taken off this
	// list, are left alone. Absent: only the labels by which the operator knows its
	// own.
	// +optional
	// +kubebuilder:validation:MaxProperties=60
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z][a-z0-9_-]{0,62}$') && self[k].matches('^[a-z0-9_-]{0,63}$'))",message="labels have lower-case letters, digits, hyphens and underscores, at most 63; keys begin with a letter"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('crossplane-') && !k.startsWith('goog-'))",message="labels that begin with crossplane- or goog- are reserved"
	ResourceLabels map[string]ResourceLabel `json:"resourceLabels,omitempty"`
}

// NodePoolAutoscaling bounds how many nodes a pool has: in each zone, or together.
//
// +kubebuilder:validation:XValidation:rule="has(self.maxNodeCount) != has(self.totalMaxNodeCount)",message="set either maxNodeCount, for each zone, or totalMaxNodeCount, for all together"
// +kubebuilder:validation:XValidation:rule="!has(self.minNodeCount) || has(self.maxNodeCount)",message="minNodeCount goes with maxNodeCount"
// +kubebuilder:validation:XValidation:rule="!has(self.totalMinNodeCount) || has(self.totalMaxNodeCount)",message="totalMinNodeCount goes with totalMaxNodeCount"
// +kubebuilder:validation:XValidation:rule="!has(self.minNodeCount) || !has(self.maxNodeCount) || self.minNodeCount <= self.maxNodeCount",message="minNodeCount must not be greater than maxNodeCount"
// +kubebuilder:validation:XValidation:rule="!has(self.totalMinNodeCount) || !has(self.totalMaxNodeCount) || self.totalMinNodeCount <= self.totalMaxNodeCount",message="totalMinNodeCount must not be greater than totalMaxNodeCount"
type NodePoolAutoscaling struct {
	// MinNodeCount is how many nodes there are at least in each zone. Absent: 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	MinNodeCount *int64 `json:"minNodeCount,omitempty"`

	// MaxNodeCount is how many nodes there are at most in each zone.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	MaxNodeCount *int64 `json:"maxNodeCount,omitempty"`

	// TotalMinNodeCount is how many nodes there are at least in all zones together.
	// Absent: 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=15000
	TotalMinNodeCount *int64 `json:"totalMinNodeCount,omitempty"`

	// TotalMaxNodeCount is how many nodes there are at most in all zones together.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=15000
	TotalMaxNodeCount *int64 `json:"totalMaxNodeCount,omitempty"`

	// LocationPolicy: BALANCED spreads nodes over the zones, ANY takes the zone that
	// has room. Absent: GKE's default, BALANCED, or ANY for spot nodes.
	// +optional
	// +kubebuilder:validation:Enum=BALANCED;ANY
	LocationPolicy string `json:"locationPolicy,omitempty"`
}

// NodeManagement is what GKE does with nodes by itself.
type NodeManagement struct {
	// AutoUpgrade keeps the nodes' version up with the control plane's. In a release
	// channel it has to be true. It can change. Absent: true for a new pool.
	// +optional
	AutoUpgrade *bool `json:"autoUpgrade,omitempty"`

	// AutoRepair replaces nodes that are not healthy. In a release channel it has to
	// be true. It can change. Absent: true for a new pool.
	// +optional
	AutoRepair *bool `json:"autoRepair,omitempty"`
}

// UpgradeSettings say how nodes are replaced when they are upgraded.
//
// +kubebuilder:validation:XValidation:rule="self.maxSurge + self.maxUnavailable >= 1",message="an upgrade needs a node more or a node less"
type UpgradeSettings struct {
	// MaxSurge is how many nodes more there may be at a time. It can change.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=20
	MaxSurge int64 `json:"maxSurge"`

	// MaxUnavailable is how many nodes less there may be at a time. It can change.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=20
	MaxUnavailable int64 `json:"maxUnavailable"`
}

// NodeLabel is the value of a node's label, at most 63 characters.
// +kubebuilder:validation:MaxLength=63
type NodeLabel string

// Taint keeps pods away from nodes.
type Taint struct {
	// Key of the taint.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`

	// Value of the taint. Absent: none.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Value string `json:"value,omitempty"`

	// Effect: NO_SCHEDULE, NO_EXECUTE or PREFER_NO_SCHEDULE.
	// +kubebuilder:validation:Enum=NO_SCHEDULE;NO_EXECUTE;PREFER_NO_SCHEDULE
	Effect string `json:"effect"`
}

// GKENodePoolObservation is what GKE says of a node pool.
type GKENodePoolObservation struct {
	// State is GKE's own word: RUNNING, RECONCILING and so on.
	// +optional
	State string `json:"state,omitempty"`
	// ClusterName is GKE's name of the cluster.
	// +optional
	ClusterName string `json:"clusterName,omitempty"`
	// Version of Kubernetes that the nodes run.
	// +optional
	Version string `json:"version,omitempty"`
	// MachineType of the nodes.
	// +optional
	MachineType string `json:"machineType,omitempty"`
	// NodeLocations are the zones that the nodes are in.
	// +optional
	// +listType=atomic
	NodeLocations []string `json:"nodeLocations,omitempty"`
	// NodeCount is how many nodes each zone was given last. Autoscaling does not
	// tell how many there are.
	// +optional
	NodeCount int64 `json:"nodeCount,omitempty"`
	// SelfLink of the pool.
	// +optional
	SelfLink string `json:"selfLink,omitempty"`
	// Conditions that GKE has found.
	// +optional
	// +listType=atomic
	Conditions []Condition `json:"conditions,omitempty"`
}

// GKENodePoolSpec is what a node pool shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another project"
type GKENodePoolSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the pool in GKE's own terms.
	ForProvider GKENodePoolParameters `json:"forProvider"`
}

// GKENodePoolStatus is what is known of a node pool.
type GKENodePoolStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what GKE says of the pool.
	// +optional
	AtProvider GKENodePoolObservation `json:"atProvider,omitempty"`
}

// GKENodePool is a group of machines of one kind that are nodes of a GKECluster.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,gcp},shortName=gkenp
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=gcp-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.atProvider.state`
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.status.atProvider.clusterName`
// +kubebuilder:printcolumn:name="Machine",type=string,JSONPath=`.status.atProvider.machineType`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.atProvider.version`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GKENodePool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec GKENodePoolSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status GKENodePoolStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (p *GKENodePool) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &p.Spec.ManagedSpec, &p.Status.ManagedStatus
}

// GKENodePoolList is a list of GKENodePools.
//
// +kubebuilder:object:root=true
type GKENodePoolList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []GKENodePool `json:"items"`
}
