// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// AKSAgentPoolParameters are what a user may say of an agent pool.
//
// +kubebuilder:validation:XValidation:rule="has(self.resourceGroupName) != has(self.resourceGroupRef)",message="set either resourceGroupName or resourceGroupRef"
// +kubebuilder:validation:XValidation:rule="has(self.clusterName) != has(self.clusterRef)",message="set either clusterName or clusterRef"
// +kubebuilder:validation:XValidation:rule="has(self.clusterName) == has(oldSelf.clusterName) && (!has(self.clusterName) || self.clusterName == oldSelf.clusterName)",message="a pool can't move to another cluster"
// +kubebuilder:validation:XValidation:rule="has(self.clusterRef) == has(oldSelf.clusterRef) && (!has(self.clusterRef) || self.clusterRef == oldSelf.clusterRef)",message="a pool can't move to another cluster"
// +kubebuilder:validation:XValidation:rule="!(has(self.count) && has(self.autoscaling))",message="either count or autoscaling can be given"
// +kubebuilder:validation:XValidation:rule="!has(self.spotMaxPrice) || (has(self.scaleSetPriority) && self.scaleSetPriority == 'Spot')",message="spotMaxPrice goes with scaleSetPriority Spot"
// +kubebuilder:validation:XValidation:rule="!has(self.mode) || self.mode != 'System' || !has(self.scaleSetPriority) || self.scaleSetPriority != 'Spot'",message="a pool of mode System can't be of priority Spot"
type AKSAgentPoolParameters struct {
	// ResourceGroupName names the resource group that the cluster is in.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$`
	// +kubebuilder:validation:MaxLength=90
	ResourceGroupName string `json:"resourceGroupName,omitempty"`

	// ResourceGroupRef names a ResourceGroup object instead.
	// +optional
	ResourceGroupRef *v1alpha1.Reference `json:"resourceGroupRef,omitempty"`

	// ClusterName is Azure's name of the cluster. Never changes.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$`
	// +kubebuilder:validation:MaxLength=63
	ClusterName string `json:"clusterName,omitempty"`

	// ClusterRef names an AKSCluster object instead. The pool is created when
	// that is ready, and deleted before it. Never changes.
	// +optional
	ClusterRef *v1alpha1.Reference `json:"clusterRef,omitempty"`

	// Mode System lets the cluster's own pods run there, too. It can change.
	// Absent: User for a new pool.
	// +optional
	// +kubebuilder:validation:Enum=User;System
	Mode string `json:"mode,omitempty"`

	// OrchestratorVersion of Kubernetes that the nodes run: a minor one, "1.33", or
	// an exact one, "1.33.2". It can be raised up to that of the control plane.
	// Absent: the control plane's; the nodes follow when that is upgraded.
	// +optional
	// +kubebuilder:validation:Pattern=`^1\.[0-9]{1,3}(\.[0-9]{1,3})?$`
	// +kubebuilder:validation:MaxLength=12
	OrchestratorVersion string `json:"orchestratorVersion,omitempty"`

	// ScaleSetPriority Spot is cheaper, and Azure may take the machines away at
	// any time. Fixed. Absent: Regular.
	// +optional
	// +kubebuilder:validation:Enum=Regular;Spot
	ScaleSetPriority string `json:"scaleSetPriority,omitempty"`

	// SpotMaxPrice is what a machine of priority Spot may cost in an hour, in US
	// dollars, for example "0.05". Fixed. Absent: as much as a regular one.
	// +optional
	// +kubebuilder:validation:Pattern=`^[0-9]{1,4}(\.[0-9]{1,5})?$`
	// +kubebuilder:validation:MaxLength=10
	SpotMaxPrice string `json:"spotMaxPrice,omitempty"`

	NodePool `json:",inline"`

	// Tags of the pool and its machines. Those listed are kept as they are here;
	// others that it has, and those that are taken off this list, are left alone.
	// Absent: only the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 512 && !k.matches('[<>%&?/]') && !k.contains('\\\\'))",message="tag names have 1 to 512 characters and none of <>%&?/ or a backslash"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('crossplane-') && !k.startsWith('microsoft') && !k.startsWith('azure') && !k.startsWith('windows'))",message="tags that begin with crossplane-, microsoft, azure or windows are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// AKSAgentPoolObservation is what Azure says of an agent pool.
type AKSAgentPoolObservation struct {
	// State is Azure's own word: Succeeded, Scaling and so on.
	// +optional
	State string `json:"state,omitempty"`
	// PowerState is Running or Stopped.
	// +optional
	PowerState string `json:"powerState,omitempty"`
	// ID of the pool.
	// +optional
	ID string `json:"id,omitempty"`
	// ClusterName is Azure's name of the cluster.
	// +optional
	ClusterName string `json:"clusterName,omitempty"`
	// Version of Kubernetes that the nodes run, in full.
	// +optional
	Version string `json:"version,omitempty"`
	// NodeImageVersion of the nodes.
	// +optional
	NodeImageVersion string `json:"nodeImageVersion,omitempty"`
	// Count is how many nodes there are, or will be.
	// +optional
	Count int32 `json:"count,omitempty"`
	// Problem is why Azure could not do the last thing that it was asked for.
	// +optional
	Problem string `json:"problem,omitempty"`
}

// AKSAgentPoolSpec is what an agent pool shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another subscription"
type AKSAgentPoolSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the pool in Azure's own terms.
	ForProvider AKSAgentPoolParameters `json:"forProvider"`
}

// AKSAgentPoolStatus is what is known of an agent pool.
type AKSAgentPoolStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what Azure says of the pool.
	// +optional
	AtProvider AKSAgentPoolObservation `json:"atProvider,omitempty"`
}

// AKSAgentPool is a group of machines of one kind that are nodes of an
// AKSCluster, beside its system pool.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,azure},shortName=akspool
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=azure-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.atProvider.state`
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.status.atProvider.clusterName`
// +kubebuilder:printcolumn:name="Nodes",type=integer,JSONPath=`.status.atProvider.count`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.atProvider.version`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type AKSAgentPool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec AKSAgentPoolSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status AKSAgentPoolStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (p *AKSAgentPool) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &p.Spec.ManagedSpec, &p.Status.ManagedStatus
}

// AKSAgentPoolList is a list of AKSAgentPools.
//
// +kubebuilder:object:root=true
type AKSAgentPoolList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []AKSAgentPool `json:"items"`
}
