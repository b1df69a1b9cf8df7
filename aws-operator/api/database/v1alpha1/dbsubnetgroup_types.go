// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// DBSubnetGroupParameters are what a user may say of a DB subnet group. A field
// that is left out is AWS's to choose: it is neither sent nor compared.
type DBSubnetGroupParameters struct {
	// Region of the subnets, for example eu-west-1. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z]{2}(-[a-z]+)+-[0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a subnet group can't move to another region"
	Region string `json:"region"`

	// SubnetIDs are the subnets that instances may live in: of one VPC, in at
	// least two availability zones. They can change, but not to another VPC.
	// +listType=set
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:Pattern=`^subnet-[0-9a-z]+$`
	SubnetIDs []string `json:"subnetIDs"`

	// Description of the group, up to 255 characters. It can change. Absent: one
	// of the operator's own.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Description string `json:"description,omitempty"`

	// Tags of the group. Those listed are kept as they are here; others that it
	// has, and those that are taken off this list, are left alone. Absent: only
	// the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128)",message="tag keys have 1 to 128 characters"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('crossplane-'))",message="tags that begin with aws: or crossplane- are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// DBSubnetGroupObservation is what RDS says of a DB subnet group.
type DBSubnetGroupObservation struct {
	// State is RDS's own word, Complete when the group can be used.
	// +optional
	State string `json:"state,omitempty"`
	// ARN of the group.
	// +optional
	ARN string `json:"arn,omitempty"`
	// VPCID of the VPC that its subnets are in.
	// +optional
	VPCID string `json:"vpcID,omitempty"`
}

// DBSubnetGroupSpec is what a DB subnet group shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another account"
type DBSubnetGroupSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the group in RDS's own terms.
	ForProvider DBSubnetGroupParameters `json:"forProvider"`
}

// DBSubnetGroupStatus is what is known of a DB subnet group.
type DBSubnetGroupStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what RDS says of the group.
	// +optional
	AtProvider DBSubnetGroupObservation `json:"atProvider,omitempty"`
}

// DBSubnetGroup says in which subnets of a VPC the RDS instances that refer to
// it live.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,aws},shortName=dbsubnets
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=aws-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="VPC",type=string,JSONPath=`.status.atProvider.vpcID`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.forProvider.region`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type DBSubnetGroup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec DBSubnetGroupSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status DBSubnetGroupStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (g *DBSubnetGroup) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &g.Spec.ManagedSpec, &g.Status.ManagedStatus
}

// DBSubnetGroupList is a list of DBSubnetGroups.
//
// +kubebuilder:object:root=true
type DBSubnetGroupList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []DBSubnetGroup `json:"items"`
}
