// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// ServiceConnectionParameters are what a user may say of the connection of a
// VPC network to the network of Google's services.
//
// +kubebuilder:validation:XValidation:rule="has(self.network) != has(self.networkRef)",message="set either network or networkRef"
// +kubebuilder:validation:XValidation:rule="has(self.network) == has(oldSelf.network) && has(self.networkRef) == has(oldSelf.networkRef)",message="a connection stays with its network"
// +kubebuilder:validation:XValidation:rule="has(self.address) == has(oldSelf.address)",message="a reserved range can't move"
type ServiceConnectionParameters struct {
	// Network is the name of the VPC network, in the provider's project. Never
	// changes.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a connection stays with its network"
	Network string `json:"network,omitempty"`

	// NetworkRef names a Network object instead. Never changes.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a connection stays with its network"
	NetworkRef *v1alpha1.Reference `json:"networkRef,omitempty"`

	// Address is the first address of the range that is reserved for Google's
	// services, for example 10.100.0.0. Never changes. Absent: Google chooses.
	// +optional
	// +kubebuilder:validation:MaxLength=15
	// +kubebuilder:validation:XValidation:rule="isIP(self)",message="an IPv4 address"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a reserved range can't move"
	Address string `json:"address,omitempty"`

	// PrefixLength of the range, 8 to 24: 16 is what Google advises, 24 the least
	// that Cloud SQL takes. Never changes.
	// +kubebuilder:validation:Minimum=8
	// +kubebuilder:validation:Maximum=24
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a reserved range can't change its size"
	PrefixLength int64 `json:"prefixLength"`
}

// ServiceConnectionObservation is what Google Cloud says of a connection.
type ServiceConnectionObservation struct {
	// State of the reserved range: RESERVING, RESERVED or IN_USE.
	// +optional
	State string `json:"state,omitempty"`
	// Range that is reserved, for example 10.100.0.0/16.
	// +optional
	Range string `json:"range,omitempty"`
	// Peering is the name of the peering in the network.
	// +optional
	Peering string `json:"peering,omitempty"`
}

// ServiceConnectionSpec is what a connection shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another project"
type ServiceConnectionSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the connection.
	ForProvider ServiceConnectionParameters `json:"forProvider"`
}

// ServiceConnectionStatus is what is known of a connection.
type ServiceConnectionStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what Google Cloud says of the connection.
	// +optional
	AtProvider ServiceConnectionObservation `json:"atProvider,omitempty"`
}

// ServiceConnection connects a VPC network privately to the network of Google's
// services: a range of addresses that is reserved for them, and the connection
// that uses it. Cloud SQL instances with a private address need one. The range
// carries the object's external name and, in its description, whose it is; the
// connection itself is one for all ranges of a network, to which ours is added.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,gcp},shortName=gcpserviceconnection
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=gcp-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Range",type=string,JSONPath=`.status.atProvider.range`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ServiceConnection struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ServiceConnectionSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status ServiceConnectionStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (c *ServiceConnection) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &c.Spec.ManagedSpec, &c.Status.ManagedStatus
}

// ServiceConnectionList is a list of ServiceConnections.
//
// +kubebuilder:object:root=true
type ServiceConnectionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []ServiceConnection `json:"items"`
}
