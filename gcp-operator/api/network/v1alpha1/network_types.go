// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// NetworkParameters are what a user may say of a VPC network. Networks are
// global: they have no region.
type NetworkParameters struct {
	// AutoCreateSubnetworks makes a subnetwork in each region. Fixed. Absent:
	// false.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a network's subnetworks are decided when it is made"
	AutoCreateSubnetworks *bool `json:"autoCreateSubnetworks,omitempty"`

	// RoutingMode: REGIONAL routers learn the routes of their region, GLOBAL
	// ones those of all. It can change. Absent: REGIONAL for a new network.
	// +optional
	// +kubebuilder:validation:Enum=REGIONAL;GLOBAL
	RoutingMode string `json:"routingMode,omitempty"`

	// MTU is the largest packet in bytes, 1300 to 8896. Fixed. Absent: 1460.
	// +optional
	// +kubebuilder:validation:Minimum=1300
	// +kubebuilder:validation:Maximum=8896
	MTU *int64 `json:"mtu,omitempty"`
}

// NetworkObservation is what Compute Engine says of a network.
type NetworkObservation struct {
	// ID is Compute Engine's own number of the network.
	// +optional
	ID string `json:"id,omitempty"`
	// SelfLink of the network.
	// +optional
	SelfLink string `json:"selfLink,omitempty"`
}

// NetworkSpec is what a network shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another project"
type NetworkSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the network in Compute Engine's own terms.
	// +optional
	ForProvider NetworkParameters `json:"forProvider,omitempty"`
}

// NetworkStatus is what is known of a network.
type NetworkStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what Compute Engine says of the network.
	// +optional
	AtProvider NetworkObservation `json:"atProvider,omitempty"`
}

// Network is a VPC network of Compute Engine. Networks have no labels: whose
// one is stands in its description, which is set when it is made and never
// changes, so that one made otherwise can be observed and not adopted.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,gcp},shortName=gcpnetwork
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=gcp-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Network struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec NetworkSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status NetworkStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (n *Network) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &n.Spec.ManagedSpec, &n.Status.ManagedStatus
}

// NetworkList is a list of Networks.
//
// +kubebuilder:object:root=true
type NetworkList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Network `json:"items"`
}
