// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Direction of the traffic that a rule lets through.
// +kubebuilder:validation:Enum=Ingress;Egress
type Direction string

// The directions.
const (
	// Ingress lets traffic in, from a source.
	Ingress Direction = "Ingress"
	// Egress lets traffic out, to a destination.
	Egress Direction = "Egress"
)

// SecurityGroupRuleParameters are what a user may say of one rule of a security
// group: one protocol, one range of ports, one source or destination.
//
// +kubebuilder:validation:XValidation:rule="has(self.securityGroupID) != has(self.securityGroupRef)",message="set either securityGroupID or securityGroupRef"
// +kubebuilder:validation:XValidation:rule="has(self.securityGroupID) == has(oldSelf.securityGroupID) && (!has(self.securityGroupID) || self.securityGroupID == oldSelf.securityGroupID)",message="a rule can't move to another group"
// +kubebuilder:validation:XValidation:rule="has(self.securityGroupRef) == has(oldSelf.securityGroupRef) && (!has(self.securityGroupRef) || self.securityGroupRef == oldSelf.securityGroupRef)",message="a rule can't move to another group"
// +kubebuilder:validation:XValidation:rule="[has(self.cidr), has(self.cidr6), has(self.sourceSecurityGroupID), has(self.sourceSecurityGroupRef), has(self.prefixListID)].filter(x, x).size() == 1",message="set one of cidr, cidr6, sourceSecurityGroupID, sourceSecurityGroupRef and prefixListID"
// +kubebuilder:validation:XValidation:rule="has(self.cidr) == has(oldSelf.cidr) && has(self.cidr6) == has(oldSelf.cidr6) && has(self.prefixListID) == has(oldSelf.prefixListID)",message="a rule can't change from one kind of source to another"
// +kubebuilder:validation:XValidation:rule="!(self.protocol in ['tcp', 'udp']) || has(self.fromPort)",message="tcp and udp need fromPort"
// +kubebuilder:validation:XValidation:rule="self.protocol in ['tcp', 'udp', 'icmp', 'icmpv6'] || (!has(self.fromPort) && !has(self.toPort))",message="ports go with tcp and udp, types and codes with icmp and icmpv6"
// +kubebuilder:validation:XValidation:rule="!has(self.toPort) || has(self.fromPort)",message="toPort goes with fromPort"
// +kubebuilder:validation:XValidation:rule="!(self.protocol in ['tcp', 'udp']) || !has(self.fromPort) || !has(self.toPort) || self.fromPort <= self.toPort",message="toPort must not be less than fromPort"
// +kubebuilder:validation:XValidation:rule="!(self.protocol in ['tcp', 'udp']) || !has(self.fromPort) || self.fromPort >= 0",message="a port is at least 0"
// +kubebuilder:validation:XValidation:rule="self.type == 'Egress' || (has(self.allowTheWorld) && self.allowTheWorld) || !has(self.cidr) || !isCIDR(self.cidr) || cidr(self.cidr).prefixLength() >= 8",message="a range of more than one /8 network is open to the world: allowTheWorld must say so"
// +kubebuilder:validation:XValidation:rule="self.type == 'Egress' || (has(self.allowTheWorld) && self.allowTheWorld) || !has(self.cidr6) || !isCIDR(self.cidr6) || cidr(self.cidr6).prefixLength() >= 16",message="a range of more than one /16 network is open to the world: allowTheWorld must say so"
type SecurityGroupRuleParameters struct {
	// Region that the group is in, for example eu-west-1. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z]{2}(-[a-z]+)+-[0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a rule can't move to another region"
	Region string `json:"region"`

	// SecurityGroupID of the group that the rule is a part of. Never changes.
	// +optional
	// +kubebuilder:validation:Pattern=`^sg-[0-9a-z]+$`
	// +kubebuilder:validation:MaxLength=64
	SecurityGroupID string `json:"securityGroupID,omitempty"`

	// SecurityGroupRef names a SecurityGroup object instead. The rule is created
	// when that is ready. Never changes.
	// +optional
	SecurityGroupRef *v1alpha1.Reference `json:"securityGroupRef,omitempty"`

	// Type: Ingress lets traffic in, Egress lets it out. Never changes.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a rule can't turn round"
	Type Direction `json:"type"`

	// Protocol: tcp, udp, icmp, icmpv6, all, or a protocol's number. It can
	// change.
	// +kubebuilder:validation:Pattern=`^(tcp|udp|icmp|icmpv6|all|[0-9]{1,3})$`
	// +kubebuilder:validation:MaxLength=6
	Protocol string `json:"protocol"`

	// FromPort is the first port, or for icmp and icmpv6 the type, -1 for all. It
	// can change. Required for tcp and udp; absent for icmp and icmpv6: all types.
	// +optional
	// +kubebuilder:validation:Minimum=-1
	// +kubebuilder:validation:Maximum=65535
	FromPort *int32 `json:"fromPort,omitempty"`

	// ToPort is the last port, or for icmp and icmpv6 the code, -1 for all. It can
	// change. Absent: the same as fromPort, and for icmp and icmpv6 all codes.
	// +optional
	// +kubebuilder:validation:Minimum=-1
	// +kubebuilder:validation:Maximum=65535
	ToPort *int32 `json:"toPort,omitempty"`

	// CIDR is the range of IPv4 addresses that traffic may come from or, of an
	// Egress rule, go to; for example 10.0.0.0/16. It can change.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:XValidation:rule="isCIDR(self) && cidr(self).ip().family() == 4",message="an IPv4 address and a prefix length, for example 10.0.0.0/16"
	CIDR string `json:"cidr,omitempty"`

	// CIDR6 is a range of IPv6 addresses instead, for example 2001:db8::/32. It
	// can change.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=43
	// +kubebuilder:validation:XValidation:rule="isCIDR(self) && cidr(self).ip().family() == 6",message="an IPv6 address and a prefix length, for example 2001:db8::/32"
	CIDR6 string `json:"cidr6,omitempty"`

	// SourceSecurityGroupID is a group whose members traffic may come from or, of
	// an Egress rule, go to. It can change.
	// +optional
	// +kubebuilder:validation:Pattern=`^sg-[0-9a-z]+$`
	// +kubebuilder:validation:MaxLength=64
	SourceSecurityGroupID string `json:"sourceSecurityGroupID,omitempty"`

	// SourceSecurityGroupRef names a SecurityGroup object instead. The rule is
	// created when that is ready. It can change.
	// +optional
	SourceSecurityGroupRef *v1alpha1.Reference `json:"sourceSecurityGroupRef,omitempty"`

	// PrefixListID is a managed list of ranges (pl-...) instead. It can change.
	// +optional
	// +kubebuilder:validation:Pattern=`^pl-[0-9a-z]+$`
	// +kubebuilder:validation:MaxLength=64
	PrefixListID string `json:"prefixListID,omitempty"`

	// AllowTheWorld must be true for an Ingress rule from a range of more than one
	// /8 network of IPv4 or one /16 network of IPv6, such as 0.0.0.0/0. Absent:
	// false.
	// +optional
	AllowTheWorld *bool `json:"allowTheWorld,omitempty"`

	// Description of the rule, up to 255 of the characters that EC2 allows. It can
	// change. Absent: a new rule has none.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]*$`
	// +kubebuilder:validation:MaxLength=255
	Description string `json:"description,omitempty"`

	// Tags of the rule. Those listed are kept as they are here; others that it
	// has, and those that are taken off this list, are left alone. Absent: only
	// the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128)",message="tag keys have 1 to 128 characters"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('crossplane-'))",message="tags that begin with aws: or crossplane- are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// SecurityGroupRuleObservation is what EC2 says of a rule.
type SecurityGroupRuleObservation struct {
	// ARN of the rule.
	// +optional
	ARN string `json:"arn,omitempty"`
	// SecurityGroupID of the group that it is a part of.
	// +optional
	SecurityGroupID string `json:"securityGroupID,omitempty"`
}

// SecurityGroupRuleSpec is what a rule shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another account"
type SecurityGroupRuleSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the rule in EC2's own terms.
	ForProvider SecurityGroupRuleParameters `json:"forProvider"`
}

// SecurityGroupRuleStatus is what is known of a rule.
type SecurityGroupRuleStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what EC2 says of the rule.
	// +optional
	AtProvider SecurityGroupRuleObservation `json:"atProvider,omitempty"`
}

// SecurityGroupRule is one rule of a security group that comes and goes by
// itself, whoever the group belongs to. A SecurityGroup object leaves the rules
// of SecurityGroupRule objects alone.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,aws},shortName=awssgr
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=aws-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.forProvider.type`
// +kubebuilder:printcolumn:name="Protocol",type=string,JSONPath=`.spec.forProvider.protocol`
// +kubebuilder:printcolumn:name="Port",type=integer,JSONPath=`.spec.forProvider.fromPort`
// +kubebuilder:printcolumn:name="CIDR",type=string,JSONPath=`.spec.forProvider.cidr`
// +kubebuilder:printcolumn:name="Group",type=string,JSONPath=`.status.atProvider.securityGroupID`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type SecurityGroupRule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec SecurityGroupRuleSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status SecurityGroupRuleStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (r *SecurityGroupRule) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &r.Spec.ManagedSpec, &r.Status.ManagedStatus
}

// SecurityGroupRuleList is a list of SecurityGroupRules.
//
// +kubebuilder:object:root=true
type SecurityGroupRuleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []SecurityGroupRule `json:"items"`
}
