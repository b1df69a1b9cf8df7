// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// EKSNodeGroupParameters are what a user may say of a managed node group. A field
// that is left out is AWS's to choose: it is neither sent nor compared, unless it
// says otherwise. Fields that are said to be fixed are set when the group is
// created; a later change is reported and never carried out.
//
// +kubebuilder:validation:XValidation:rule="has(self.clusterName) != has(self.clusterRef)",message="set either clusterName or clusterRef"
// +kubebuilder:validation:XValidation:rule="has(self.nodeRoleARN) != has(self.nodeRoleRef)",message="set either nodeRoleARN or nodeRoleRef"
type EKSNodeGroupParameters struct {
	// Region that the cluster runs in, for example eu-west-1. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z]{2}(-[a-z]+)+-[0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a node group can't move to another region"
	Region string `json:"region"`

	// ClusterName is EKS's name of the cluster. Fixed.
	// +optional
	// +kubebuilder:validation:Pattern=`^[0-9A-Za-z][0-9A-Za-z_-]*$`
	// +kubebuilder:validation:MaxLength=100
	ClusterName string `json:"clusterName,omitempty"`

	// ClusterRef names an EKSCluster object instead. The group is created when
	// that is ready, and deleted before it.
	// +optional
	ClusterRef *v1alpha1.Reference `json:"clusterRef,omitempty"`

	// NodeRoleARN is the role of the nodes; it has to trust ec2.amazonaws.com and
	// to have the policies AmazonEKSWorkerNodePolicy, AmazonEKS_CNI_Policy and
	// AmazonEC2ContainerRegistryReadOnly, or more. Fixed.
	// +optional
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:iam::[0-9]{12}:role/.+$`
	// +kubebuilder:validation:MaxLength=2048
	NodeRoleARN string `json:"nodeRoleARN,omitempty"`

	// NodeRoleRef names an IAMRole object instead. The group is created when that
	// is ready.
	// +optional
	NodeRoleRef *v1alpha1.Reference `json:"nodeRoleRef,omitempty"`

	// SubnetIDs are where nodes run. Fixed.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:Pattern=`^subnet-[0-9a-z]+$`
	SubnetIDs []string `json:"subnetIDs"`

	// Scaling says how many nodes there are.
	Scaling NodeScaling `json:"scaling"`

	// InstanceTypes that EKS may take, for example m5.large. Fixed. Absent:
	// t3.medium.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:Pattern=`^[a-z0-9-]+\.[a-z0-9-]+$`
	InstanceTypes []string `json:"instanceTypes,omitempty"`

	// CapacityType ON_DEMAND or SPOT. Fixed. Absent: ON_DEMAND.
	// +optional
	// +kubebuilder:validation:Enum=ON_DEMAND;SPOT
	CapacityType string `json:"capacityType,omitempty"`

	// AMIType is the kind of machine image, for example AL2023_x86_64_STANDARD.
	// Fixed. Absent: what fits the instance types.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_.]+$`
	// +kubebuilder:validation:MaxLength=64
	AMIType string `json:"amiType,omitempty"`

	// DiskSizeGiB of each node's root disk. Fixed. Absent: 20, or 50 for Windows.
	// +optional
	// +kubebuilder:validation:Minimum=20
	// +kubebuilder:validation:Maximum=16384
	DiskSizeGiB *int32 `json:"diskSizeGiB,omitempty"`

	// Version of Kubernetes that the nodes run, a minor one: "1.34". It can be
	// raised up to that of the control plane. Absent: the control plane's; the
	// nodes follow when that is upgraded.
	// +optional
	// +kubebuilder:validation:Pattern=`^1\.[0-9]{1,3}$`
	// +kubebuilder:validation:MaxLength=5
	Version string `json:"version,omitempty"`

	// Labels of the nodes. They can change; others that the group has are taken
	// off. Absent: what it has is left alone.
	// +optional
	// +kubebuilder:validation:MaxProperties=50
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 63 && size(self[k]) <= 63)",message="label keys have 1 to 63 characters, values up to 63"
	Labels map[string]LabelValue `json:"labels,omitzero"`

	// Taints of the nodes. They can change; others that the group has are taken
	// off. Absent: what it has is left alone.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +listMapKey=effect
	// +kubebuilder:validation:MaxItems=50
	Taints []Taint `json:"taints,omitzero"`

	// MaxUnavailable is how many nodes may be replaced at a time in an upgrade. It
	// can change. Absent: 1.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	MaxUnavailable *int32 `json:"maxUnavailable,omitempty"`

	// ForceUpgrade replaces nodes in an upgrade even where pods can't be moved for
	// a disruption budget. It is not a property of the group. Absent: false.
	// +optional
	ForceUpgrade *bool `json:"forceUpgrade,omitempty"`

	// Tags of the group. Those listed are kept as they are here; others that it
	// has, and those that are taken off this list, are left alone. Absent: only
	// the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128 && size(self[k]) <= 256)",message="tag keys have 1 to 128 characters, values up to 256"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('crossplane-'))",message="tags that begin with aws: or crossplane- are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// NodeScaling bounds how many nodes a group has.
//
// +kubebuilder:validation:XValidation:rule="self.minSize <= self.maxSize",message="minSize must not be greater than maxSize"
// +kubebuilder:validation:XValidation:rule="!has(self.desiredSize) || (self.minSize <= self.desiredSize && self.desiredSize <= self.maxSize)",message="desiredSize must be between minSize and maxSize"
type NodeScaling struct {
	// MinSize is how many nodes there are at least. It can change.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	MinSize int32 `json:"minSize"`

	// MaxSize is how many nodes there are at most. It can change.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	MaxSize int32 `json:"maxSize"`

	// DesiredSize is how many nodes there are. It can change. Absent: minSize to
	// begin with, then what an autoscaler says; it is not compared, and changed
	// only where the bounds leave no choice.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	DesiredSize *int32 `json:"desiredSize,omitempty"`
}

// LabelValue is the value of a label, at most 63 characters.
// +kubebuilder:validation:MaxLength=63
type LabelValue string

// Taint keeps pods away from nodes.
type Taint struct {
	// Key of the taint.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Key string `json:"key"`

	// Value of the taint. Absent: none.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Value string `json:"value,omitempty"`

	// Effect: NO_SCHEDULE, NO_EXECUTE or PREFER_NO_SCHEDULE.
	// +kubebuilder:validation:Enum=NO_SCHEDULE;NO_EXECUTE;PREFER_NO_SCHEDULE
	Effect string `json:"effect"`
}

// EKSNodeGroupObservation is what EKS says of a node group.
type EKSNodeGroupObservation struct {
	// State is EKS's own word: ACTIVE, DEGRADED and so on.
	// +optional
	State string `json:"state,omitempty"`
	// ARN of the group.
	// +optional
	ARN string `json:"arn,omitempty"`
	// ClusterName is EKS's name of the cluster.
	// +optional
	ClusterName string `json:"clusterName,omitempty"`
	// Version of Kubernetes that the nodes run.
	// +optional
	Version string `json:"version,omitempty"`
	// ReleaseVersion of the machine image.
	// +optional
	ReleaseVersion string `json:"releaseVersion,omitempty"`
	// DesiredSize is how many nodes there are, or will be.
	// +optional
	DesiredSize int32 `json:"desiredSize,omitempty"`
	// Issues that EKS has found.
	// +optional
	// +listType=atomic
	Issues []Issue `json:"issues,omitempty"`
}

// EKSNodeGroupSpec is what a node group shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another account"
type EKSNodeGroupSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the group in EKS's own terms.
	ForProvider EKSNodeGroupParameters `json:"forProvider"`
}

// EKSNodeGroupStatus is what is known of a node group.
type EKSNodeGroupStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what EKS says of the group.
	// +optional
	AtProvider EKSNodeGroupObservation `json:"atProvider,omitempty"`
}

// EKSNodeGroup is a group of machines of one kind that are nodes of an
// EKSCluster.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,aws},shortName=eksng
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=aws-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.atProvider.state`
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.status.atProvider.clusterName`
// +kubebuilder:printcolumn:name="Nodes",type=integer,JSONPath=`.status.atProvider.desiredSize`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.atProvider.version`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type EKSNodeGroup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec EKSNodeGroupSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status EKSNodeGroupStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (g *EKSNodeGroup) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &g.Spec.ManagedSpec, &g.Status.ManagedStatus
}

// EKSNodeGroupList is a list of EKSNodeGroups.
//
// +kubebuilder:object:root=true
type EKSNodeGroupList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []EKSNodeGroup `json:"items"`
}
