// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// TrustPolicy says who may assume a role: services of AWS, or whoever a whole
// policy says.
//
// +kubebuilder:validation:XValidation:rule="has(self.services) != has(self.document)",message="set either services or document"
type TrustPolicy struct {
	// Services of AWS that may assume the role, for example eks.amazonaws.com for
	// the role of a cluster and ec2.amazonaws.com for that of its nodes.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=128
	// +kubebuilder:validation:items:Pattern=`^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$`
	Services []string `json:"services,omitempty"`

	// Document is a whole trust policy, in JSON. Its order and spaces do not
	// matter.
	// +optional
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=8192
	// +kubebuilder:validation:Pattern=`^\s*\{[\s\S]*\}\s*$`
	Document string `json:"document,omitempty"`
}

// IAMRoleParameters are what a user may say of a role. A field that is left out
// is not compared. Roles are there in all regions.
type IAMRoleParameters struct {
	// AssumedBy says who may assume the role. It can change.
	AssumedBy TrustPolicy `json:"assumedBy"`

	// ManagedPolicyARNs are the policies that say what the role may do. They can
	// change; others that are attached to the role are detached. An empty list
	// detaches all. Absent: what is attached is left alone.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=2048
	// +kubebuilder:validation:items:Pattern=`^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$`
	ManagedPolicyARNs []string `json:"managedPolicyARNs,omitzero"`

	// MaxSessionSeconds is for how long a session of the role may last, 3600 to
	// 43200 seconds. It can change. Absent: a new role has 3600.
	// +optional
	// +kubebuilder:validation:Minimum=3600
	// +kubebuilder:validation:Maximum=43200
	MaxSessionSeconds *int32 `json:"maxSessionSeconds,omitempty"`

	// Path that the role's name is under, for example /teams/shop/. Never
	// changes. Absent: /.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:Pattern=`^/([!-~]+/)?$`
	Path string `json:"path,omitempty"`

	// PermissionsBoundaryARN is the policy that the role's rights never go beyond,
	// whatever is attached. It can change; leaving it out later leaves the role's
	// boundary as it is. Absent: a new role has none.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$`
	PermissionsBoundaryARN string `json:"permissionsBoundaryARN,omitempty"`

	// Description of the role, up to 1000 characters. It can change. Absent: the
	// object's name is in it.
	// +optional
	// +kubebuilder:validation:MaxLength=1000
	Description string `json:"description,omitempty"`

	// Tags of the role. Those listed are kept as they are here; others that it
	// has, and those that are taken off this list, are left alone. Absent: only
	// the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128 && size(self[k]) <= 256)",message="tag keys have 1 to 128 characters, values up to 256"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('crossplane-'))",message="tags that begin with aws: or crossplane- are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// TagValue is the value of a tag, at most 256 characters.
// +kubebuilder:validation:MaxLength=256
type TagValue string

// IAMRoleObservation is what IAM says of a role.
type IAMRoleObservation struct {
	// ARN of the role.
	// +optional
	ARN string `json:"arn,omitempty"`
	// ID of the role, which is never given again.
	// +optional
	ID string `json:"id,omitempty"`
}

// IAMRoleSpec is what a role shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another account"
// +kubebuilder:validation:XValidation:rule="(has(self.forProvider.path) ? self.forProvider.path : '/') == (has(oldSelf.forProvider.path) ? oldSelf.forProvider.path : '/')",message="a role can't move to another path"
type IAMRoleSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the role in IAM's own terms.
	ForProvider IAMRoleParameters `json:"forProvider"`
}

// IAMRoleStatus is what is known of a role.
type IAMRoleStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what IAM says of the role.
	// +optional
	AtProvider IAMRoleObservation `json:"atProvider,omitempty"`
}

// IAMRole is an identity that services of AWS, or others, take on to do what its
// policies allow.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,aws},shortName=iamrole
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=aws-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`
// +kubebuilder:printcolumn:name="ARN",type=string,JSONPath=`.status.atProvider.arn`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type IAMRole struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec IAMRoleSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status IAMRoleStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (r *IAMRole) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &r.Spec.ManagedSpec, &r.Status.ManagedStatus
}

// IAMRoleList is a list of IAMRoles.
//
// +kubebuilder:object:root=true
type IAMRoleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []IAMRole `json:"items"`
}
