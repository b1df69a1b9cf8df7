// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// ProtocolAll is the protocol of a rule for all traffic.
const ProtocolAll = "all"

// Permission lets traffic through: of one protocol, on a range of ports,
// from (ingress) or to (egress) whatever is listed. Without anything listed it
// lets nothing through, and is refused.
//
// +kubebuilder:validation:XValidation:rule="has(self.cidrs) || has(self.securityGroupIDs) || has(self.securityGroupRefs) || has(self.prefixListIDs) || (has(self.self) && self.self)",message="say who is let through: cidrs, securityGroupIDs, securityGroupRefs, prefixListIDs or self; the whole world is 0.0.0.0/0 and ::/0"
// +kubebuilder:validation:XValidation:rule="!(self.protocol in ['tcp', 'udp']) || has(self.fromPort)",message="tcp and udp need fromPort"
// +kubebuilder:validation:XValidation:rule="self.protocol in ['tcp', 'udp', 'icmp', 'icmpv6'] || (!has(self.fromPort) && !has(self.toPort))",message="ports go with tcp and udp, types and codes with icmp and icmpv6"
// +kubebuilder:validation:XValidation:rule="!has(self.toPort) || has(self.fromPort)",message="toPort goes with fromPort"
// +kubebuilder:validation:XValidation:rule="!(self.protocol in ['tcp', 'udp']) || !has(self.fromPort) || !has(self.toPort) || self.fromPort <= self.toPort",message="toPort must not be less than fromPort"
// +kubebuilder:validation:XValidation:rule="!(self.protocol in ['tcp', 'udp']) || !has(self.fromPort) || self.fromPort >= 0",message="a port is at least 0"
type Permission struct {
	// Protocol: tcp, udp, icmp, icmpv6, all, or a protocol's number.
	// +kubebuilder:validation:Pattern=`^(tcp|udp|icmp|icmpv6|all|[0-9]{1,3})$`
	// +kubebuilder:validation:MaxLength=6
	Protocol string `json:"protocol"`

	// FromPort is the first port, or for icmp and icmpv6 the type, -1 for all.
	// Required for tcp and udp; absent for icmp and icmpv6: all types.
	// +optional
	// +kubebuilder:validation:Minimum=-1
	// +kubebuilder:validation:Maximum=65535
	FromPort *int32 `json:"fromPort,omitempty"`

	// ToPort is the last port, or for icmp and icmpv6 the code, -1 for all.
	// Absent: the same as fromPort, and for icmp and icmpv6 all codes.
	// +optional
	// +kubebuilder:validation:Minimum=-1
	// +kubebuilder:validation:Maximum=65535
	ToPort *int32 `json:"toPort,omitempty"`

	// CIDRs are ranges of IPv4 and IPv6 addresses, for example 10.0.0.0/16. The
	// world is let in only where 0.0.0.0/0 or ::/0 is written here.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=60
	// +kubebuilder:validation:items:MaxLength=43
	// +kubebuilder:validation:XValidation:rule="self.all(c, isCIDR(c))",message="each is an address and a prefix length, for example 10.0.0.0/16"
	CIDRs []string `json:"cidrs,omitempty"`

	// SecurityGroupIDs are groups whose members are let through.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=60
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:Pattern=`^sg-[0-9a-z]+$`
	SecurityGroupIDs []string `json:"securityGroupIDs,omitempty"`

	// SecurityGroupRefs name SecurityGroup objects whose members are let
	// through. This group is created when they are ready, so two groups must not
	// wait for each other: give one of them securityGroupIDs.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=60
	SecurityGroupRefs []v1alpha1.Reference `json:"securityGroupRefs,omitempty"`

	// PrefixListIDs are managed lists of ranges (pl-...).
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=60
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:Pattern=`^pl-[0-9a-z]+$`
	PrefixListIDs []string `json:"prefixListIDs,omitempty"`

	// Self lets the members of this group through. Absent: false.
	// +optional
	Self *bool `json:"self,omitempty"`

	// Description of the rule, up to 255 of the characters that EC2 allows.
	// Absent: none.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]*$`
	// +kubebuilder:validation:MaxLength=255
	Description string `json:"description,omitempty"`
}

// SecurityGroupParameters are what a user may say of a security group. The rules
// of a direction that is listed belong to this object alone: those that somebody
// else adds are removed, and with an empty list nothing is let through, not even
// by EC2's default rule that lets everything out. SecurityGroupRule objects of
// this control plane are not somebody else's: what they let through stays. Answers
// to what was let in always get out.
//
// +kubebuilder:validation:XValidation:rule="has(self.vpcID) == has(oldSelf.vpcID)",message="a group can't move to another VPC"
type SecurityGroupParameters struct {
	// Region that the group is in, for example eu-west-1. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z]{2}(-[a-z]+)+-[0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a group can't move to another region"
	Region string `json:"region"`

	// VPCID of the VPC that the group is in. Never changes. Absent: the region's
	// default VPC.
	// +optional
	// +kubebuilder:validation:Pattern=`^vpc-[0-9a-z]+$`
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a group can't move to another VPC"
	VPCID string `json:"vpcID,omitempty"`

	// GroupName, unique in its VPC, up to 255 of the characters that EC2 allows;
	// not beginning with sg-. Fixed. Absent: the object's name and a part of its
	// owner id.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]+$`
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('sg-')",message="group names must not begin with sg-"
	GroupName string `json:"groupName,omitempty"`

	// Description of the group, up to 255 of the characters that EC2 allows.
	// Fixed. Absent: one of the operator's own.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]+$`
	// +kubebuilder:validation:MaxLength=255
	Description string `json:"description,omitempty"`

	// Ingress rules: what is let in. They can change; an empty list lets nothing
	// in. Absent: whatever rules the group has stay; a new group has none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=60
	Ingress []Permission `json:"ingress,omitzero"`

	// Egress rules: what is let out, beside answers. They can change; an empty list
	// lets nothing out. Absent: whatever rules the group has stay; a new group has
	// EC2's, which lets everything out.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=60
	Egress []Permission `json:"egress,omitzero"`

	// Tags of the group. Those listed are kept as they are here; others that it
	// has, and those that are taken off this list, are left alone. Absent: only
	// the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128)",message="tag keys have 1 to 128 characters"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('crossplane-'))",message="tags that begin with aws: or crossplane- are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// TagValue is the value of a tag, at most 256 characters.
// +kubebuilder:validation:MaxLength=256
type TagValue string

// SecurityGroupObservation is what EC2 says of a security group.
type SecurityGroupObservation struct {
	// ARN of the group.
	// +optional
	ARN string `json:"arn,omitempty"`
	// GroupName of the group.
	// +optional
	GroupName string `json:"groupName,omitempty"`
	// VPCID of the VPC that it is in.
	// +optional
	VPCID string `json:"vpcID,omitempty"`
}

// SecurityGroupSpec is what a security group shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another account"
type SecurityGroupSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the group in EC2's own terms.
	ForProvider SecurityGroupParameters `json:"forProvider"`
}

// SecurityGroupStatus is what is known of a security group.
type SecurityGroupStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what EC2 says of the group.
	// +optional
	AtProvider SecurityGroupObservation `json:"atProvider,omitempty"`
}

// SecurityGroup is the firewall of whatever refers to it: a security group of
// Amazon VPC with its rules.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,aws},shortName=awssg
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
type SecurityGroup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec SecurityGroupSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status SecurityGroupStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (g *SecurityGroup) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &g.Spec.ManagedSpec, &g.Status.ManagedStatus
}

// SecurityGroupList is a list of SecurityGroups.
//
// +kubebuilder:object:root=true
type SecurityGroupList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []SecurityGroup `json:"items"`
}
