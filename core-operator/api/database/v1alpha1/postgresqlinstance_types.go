// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claim "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
)

// PostgreSQLInstanceSpec says which PostgreSQL database is needed.
//
// +kubebuilder:validation:XValidation:rule="[has(self.classRef), has(self.classSelector), has(self.resourceRef), has(self.resourceSelector)].filter(given, given).size() <= 1",message="at most one of classRef, classSelector, resourceRef and resourceSelector can be given"
// +kubebuilder:validation:XValidation:rule="has(self.databaseName) == has(oldSelf.databaseName) && (!has(self.databaseName) || self.databaseName == oldSelf.databaseName)",message="databaseName can't be changed: make a new claim and move the data"
// +kubebuilder:validation:XValidation:rule="has(self.restoreFrom) == has(oldSelf.restoreFrom) && (!has(self.restoreFrom) || self.restoreFrom == oldSelf.restoreFrom)",message="restoreFrom can't be changed: make a new claim"
type PostgreSQLInstanceSpec struct {
	claim.Spec `json:",inline"`
	Database   `json:",inline"`

	// DatabaseName is the name of the database that is made in the server: lower
	// case letters, digits and underscores. Left out, there is none but those of
	// the server itself. It can't be changed.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9_]*$`
	// +kubebuilder:validation:XValidation:rule="!(self in ['postgres', 'template0', 'template1', 'rdsadmin', 'cloudsqladmin', 'azure_maintenance', 'azure_sys'])",message="this name belongs to the server itself"
	DatabaseName string `json:"databaseName,omitempty"`
}

// PostgreSQLInstanceStatus says what became of the claim.
type PostgreSQLInstanceStatus struct {
	claim.Status `json:",inline"`
}

// PostgreSQLInstance is a developer's claim for a PostgreSQL database: what is needed,
// not where it comes from.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:metadata:labels="crossplane.io/contract=claim"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,claim,claims},shortName={postgresql}
// +kubebuilder:printcolumn:name="Class",type=string,JSONPath=`.status.class.name`
// +kubebuilder:printcolumn:name="Resource",type=string,JSONPath=`.status.resourceRef.name`
// +kubebuilder:printcolumn:name="Location",type=string,JSONPath=`.status.location.region`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.spec.engineVersion`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Actor",type=string,JSONPath=`.status.actor`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="a claim's name has at most 63 characters"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || !has(oldSelf.status.resourceRef) || (has(self.spec.classRef) == has(oldSelf.spec.classRef) && has(self.spec.classSelector) == has(oldSelf.spec.classSelector) && has(self.spec.resourceRef) == has(oldSelf.spec.resourceRef) && has(self.spec.resourceSelector) == has(oldSelf.spec.resourceSelector) && (!has(self.spec.classRef) || self.spec.classRef.name == oldSelf.spec.classRef.name) && (!has(self.spec.resourceRef) || self.spec.resourceRef == oldSelf.spec.resourceRef))",message="a resource was chosen already: classRef, classSelector, resourceRef and resourceSelector can't be changed any more"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || !has(oldSelf.status.resourceRef) || self.spec.storageGiB >= oldSelf.spec.storageGiB",message="storageGiB can't shrink: no cloud takes storage away from a database"
type PostgreSQLInstance struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what the developer asks for.
	Spec PostgreSQLInstanceSpec `json:"spec"`

	// Status is what became of it.
	// +optional
	// +kubebuilder:default:={conditions: {{type: "Ready", status: "Unknown", reason: "Pending", message: "Waiting for core-operator", lastTransitionTime: "1970-01-01T00:00:00Z"}}}
	Status PostgreSQLInstanceStatus `json:"status,omitempty"`
}

// PostgreSQLInstanceList is a list of PostgreSQLInstances.
//
// +kubebuilder:object:root=true
type PostgreSQLInstanceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// Items of the list.
	Items []PostgreSQLInstance `json:"items"`
}

// Claim implements claim.Claim.
func (c *PostgreSQLInstance) Claim() (*claim.Spec, *claim.Status) {
	return &c.Spec.Spec, &c.Status.Status
}

// Protected reports whether the claim must not be released yet.
func (c *PostgreSQLInstance) Protected() bool { return c.Spec.Protected() }

// RestoresFrom returns the cloud's name of what is to be restored, if anything.
func (c *PostgreSQLInstance) RestoresFrom() string { return c.Spec.RestoresFrom() }
