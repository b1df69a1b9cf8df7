// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// CredentialsSource says where the operator gets its Google Cloud credentials from.
// +kubebuilder:validation:Enum=Secret;WorkloadIdentityFederation;InjectedIdentity
type CredentialsSource string

// The sources of credentials.
const (
	// CredentialsSecret: the key of a service account in a Secret.
	CredentialsSecret CredentialsSource = "Secret"
	// CredentialsFederation: the operator's own service account token, exchanged
	// for access to Google Cloud.
	CredentialsFederation CredentialsSource = "WorkloadIdentityFederation"
	// CredentialsInjected: the application default credentials of the operator's
	// environment: a metadata server, as on GKE and Compute Engine, or the file
	// that GOOGLE_APPLICATION_CREDENTIALS names.
	CredentialsInjected CredentialsSource = "InjectedIdentity"
)

// WorkloadIdentity says what the operator's service account token is good for.
type WorkloadIdentity struct {
	// Audience is the full name of the provider of a workload identity pool:
	// //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER
	// +kubebuilder:validation:Pattern=`^//iam\.googleapis\.com/projects/[0-9]+/locations/[a-z0-9-]+/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+$`
	// +kubebuilder:validation:MaxLength=512
	Audience string `json:"audience"`

	// ServiceAccountEmail of the service account to act as. Its policy must
	// grant the pool's identity roles/iam.workloadIdentityUser. Absent: the
	// pool's identity acts itself.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9.-]+@[a-z0-9.-]+\.gserviceaccount\.com$`
	// +kubebuilder:validation:MaxLength=254
	ServiceAccountEmail string `json:"serviceAccountEmail,omitempty"`
}

// Credentials say as whom the operator works in Google Cloud.
// +kubebuilder:validation:XValidation:rule="(self.source == 'Secret') == has(self.secretRef)",message="secretRef goes with source Secret, and only with it"
// +kubebuilder:validation:XValidation:rule="(self.source == 'WorkloadIdentityFederation') == has(self.workloadIdentity)",message="workloadIdentity goes with source WorkloadIdentityFederation, and only with it"
type Credentials struct {
	// Source of the credentials.
	Source CredentialsSource `json:"source"`

	// SecretRef names the key of a Secret, in the operator's own namespace, that
	// holds a service account's key as Google hands it out (JSON). Only the
	// account's address and the key itself are read of it: no address in it is
	// ever called. The operator notices a change and uses the new key at once.
	// +optional
	SecretRef *v1alpha1.SecretKeyReference `json:"secretRef,omitempty"`

	// WorkloadIdentity says what to exchange the operator's token for.
	// +optional
	WorkloadIdentity *WorkloadIdentity `json:"workloadIdentity,omitempty"`
}

// ProviderSpec says which project to work in, and as whom.
type ProviderSpec struct {
	// ProjectID of the project that resources are in. Never changes.
	// +kubebuilder:validation:Pattern=`^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$`
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a provider stays with its project: make another for another project"
	ProjectID string `json:"projectID"`

	// Credentials of the identity that the operator works as.
	Credentials Credentials `json:"credentials"`
}

// Identity is whom Google Cloud takes the operator for, and where.
type Identity struct {
	// ProjectID of the project, as Google Cloud says it.
	// +optional
	ProjectID string `json:"projectID,omitempty"`
	// ProjectNumber is Google Cloud's own number of the project.
	// +optional
	ProjectNumber string `json:"projectNumber,omitempty"`
	// Email of the service account; absent for a federated identity that acts
	// itself.
	// +optional
	Email string `json:"email,omitempty"`
}

// ProviderStatus says whether Google Cloud accepts the credentials, and as whom.
type ProviderStatus struct {
	v1alpha1.ProviderStatus `json:",inline"`

	// Identity that was verified last.
	// +optional
	Identity *Identity `json:"identity,omitempty"`
}

// Provider is a project of Google Cloud and the identity to work in it with.
// Managed resources refer to it by name; while any does, it can't be deleted.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,gcp},shortName={gcpprovider,gcpproviders}
// +kubebuilder:metadata:labels="crossplane.io/contract=provider"
// +kubebuilder:metadata:labels="crossplane.io/operator=gcp-operator"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Project",type=string,JSONPath=`.spec.projectID`
// +kubebuilder:printcolumn:name="Identity",type=string,JSONPath=`.status.identity.email`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Provider struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ProviderSpec `json:"spec"`

	// +optional
	// +kubebuilder:default={conditions:{{type:"Ready",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"},{type:"Synced",status:"Unknown",reason:"Pending",message:"Waiting for the operator",lastTransitionTime:"1970-01-01T00:00:00Z"}}}
	Status ProviderStatus `json:"status,omitempty"`
}

// ProviderStatus hands out what every Provider's status has.
func (p *Provider) ProviderStatus() *v1alpha1.ProviderStatus { return &p.Status.ProviderStatus }

// ProviderList is a list of Providers.
//
// +kubebuilder:object:root=true
type ProviderList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Provider `json:"items"`
}
