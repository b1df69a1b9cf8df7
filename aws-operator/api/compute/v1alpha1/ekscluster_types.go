// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Authentication modes of an EKSCluster.
const (
	ModeConfigMap = "CONFIG_MAP"
	ModeBoth      = "API_AND_CONFIG_MAP"
	ModeAPI       = "API"
)

// EKSClusterParameters are what a user may say of an EKS cluster. A field that is
// left out is AWS's to choose: it is neither sent nor compared, unless it says
// otherwise. Fields that are said to be fixed are set when the cluster is
// created; a later change is reported and never carried out.
//
// +kubebuilder:validation:XValidation:rule="has(self.roleARN) != has(self.roleRef)",message="set either roleARN or roleRef"
// +kubebuilder:validation:XValidation:rule="!has(self.securityGroupIDs) || !has(self.securityGroupRefs)",message="set securityGroupIDs or securityGroupRefs, not both"
// +kubebuilder:validation:XValidation:rule="!has(self.endpointPublicAccess) || !self.endpointPublicAccess || has(self.publicAccessCIDRs)",message="a public endpoint needs publicAccessCIDRs: who reaches it; the whole world is 0.0.0.0/0"
// +kubebuilder:validation:XValidation:rule="!has(self.publicAccessCIDRs) || (has(self.endpointPublicAccess) && self.endpointPublicAccess)",message="publicAccessCIDRs goes with endpointPublicAccess"
// +kubebuilder:validation:XValidation:rule="!has(self.endpointPrivateAccess) || self.endpointPrivateAccess || (has(self.endpointPublicAccess) && self.endpointPublicAccess)",message="nobody would reach the endpoint: leave endpointPrivateAccess on, or switch endpointPublicAccess on"
// +kubebuilder:validation:XValidation:rule="!has(self.accessEntries) || !has(self.authenticationMode) || self.authenticationMode != 'CONFIG_MAP'",message="accessEntries need an authenticationMode with API in it"
type EKSClusterParameters struct {
	// Region that the cluster runs in, for example eu-west-1. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z]{2}(-[a-z]+)+-[0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a cluster can't move to another region"
	Region string `json:"region"`

	// Version of Kubernetes, a minor one: "1.34". It can be raised, by as many
	// minors as wanted: the operator takes one after the other, and waits between
	// them until the node groups have followed. Absent: EKS's default.
	// +optional
	// +kubebuilder:validation:Pattern=`^1\.[0-9]{1,3}$`
	// +kubebuilder:validation:MaxLength=5
	Version string `json:"version,omitempty"`

	// RoleARN is the role as which EKS works in the account; it has to trust
	// eks.amazonaws.com and to have the policy AmazonEKSClusterPolicy. Fixed.
	// +optional
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:iam::[0-9]{12}:role/.+$`
	// +kubebuilder:validation:MaxLength=2048
	RoleARN string `json:"roleARN,omitempty"`

	// RoleRef names an IAMRole object instead. The cluster is created when that is
	// ready.
	// +optional
	RoleRef *v1alpha1.Reference `json:"roleRef,omitempty"`

	// SubnetIDs are where EKS puts the control plane's network interfaces: in one
	// VPC, in at least two availability zones. They can change within the VPC.
	// +listType=set
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:Pattern=`^subnet-[0-9a-z]+$`
	SubnetIDs []string `json:"subnetIDs"`

	// SecurityGroupIDs guard these interfaces, beside the group that EKS makes.
	// They can change. Absent, like securityGroupRefs: that group alone.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:Pattern=`^sg-[0-9a-z]+$`
	SecurityGroupIDs []string `json:"securityGroupIDs,omitempty"`

	// SecurityGroupRefs name SecurityGroup objects instead.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	SecurityGroupRefs []v1alpha1.Reference `json:"securityGroupRefs,omitempty"`

	// EndpointPublicAccess lets clients outside of the VPC reach the API server,
	// those in publicAccessCIDRs. It can change. Absent: false for a new cluster,
	// also where EKS would say otherwise.
	// +optional
	EndpointPublicAccess *bool `json:"endpointPublicAccess,omitempty"`

	// EndpointPrivateAccess lets nodes and others in the VPC reach the API server
	// there. It can change. Absent: true for a new cluster, also where EKS would
	// say otherwise.
	// +optional
	EndpointPrivateAccess *bool `json:"endpointPrivateAccess,omitempty"`

	// PublicAccessCIDRs are the ranges of public addresses from which the API
	// server is reached, for example 192.0.2.0/24. The world reaches it only where
	// 0.0.0.0/0 is written here. They can change.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=40
	// +kubebuilder:validation:items:MaxLength=43
	// +kubebuilder:validation:XValidation:rule="self.all(c, isCIDR(c))",message="each is an address and a prefix length, for example 192.0.2.0/24"
	PublicAccessCIDRs []string `json:"publicAccessCIDRs,omitempty"`

	// ServiceIPv4CIDR is where Services get their addresses, for example
	// 10.100.0.0/16. Fixed. Absent: EKS chooses.
	// +optional
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="an address and a prefix length, for example 10.100.0.0/16"
	ServiceIPv4CIDR string `json:"serviceIPv4CIDR,omitempty"`

	// KMSKeyARN is the key that encrypts Secrets. Fixed. Absent: EKS's own key.
	// +optional
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:kms:.+$`
	// +kubebuilder:validation:MaxLength=2048
	KMSKeyARN string `json:"kmsKeyARN,omitempty"`

	// AuthenticationMode says where it stands who gets in: in access entries
	// (API), in the config map aws-auth (CONFIG_MAP), or in both. It can change
	// from CONFIG_MAP to API_AND_CONFIG_MAP to API, never back. Absent: a new
	// cluster has API.
	// +optional
	// +kubebuilder:validation:Enum=API;API_AND_CONFIG_MAP;CONFIG_MAP
	AuthenticationMode string `json:"authenticationMode,omitempty"`

	// BootstrapCreatorAdmin makes the identity of the operator an administrator of
	// the new cluster. Read when the cluster is created. Absent: true.
	// +optional
	BootstrapCreatorAdmin *bool `json:"bootstrapCreatorAdmin,omitempty"`

	// AccessEntries say who gets in, and as what. They can change. Those that the
	// operator made and that are not listed any more are deleted; others that the
	// cluster has are left alone. Absent: like an empty list.
	// +optional
	// +listType=map
	// +listMapKey=principalARN
	// +kubebuilder:validation:MaxItems=50
	AccessEntries []AccessEntry `json:"accessEntries,omitempty"`

	// TokenRoleARN is the role whose tokens the connection secret holds: what
	// clients of the cluster may do is what its access entry says. The operator
	// has to be allowed to assume it. It can change. Absent: the operator's own
	// identity, which administers the cluster.
	// +optional
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:iam::[0-9]{12}:role/.+$`
	// +kubebuilder:validation:MaxLength=2048
	TokenRoleARN string `json:"tokenRoleARN,omitempty"`

	// SupportType says what becomes of the cluster when standard support of its
	// version ends: STANDARD upgrades it, EXTENDED keeps it, for more money. It can
	// change. Absent: EKS's default, EXTENDED.
	// +optional
	// +kubebuilder:validation:Enum=STANDARD;EXTENDED
	SupportType string `json:"supportType,omitempty"`

	// DeletionProtection makes EKS refuse to delete the cluster. The operator
	// never switches it off by itself: deletion waits until this says false. It
	// can change. Absent: a new cluster has none.
	// +optional
	DeletionProtection *bool `json:"deletionProtection,omitempty"`

	// LogTypes are the logs of the control plane that go to CloudWatch. They can
	// change; an empty list switches all off. Absent: none of a new cluster's.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:Enum=api;audit;authenticator;controllerManager;scheduler
	LogTypes []string `json:"logTypes,omitzero"`

	// Tags of the cluster. Those listed are kept as they are here; others that it
	// has, and those that are taken off this list, are left alone. Absent: only
	// the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128 && size(self[k]) <= 256)",message="tag keys have 1 to 128 characters, values up to 256"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('crossplane-'))",message="tags that begin with aws: or crossplane- are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// AccessEntry lets an IAM principal into a cluster.
type AccessEntry struct {
	// PrincipalARN is the user or role.
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:iam::[0-9]{12}:(user|role)/.+$`
	// +kubebuilder:validation:MaxLength=2048
	PrincipalARN string `json:"principalARN"`

	// KubernetesGroups that the principal is in, for RoleBindings in the cluster.
	// EKS refuses those of Kubernetes itself.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self.all(g, !g.startsWith('system:') && !g.startsWith('eks:') && !g.startsWith('aws:') && !g.startsWith('amazon'))",message="groups that begin with system:, eks:, aws: or amazon can't be given"
	KubernetesGroups []string `json:"kubernetesGroups,omitempty"`

	// Policies are EKS's access policies that the principal has.
	// +optional
	// +listType=map
	// +listMapKey=policyARN
	// +kubebuilder:validation:MaxItems=20
	Policies []AccessPolicy `json:"policies,omitempty"`
}

// AccessPolicy gives rights in a cluster.
type AccessPolicy struct {
	// PolicyARN, for example
	// arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy.
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:eks::aws:cluster-access-policy/.+$`
	// +kubebuilder:validation:MaxLength=256
	PolicyARN string `json:"policyARN"`

	// Namespaces that the rights are for. Absent: the whole cluster.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=63
	Namespaces []string `json:"namespaces,omitempty"`
}

// TagValue is the value of a tag, at most 256 characters.
// +kubebuilder:validation:MaxLength=256
type TagValue string

// Issue is something that EKS says is wrong.
type Issue struct {
	// Code is EKS's own word for it.
	Code string `json:"code"`
	// Message says more.
	// +optional
	Message string `json:"message,omitempty"`
	// ResourceIDs name what is concerned.
	// +optional
	// +listType=atomic
	ResourceIDs []string `json:"resourceIDs,omitempty"`
}

// EKSClusterObservation is what EKS says of a cluster.
type EKSClusterObservation struct {
	// State is EKS's own word: ACTIVE, UPDATING and so on.
	// +optional
	State string `json:"state,omitempty"`
	// ARN of the cluster.
	// +optional
	ARN string `json:"arn,omitempty"`
	// Version of the control plane.
	// +optional
	Version string `json:"version,omitempty"`
	// PlatformVersion is EKS's own, for example eks.3.
	// +optional
	PlatformVersion string `json:"platformVersion,omitempty"`
	// Endpoint of the API server.
	// +optional
	Endpoint string `json:"endpoint,omitempty"`
	// RoleARN is the role as which EKS works in the account.
	// +optional
	RoleARN string `json:"roleARN,omitempty"`
	// VPCID of the cluster.
	// +optional
	VPCID string `json:"vpcID,omitempty"`
	// ClusterSecurityGroupID is the group that EKS made for control plane and nodes.
	// +optional
	ClusterSecurityGroupID string `json:"clusterSecurityGroupID,omitempty"`
	// Issues that EKS has found.
	// +optional
	// +listType=atomic
	Issues []Issue `json:"issues,omitempty"`
}

// EKSClusterSpec is what an EKS cluster shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another account"
type EKSClusterSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the cluster in EKS's own terms.
	ForProvider EKSClusterParameters `json:"forProvider"`
}

// EKSClusterStatus is what is known of an EKS cluster.
type EKSClusterStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what EKS says of the cluster.
	// +optional
	AtProvider EKSClusterObservation `json:"atProvider,omitempty"`
}

// EKSCluster is a Kubernetes control plane of Amazon EKS; its nodes are
// EKSNodeGroups. It satisfies claims of kind KubernetesCluster.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,aws},shortName=eks
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/offers=KubernetesCluster"
// +kubebuilder:metadata:labels="crossplane.io/operator=aws-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.atProvider.state`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.atProvider.version`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.forProvider.region`
// +kubebuilder:printcolumn:name="Claim",type=string,JSONPath=`.spec.claimRef.name`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Endpoint",type=string,JSONPath=`.status.atProvider.endpoint`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type EKSCluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec EKSClusterSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status EKSClusterStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (c *EKSCluster) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &c.Spec.ManagedSpec, &c.Status.ManagedStatus
}

// EKSClusterList is a list of EKSClusters.
//
// +kubebuilder:object:root=true
type EKSClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []EKSCluster `json:"items"`
}
