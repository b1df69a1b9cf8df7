// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// FirewallRuleParameters are what a user may say of a firewall rule: whom a
// server with public access lets in.
//
// +kubebuilder:validation:XValidation:rule="has(self.resourceGroupName) != has(self.resourceGroupRef)",message="set either resourceGroupName or resourceGroupRef"
// +kubebuilder:validation:XValidation:rule="[has(self.mysqlServerName), has(self.mysqlServerRef), has(self.postgresqlServerName), has(self.postgresqlServerRef)].filter(x, x).size() == 1",message="set one of mysqlServerName, mysqlServerRef, postgresqlServerName and postgresqlServerRef"
// +kubebuilder:validation:XValidation:rule="has(self.mysqlServerRef) == has(oldSelf.mysqlServerRef) && (!has(self.mysqlServerRef) || self.mysqlServerRef == oldSelf.mysqlServerRef)",message="a rule can't move to another server"
// +kubebuilder:validation:XValidation:rule="has(self.postgresqlServerRef) == has(oldSelf.postgresqlServerRef) && (!has(self.postgresqlServerRef) || self.postgresqlServerRef == oldSelf.postgresqlServerRef)",message="a rule can't move to another server"
// +kubebuilder:validation:XValidation:rule="has(self.mysqlServerName) == has(oldSelf.mysqlServerName) && (!has(self.mysqlServerName) || self.mysqlServerName == oldSelf.mysqlServerName)",message="a rule can't move to another server"
// +kubebuilder:validation:XValidation:rule="has(self.postgresqlServerName) == has(oldSelf.postgresqlServerName) && (!has(self.postgresqlServerName) || self.postgresqlServerName == oldSelf.postgresqlServerName)",message="a rule can't move to another server"
// +kubebuilder:validation:XValidation:rule="has(self.startIPAddress) == has(self.endIPAddress) && has(self.cidr) != has(self.startIPAddress)",message="set either cidr or startIPAddress and endIPAddress"
// +kubebuilder:validation:XValidation:rule="has(self.startIPAddress) && has(self.endIPAddress) && self.startIPAddress == '0.0.0.0' && self.endIPAddress == '0.0.0.0' ? (has(self.allowAllOfAzure) && self.allowAllOfAzure) : true",message="0.0.0.0 to 0.0.0.0 lets in all that runs in Azure, other people's machines too: allowAllOfAzure must say so"
// +kubebuilder:validation:XValidation:rule="has(self.startIPAddress) && has(self.endIPAddress) && self.startIPAddress != self.endIPAddress && (self.startIPAddress.startsWith('0.') || self.startIPAddress.split('.')[0] != self.endIPAddress.split('.')[0]) ? (has(self.allowTheWorld) && self.allowTheWorld) : true",message="a range of more than one /8 network, or of 0.0.0.0/8, is open to the world: allowTheWorld must say so"
// +kubebuilder:validation:XValidation:rule="has(self.cidr) && isCIDR(self.cidr) && (cidr(self.cidr).prefixLength() < 8 || self.cidr.startsWith('0.')) ? (has(self.allowTheWorld) && self.allowTheWorld) : true",message="a range of more than one /8 network, or of 0.0.0.0/8, is open to the world: allowTheWorld must say so"
// +kubebuilder:validation:XValidation:rule="!has(self.cidr) || self.cidr != '0.0.0.0/32'",message="0.0.0.0/32 would let in all that runs in Azure: say so with startIPAddress and endIPAddress"
type FirewallRuleParameters struct {
	// ResourceGroupName names the resource group that the server is in.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$`
	// +kubebuilder:validation:MaxLength=90
	ResourceGroupName string `json:"resourceGroupName,omitempty"`

	// ResourceGroupRef names a ResourceGroup object instead.
	// +optional
	ResourceGroupRef *v1alpha1.Reference `json:"resourceGroupRef,omitempty"`

	// MySQLServerName names the MySQL server, as Azure does. Never changes.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`
	MySQLServerName string `json:"mysqlServerName,omitempty"`

	// MySQLServerRef names a MySQLServer object instead. The rule is created when
	// that is ready. Never changes.
	// +optional
	MySQLServerRef *v1alpha1.Reference `json:"mysqlServerRef,omitempty"`

	// PostgreSQLServerName names the PostgreSQL server, as Azure does. Never
	// changes.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`
	PostgreSQLServerName string `json:"postgresqlServerName,omitempty"`

	// PostgreSQLServerRef names a PostgreSQLServer object instead. The rule is
	// created when that is ready. Never changes.
	// +optional
	PostgreSQLServerRef *v1alpha1.Reference `json:"postgresqlServerRef,omitempty"`

	// CIDR is the range of IPv4 addresses that is let in, for example
	// 203.0.113.0/24. It can change. Absent: startIPAddress and endIPAddress say it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:XValidation:rule="isCIDR(self) && cidr(self).ip().family() == 4",message="an IPv4 address and a prefix length, for example 203.0.113.0/24"
	CIDR string `json:"cidr,omitempty"`

	// StartIPAddress is the first IPv4 address that is let in. It can change.
	// +optional
	// +kubebuilder:validation:Pattern=`^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$`
	// +kubebuilder:validation:MaxLength=15
	StartIPAddress string `json:"startIPAddress,omitempty"`

	// EndIPAddress is the last IPv4 address that is let in. It can change.
	// +optional
	// +kubebuilder:validation:Pattern=`^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$`
	// +kubebuilder:validation:MaxLength=15
	EndIPAddress string `json:"endIPAddress,omitempty"`

	// AllowAllOfAzure must be true for the range 0.0.0.0 to 0.0.0.0, with which
	// Azure lets in whatever runs in Azure. Absent: false.
	// +optional
	AllowAllOfAzure *bool `json:"allowAllOfAzure,omitempty"`

	// AllowTheWorld must be true for a range that reaches beyond one /8 network,
	// such as 0.0.0.0 to 255.255.255.255. Absent: false.
	// +optional
	AllowTheWorld *bool `json:"allowTheWorld,omitempty"`
}

// FirewallRuleObservation is what Azure says of a firewall rule.
type FirewallRuleObservation struct {
	// ID of the rule.
	// +optional
	ID string `json:"id,omitempty"`
}

// FirewallRuleSpec is what a firewall rule shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another subscription"
type FirewallRuleSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the rule in Azure's own terms.
	ForProvider FirewallRuleParameters `json:"forProvider"`
}

// FirewallRuleStatus is what is known of a firewall rule.
type FirewallRuleStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what Azure says of the rule.
	// +optional
	AtProvider FirewallRuleObservation `json:"atProvider,omitempty"`
}

// FirewallRule lets a range of addresses in at a MySQL or PostgreSQL server. It
// is a part of its server, and belongs to whoever the server belongs to.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,azure},shortName=azurefw
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=azure-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="CIDR",type=string,JSONPath=`.spec.forProvider.cidr`
// +kubebuilder:printcolumn:name="From",type=string,JSONPath=`.spec.forProvider.startIPAddress`
// +kubebuilder:printcolumn:name="To",type=string,JSONPath=`.spec.forProvider.endIPAddress`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type FirewallRule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec FirewallRuleSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status FirewallRuleStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (r *FirewallRule) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &r.Spec.ManagedSpec, &r.Status.ManagedStatus
}

// FirewallRuleList is a list of FirewallRules.
//
// +kubebuilder:object:root=true
type FirewallRuleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []FirewallRule `json:"items"`
}
