// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// MySQLServerParameters are what a user may say of a MySQL server.
//
// +kubebuilder:validation:XValidation:rule="has(self.resourceGroupName) != has(self.resourceGroupRef)",message="set either resourceGroupName or resourceGroupRef"
// +kubebuilder:validation:XValidation:rule="has(self.resourceGroupName) == has(oldSelf.resourceGroupName) && (!has(self.resourceGroupName) || self.resourceGroupName == oldSelf.resourceGroupName)",message="a server can't move to another resource group"
// +kubebuilder:validation:XValidation:rule="has(self.resourceGroupRef) == has(oldSelf.resourceGroupRef) && (!has(self.resourceGroupRef) || self.resourceGroupRef == oldSelf.resourceGroupRef)",message="a server can't move to another resource group"
// +kubebuilder:validation:XValidation:rule="has(self.storageGiB) || has(self.restoreFrom)",message="storageGiB is required unless the server is restored"
// +kubebuilder:validation:XValidation:rule="!has(self.privateDNSZoneID) || has(self.delegatedSubnetID)",message="privateDNSZoneID goes with delegatedSubnetID"
// +kubebuilder:validation:XValidation:rule="!has(self.delegatedSubnetID) || !has(self.publicNetworkAccess) || !self.publicNetworkAccess",message="a server in a delegated subnet has no public access"
// +kubebuilder:validation:XValidation:rule="!has(self.highAvailability) || self.highAvailability.mode == 'Disabled' || self.sku.tier != 'Burstable'",message="the Burstable tier can have no standby"
type MySQLServerParameters struct {
	ServerParameters `json:",inline"`

	// Version of MySQL in Azure's own terms: 5.7, 8.0.21 (which stands for 8.0) or
	// 8.4; Azure installs patches by itself. It can be raised; Azure can't go
	// back. Absent: Azure's default.
	// +optional
	// +kubebuilder:validation:Pattern=`^[0-9]+(\.[0-9]+){1,2}$`
	// +kubebuilder:validation:MaxLength=16
	Version string `json:"version,omitempty"`

	// StorageGiB is the size of the storage in GiB, 20 to 32768. It can grow and
	// never shrink. Required unless restoreFrom is set; a restored server has at
	// least what its source had.
	// +optional
	// +kubebuilder:validation:Minimum=20
	// +kubebuilder:validation:Maximum=32768
	StorageGiB *int32 `json:"storageGiB,omitempty"`

	// IOPS provisioned, in operations per second. It can change. Absent: what
	// goes with the storage.
	// +optional
	// +kubebuilder:validation:Minimum=360
	// +kubebuilder:validation:Maximum=80000
	IOPS *int32 `json:"iops,omitempty"`

	// BackupRetentionDays is for how many days backups are kept, 1 to 35. It can
	// change. Absent: 7.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=35
	BackupRetentionDays *int32 `json:"backupRetentionDays,omitempty"`
}

// MySQLServerSpec is what a MySQL server shall be.
//
// +kubebuilder:validation:XValidation:rule="self.providerRef == oldSelf.providerRef",message="providerRef can't change: another provider may be another subscription"
type MySQLServerSpec struct {
	v1alpha1.ManagedSpec `json:",inline"`

	// ForProvider describes the server in Azure's own terms.
	ForProvider MySQLServerParameters `json:"forProvider"`
}

// MySQLServerStatus is what is known of a MySQL server.
type MySQLServerStatus struct {
	v1alpha1.ManagedStatus `json:",inline"`

	// AtProvider is what Azure says of the server.
	// +optional
	AtProvider ServerObservation `json:"atProvider,omitempty"`
}

// MySQLServer is a flexible server of Azure Database for MySQL. It satisfies
// claims of kind MySQLInstance.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,azure},shortName=azuremysql
// +kubebuilder:metadata:labels="crossplane.io/contract=managed"
// +kubebuilder:metadata:labels="crossplane.io/operator=azure-operator"
// +kubebuilder:selectablefield:JSONPath=`.spec.providerRef.name`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.atProvider.state`
// +kubebuilder:printcolumn:name="SKU",type=string,JSONPath=`.status.atProvider.sku`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.atProvider.version`
// +kubebuilder:printcolumn:name="Location",type=string,JSONPath=`.spec.forProvider.location`
// +kubebuilder:printcolumn:name="Claim",type=string,JSONPath=`.spec.claimRef.name`
// +kubebuilder:printcolumn:name="External-Name",type=string,JSONPath=`.metadata.annotations.crossplane\.io/external-name`,priority=1
// +kubebuilder:printcolumn:name="Endpoint",type=string,JSONPath=`.status.atProvider.endpoint`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type MySQLServer struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec MySQLServerSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status MySQLServerStatus `json:"status,omitempty"`
}

// Managed hands out the contract.
func (s *MySQLServer) Managed() (*v1alpha1.ManagedSpec, *v1alpha1.ManagedStatus) {
	return &s.Spec.ManagedSpec, &s.Status.ManagedStatus
}

// Server hands out what all flexible servers have.
func (s *MySQLServer) Server() (*ServerParameters, *ServerObservation) {
	return &s.Spec.ForProvider.ServerParameters, &s.Status.AtProvider
}

// MySQLServerList is a list of MySQLServers.
//
// +kubebuilder:object:root=true
type MySQLServerList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []MySQLServer `json:"items"`
}
