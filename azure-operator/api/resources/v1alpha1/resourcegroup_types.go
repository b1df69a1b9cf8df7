// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// TagValue is the value of a tag, at most 256 characters.
// +kubebuilder:validation:MaxLength=256
type TagValue string

// ResourceGroupParameters are what a user may say of a resource group.
type ResourceGroupParameters struct {
	// Location that the group's own data are in, for example westeurope; what is
	// in the group may be elsewhere. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a resource group can't move to another location"
	Location string `json:"location"`

	// Tags of the group. Those listed are kept as they are here; others that it
	// has, and those that are taken off this list, are left alone. Absent: only
	// the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 512 && !k.matches('[<>%&?/]') && !k.contains('\\\\'))",message="tag names have 1 to 512 characters and none of <>%&?/ or a backslash"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('crossplane-') && !k.startsWith('microsoft') && !k.startsWith('azure') && !k.startsWith('windows'))",message="tags that begin with crossplane-, microsoft, azure or windows are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// ResourceGroupObservation is what Azure says of a resource group.
type ResourceGroupObservation struct {
	// State is Azure's own word: Succeeded, Deleting and so on.
	// +optional
	State string `json:"state,omitempty"`
	// ID of the group.
	// +optional
	ID string `json:"id,omitempty"`
}

// ResourceGroupSpec is what a resource group shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another subscription"
type ResourceGroupSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the group in Azure's own terms.
	ForProvider ResourceGroupParameters `json:"forProvider"`
}

// ResourceGroupStatus is what is known of a resource group.
type ResourceGroupStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what Azure says of the group.
	// +optional
	AtProvider ResourceGroupObservation `json:"atProvider,omitempty"`
}

// ResourceGroup holds other resources of Azure. With a group Azure deletes all
// that is in it, so deletion waits until it is empty.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,azure},shortName=azurerg
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=azure-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Location",type=string,JSONPath=`.spec.forProvider.location`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ResourceGroup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ResourceGroupSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status ResourceGroupStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (g *ResourceGroup) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &g.Spec.ManagedSpec, &g.Status.ManagedStatus
}

// ResourceGroupList is a list of ResourceGroups.
//
// +kubebuilder:object:root=true
type ResourceGroupList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []ResourceGroup `json:"items"`
}
