// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// AKSClusterParameters are what a user may say of an AKS cluster. A field that is
// left out is Azure's to choose: it is neither sent nor compared, unless it says
// otherwise. Fields that are said to be fixed are set when the cluster is created;
// a later change is reported and never carried out.
//
// +kubebuilder:validation:XValidation:rule="has(self.resourceGroupName) != has(self.resourceGroupRef)",message="set either resourceGroupName or resourceGroupRef"
// +kubebuilder:validation:XValidation:rule="has(self.resourceGroupName) == has(oldSelf.resourceGroupName) && (!has(self.resourceGroupName) || self.resourceGroupName == oldSelf.resourceGroupName)",message="a cluster can't move to another resource group"
// +kubebuilder:validation:XValidation:rule="has(self.resourceGroupRef) == has(oldSelf.resourceGroupRef) && (!has(self.resourceGroupRef) || self.resourceGroupRef == oldSelf.resourceGroupRef)",message="a cluster can't move to another resource group"
// +kubebuilder:validation:XValidation:rule="!has(self.enablePrivateCluster) || self.enablePrivateCluster || has(self.authorizedIPRanges)",message="a public endpoint needs authorizedIPRanges: the addresses from which it can be reached, 0.0.0.0/0 for all of them"
// +kubebuilder:validation:XValidation:rule="!has(self.authorizedIPRanges) || (has(self.enablePrivateCluster) && !self.enablePrivateCluster)",message="authorizedIPRanges go with a public endpoint: enablePrivateCluster must be false"
type AKSClusterParameters struct {
	// Location that the cluster runs in, for example westeurope. Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a cluster can't move to another location"
	Location string `json:"location"`

	// ResourceGroupName names the resource group that the cluster is in. Never
	// changes.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$`
	// +kubebuilder:validation:MaxLength=90
	ResourceGroupName string `json:"resourceGroupName,omitempty"`

	// ResourceGroupRef names a ResourceGroup object instead. The cluster is
	// created when that is ready. Never changes.
	// +optional
	ResourceGroupRef *v1alpha1.Reference `json:"resourceGroupRef,omitempty"`

	// KubernetesVersion is a minor one, "1.33", whose newest patch AKS takes, or
	// an exact one, "1.33.2". It can be raised, by as many minors as wanted: the
	// operator takes one after the other, the control plane first and then the
	// system pool. Absent: AKS's default.
	// +optional
	// +kubebuilder:validation:Pattern=`^1\.[0-9]{1,3}(\.[0-9]{1,3})?$`
	// +kubebuilder:validation:MaxLength=12
	KubernetesVersion string `json:"kubernetesVersion,omitempty"`

	// SKUTier Free has no promise of how long the API server is up; Premium has
	// long-term support. It can change. Absent: Free.
	// +optional
	// +kubebuilder:validation:Enum=Free;Standard;Premium
	SKUTier string `json:"skuTier,omitempty"`

	// DNSPrefix is what the host name of the API server begins with. Fixed.
	// Absent: the cluster's name.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([A-Za-z0-9-]{0,52}[A-Za-z0-9])?$`
	// +kubebuilder:validation:MaxLength=54
	DNSPrefix string `json:"dnsPrefix,omitempty"`

	// NodeResourceGroup is the name of the resource group that AKS makes for
	// machines, disks and load balancers. Fixed. Absent: AKS chooses.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$`
	// +kubebuilder:validation:MaxLength=80
	NodeResourceGroup string `json:"nodeResourceGroup,omitempty"`

	// EnablePrivateCluster gives the API server an address in the network of the
	// nodes and no public one. Fixed. Absent: true for a new cluster, also where
	// AKS would say otherwise.
	// +optional
	EnablePrivateCluster *bool `json:"enablePrivateCluster,omitempty"`

	// AuthorizedIPRanges are the ranges of public addresses from which a public
	// API server is reached, for example 192.0.2.0/24. The world reaches it only
	// where 0.0.0.0/0 is written here. They can change.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MaxLength=43
	// +kubebuilder:validation:XValidation:rule="self.all(c, isCIDR(c))",message="each is an address and a prefix length, for example 192.0.2.0/24"
	AuthorizedIPRanges []string `json:"authorizedIPRanges,omitempty"`

	// NetworkProfile says how pods and Services are connected. Fixed. Absent:
	// AKS's default.
	// +optional
	NetworkProfile *NetworkProfile `json:"networkProfile,omitempty"`

	// Identity as which AKS works in the subscription. It can change. Absent: a
	// new cluster has a system-assigned one.
	// +optional
	Identity *ClusterIdentity `json:"identity,omitempty"`

	// AADProfile says who gets in by Microsoft Entra ID. Every cluster that the
	// operator makes is integrated with that. Absent: a new cluster's rights come
	// from Azure roles.
	// +optional
	AADProfile *AADProfile `json:"aadProfile,omitempty"`

	// DisableLocalAccounts leaves no way into the cluster but Microsoft Entra ID.
	// It can change. Absent: true for a new cluster, also where AKS would say
	// otherwise.
	// +optional
	DisableLocalAccounts *bool `json:"disableLocalAccounts,omitempty"`

	// AutoUpgradeChannel says to what AKS upgrades the cluster by itself. What it
	// upgraded is no drift. It can change. Absent: none.
	// +optional
	// +kubebuilder:validation:Enum=none;patch;stable;rapid;node-image
	AutoUpgradeChannel string `json:"autoUpgradeChannel,omitempty"`

	// DeletionProtection makes the operator refuse to delete the cluster: deletion
	// waits until this says false. AKS knows nothing of it. It can change. Absent:
	// false.
	// +optional
	DeletionProtection *bool `json:"deletionProtection,omitempty"`

	// SystemPool is where the cluster's own pods run. AKS makes no cluster without
	// one. Further pools are AKSAgentPools.
	SystemPool SystemPool `json:"systemPool"`

	// TokenProviderRef names the Provider whose identity's tokens the connection
	// secret holds: what clients of the cluster may do is what the roles of that
	// one say. It can change, and shows with the next renewal. Absent: the identity
	// of providerRef, which administers the cluster.
	// +optional
	TokenProviderRef *v1alpha1.Reference `json:"tokenProviderRef,omitempty"`

	// Tags of the cluster. Those listed are kept as they are here; others that it
	// has, and those that are taken off this list, are left alone. Absent: only
	// the tags by which the operator knows its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=40
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 512 && !k.matches('[<>%&?/]') && !k.contains('\\\\'))",message="tag names have 1 to 512 characters and none of <>%&?/ or a backslash"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('crossplane-') && !k.startsWith('microsoft') && !k.startsWith('azure') && !k.startsWith('windows'))",message="tags that begin with crossplane-, microsoft, azure or windows are reserved"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// SystemPool is the pool of mode System that a cluster is made with. It is a part
// of the cluster: what differs of it is changed with that.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.count) && has(self.autoscaling))",message="either count or autoscaling can be given"
// +kubebuilder:validation:XValidation:rule="!has(self.count) || self.count > 0",message="a system pool has one node at least"
// +kubebuilder:validation:XValidation:rule="!has(self.autoscaling) || self.autoscaling.min > 0",message="a system pool has one node at least"
type SystemPool struct {
	// Name of the pool: up to 12 lower case letters and digits, a letter first.
	// Never changes.
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9]{0,11}$`
	// +kubebuilder:validation:MaxLength=12
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a system pool can't be renamed"
	Name string `json:"name"`

	NodePool `json:",inline"`
}

// NetworkProfile says how pods and Services are connected. All of it is fixed.
//
// +kubebuilder:validation:XValidation:rule="has(self.serviceCIDR) == has(self.dnsServiceIP)",message="serviceCIDR goes with dnsServiceIP, which is one of its addresses"
type NetworkProfile struct {
	// NetworkPlugin gives pods their addresses. Absent: azure.
	// +optional
	// +kubebuilder:validation:Enum=azure;kubenet;none
	NetworkPlugin string `json:"networkPlugin,omitempty"`

	// NetworkPluginMode overlay takes pods' addresses from podCIDR instead of the
	// subnet. Absent: AKS's default.
	// +optional
	// +kubebuilder:validation:Enum=overlay
	NetworkPluginMode string `json:"networkPluginMode,omitempty"`

	// NetworkPolicy enforces NetworkPolicies. Absent: nothing does.
	// +optional
	// +kubebuilder:validation:Enum=azure;calico;cilium;none
	NetworkPolicy string `json:"networkPolicy,omitempty"`

	// NetworkDataplane moves packets. Absent: azure.
	// +optional
	// +kubebuilder:validation:Enum=azure;cilium
	NetworkDataplane string `json:"networkDataplane,omitempty"`

	// PodCIDR is where pods get their addresses, with plugin kubenet or mode
	// overlay. Absent: AKS chooses.
	// +optional
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="an address and a prefix length, for example 10.244.0.0/16"
	PodCIDR string `json:"podCIDR,omitempty"`

	// ServiceCIDR is where Services get their addresses, for example 10.0.0.0/16.
	// Absent: AKS chooses.
	// +optional
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="an address and a prefix length, for example 10.0.0.0/16"
	ServiceCIDR string `json:"serviceCIDR,omitempty"`

	// DNSServiceIP is the address of the cluster's DNS, for example 10.0.0.10.
	// +optional
	// +kubebuilder:validation:MaxLength=15
	// +kubebuilder:validation:XValidation:rule="isIP(self)",message="an address, for example 10.0.0.10"
	DNSServiceIP string `json:"dnsServiceIP,omitempty"`

	// OutboundType is how nodes reach the Internet. Absent: loadBalancer.
	// +optional
	// +kubebuilder:validation:Enum=loadBalancer;managedNATGateway;userAssignedNATGateway;userDefinedRouting;none
	OutboundType string `json:"outboundType,omitempty"`
}

// ClusterIdentity is as whom AKS works in the subscription.
//
// +kubebuilder:validation:XValidation:rule="(self.type == 'UserAssigned') == has(self.userAssignedIdentityID)",message="userAssignedIdentityID goes with type UserAssigned, and only with it"
type ClusterIdentity struct {
	// Type SystemAssigned is made and deleted with the cluster.
	// +kubebuilder:validation:Enum=SystemAssigned;UserAssigned
	Type string `json:"type"`

	// UserAssignedIdentityID is the id of a managed identity.
	// +optional
	// +kubebuilder:validation:Pattern=`^/subscriptions/[^/]+/resource[gG]roups/[^/]+/providers/Microsoft\.ManagedIdentity/userAssignedIdentities/[^/]+$`
	// +kubebuilder:validation:MaxLength=512
	UserAssignedIdentityID string `json:"userAssignedIdentityID,omitempty"`
}

// AADProfile says who gets in by Microsoft Entra ID.
type AADProfile struct {
	// EnableAzureRBAC lets Azure roles decide what people may do, beside the
	// cluster's own RBAC. It can change. Absent: true for a new cluster.
	// +optional
	EnableAzureRBAC *bool `json:"enableAzureRBAC,omitempty"`

	// AdminGroupObjectIDs are the groups that administer the cluster. They can
	// change; an empty list leaves none. Absent: none of a new cluster's.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=36
	// +kubebuilder:validation:items:Pattern=`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`
	AdminGroupObjectIDs []string `json:"adminGroupObjectIDs,omitzero"`

	// TenantID of the tenant. Fixed. Absent: that of the subscription.
	// +optional
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`
	// +kubebuilder:validation:MaxLength=36
	TenantID string `json:"tenantID,omitempty"`
}

// AKSClusterObservation is what Azure says of a cluster.
type AKSClusterObservation struct {
	// State is Azure's own word: Succeeded, Upgrading and so on.
	// +optional
	State string `json:"state,omitempty"`
	// PowerState is Running or Stopped.
	// +optional
	PowerState string `json:"powerState,omitempty"`
	// ID of the cluster.
	// +optional
	ID string `json:"id,omitempty"`
	// Version of the control plane, in full.
	// +optional
	Version string `json:"version,omitempty"`
	// Endpoint of the API server.
	// +optional
	Endpoint string `json:"endpoint,omitempty"`
	// NodeResourceGroup holds the cluster's machines.
	// +optional
	NodeResourceGroup string `json:"nodeResourceGroup,omitempty"`
	// PrincipalID is the object id of the system-assigned identity: what roles are
	// assigned to.
	// +optional
	PrincipalID string `json:"principalID,omitempty"`
	// Pools are the names of all pools that the cluster has.
	// +optional
	// +listType=set
	Pools []string `json:"pools,omitempty"`
	// Problem is why Azure could not do the last thing that it was asked for.
	// +optional
	Problem string `json:"problem,omitempty"`
}

// AKSClusterSpec is what an AKS cluster shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another subscription"
type AKSClusterSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the cluster in Azure's own terms.
	ForProvider AKSClusterParameters `json:"forProvider"`
}

// AKSClusterStatus is what is known of an AKS cluster.
type AKSClusterStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what Azure says of the cluster.
	// +optional
	AtProvider AKSClusterObservation `json:"atProvider,omitempty"`
}

// AKSCluster is a Kubernetes cluster of Azure Kubernetes Service with its system
// pool; further nodes are AKSAgentPools. It satisfies claims of kind
// KubernetesCluster.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,azure},shortName=aks
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/offers=KubernetesCluster"
// +kubebuilder:metadata:labels="crossplane.io/operator=azure-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.atProvider.state`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.atProvider.version`
// +kubebuilder:printcolumn:name="Location",type=string,JSONPath=`.spec.forProvider.location`
// +kubebuilder:printcolumn:name="Claim",type=string,JSONPath=`.spec.claimRef.name`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Endpoint",type=string,JSONPath=`.status.atProvider.endpoint`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type AKSCluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec AKSClusterSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status AKSClusterStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (c *AKSCluster) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &c.Spec.ManagedSpec, &c.Status.ManagedStatus
}

// AKSClusterList is a list of AKSClusters.
//
// +kubebuilder:object:root=true
type AKSClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []AKSCluster `json:"items"`
}
