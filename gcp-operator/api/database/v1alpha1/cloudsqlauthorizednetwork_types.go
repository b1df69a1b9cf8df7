// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// CloudSQLAuthorizedNetworkParameters are what a user may say of an authorized
// network: a range of addresses that an instance lets in at its public address.
//
// +kubebuilder:validation:XValidation:rule="has(self.instanceName) != has(self.instanceRef)",message="set either instanceName or instanceRef"
// +kubebuilder:validation:XValidation:rule="has(self.instanceName) == has(oldSelf.instanceName) && (!has(self.instanceName) || self.instanceName == oldSelf.instanceName)",message="an authorized network can't move to another instance"
// +kubebuilder:validation:XValidation:rule="has(self.instanceRef) == has(oldSelf.instanceRef) && (!has(self.instanceRef) || self.instanceRef == oldSelf.instanceRef)",message="an authorized network can't move to another instance"
// +kubebuilder:validation:XValidation:rule="(has(self.wholeInternet) && self.wholeInternet) || !isCIDR(self.value) || cidr(self.value).prefixLength() >= 8",message="a range of more than one /8 network lets the whole Internet in: say so with wholeInternet: true, or choose a range"
type CloudSQLAuthorizedNetworkParameters struct {
	// InstanceName is Cloud SQL's name of the instance. Never changes.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=98
	InstanceName string `json:"instanceName,omitempty"`

	// InstanceRef names a CloudSQLInstance object instead. The range is let in
	// once that is ready. Never changes.
	// +optional
	InstanceRef *v1alpha1.Reference `json:"instanceRef,omitempty"`

	// Value is the range of IPv4 addresses, for example 203.0.113.0/24. It can
	// change.
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:XValidation:rule="isCIDR(self) && cidr(self).ip().family() == 4",message="an IPv4 address and a prefix length, for example 203.0.113.0/24"
	Value string `json:"value"`

	// ExpirationTime is when Cloud SQL ends to let the range in. It can change.
	// Absent: never.
	// +optional
	ExpirationTime *metav1.Time `json:"expirationTime,omitempty"`

	// WholeInternet has to be true where the range is more than one /8 network,
	// such as 0.0.0.0/0, and has no other effect. Absent: false.
	// +optional
	WholeInternet *bool `json:"wholeInternet,omitempty"`
}

// CloudSQLAuthorizedNetworkObservation is what Cloud SQL says of an authorized
// network.
type CloudSQLAuthorizedNetworkObservation struct {
	// InstanceName is the name of the instance that it is a part of.
	// +optional
	InstanceName string `json:"instanceName,omitempty"`
}

// CloudSQLAuthorizedNetworkSpec is what an authorized network shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another project"
type CloudSQLAuthorizedNetworkSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the range in Cloud SQL's own terms.
	ForProvider CloudSQLAuthorizedNetworkParameters `json:"forProvider"`
}

// CloudSQLAuthorizedNetworkStatus is what is known of an authorized network.
type CloudSQLAuthorizedNetworkStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what Cloud SQL says of it.
	// +optional
	AtProvider CloudSQLAuthorizedNetworkObservation `json:"atProvider,omitempty"`
}

// CloudSQLAuthorizedNetwork lets a range of addresses in at the public address of
// a Cloud SQL instance. It is one entry of the instance's settings, and comes and
// goes by itself: the CloudSQLInstance object leaves such entries alone.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,gcp},shortName=cloudsqlnet
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=gcp-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Value",type=string,JSONPath=`.spec.forProvider.value`
// +kubebuilder:printcolumn:name="Instance",type=string,JSONPath=`.status.atProvider.instanceName`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type CloudSQLAuthorizedNetwork struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec CloudSQLAuthorizedNetworkSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status CloudSQLAuthorizedNetworkStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (n *CloudSQLAuthorizedNetwork) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &n.Spec.ManagedSpec, &n.Status.ManagedStatus
}

// CloudSQLAuthorizedNetworkList is a list of CloudSQLAuthorizedNetworks.
//
// +kubebuilder:object:root=true
type CloudSQLAuthorizedNetworkList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []CloudSQLAuthorizedNetwork `json:"items"`
}
