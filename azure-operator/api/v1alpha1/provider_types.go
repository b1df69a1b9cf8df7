// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// CredentialsSource says what the operator proves its identity with.
// +kubebuilder:validation:Enum=Secret;FederatedToken;ManagedIdentity
type CredentialsSource string

// The sources of credentials.
const (
	// CredentialsSecret: a client secret of an application, in a Secret.
	CredentialsSecret CredentialsSource = "Secret"
	// CredentialsFederated: the operator's own service account token, which an
	// application trusts (workload identity).
	CredentialsFederated CredentialsSource = "FederatedToken"
	// CredentialsManaged: the managed identity of the machine that the operator
	// runs on.
	CredentialsManaged CredentialsSource = "ManagedIdentity"
)

// Credentials say as whom the operator works in Azure.
// +kubebuilder:validation:XValidation:rule="(self.source == 'Secret') == has(self.secretRef)",message="secretRef goes with source Secret, and only with it"
// +kubebuilder:validation:XValidation:rule="self.source == 'ManagedIdentity' || has(self.clientID)",message="clientID is required, but for source ManagedIdentity"
type Credentials struct {
	// Source of the credentials.
	Source CredentialsSource `json:"source"`

	// ClientID of the application, or of a user-assigned managed identity.
	// Absent, for source ManagedIdentity: the machine's own identity.
	// +optional
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`
	// +kubebuilder:validation:MaxLength=36
	ClientID string `json:"clientID,omitempty"`

	// SecretRef names the key of a Secret, in the operator's own namespace, that
	// holds the application's client secret: its value, not its id. The operator
	// notices a change of the secret and uses the new one at once.
	// +optional
	SecretRef *v1alpha1.SecretKeyReference `json:"secretRef,omitempty"`
}

// ProviderSpec says which Azure subscription to work in, and as whom.
type ProviderSpec struct {
	// SubscriptionID of the subscription to work in. Never changes.
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`
	// +kubebuilder:validation:MaxLength=36
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="subscriptionID can't change: what was made is in the old one"
	SubscriptionID string `json:"subscriptionID"`

	// TenantID of the Microsoft Entra tenant that the identity belongs to.
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`
	// +kubebuilder:validation:MaxLength=36
	TenantID string `json:"tenantID"`

	// Credentials of the identity that the operator works as.
	Credentials Credentials `json:"credentials"`

	// CABundle holds the certificates that clients verify servers with; Azure
	// publishes them, its API does not return them. Absent: connection secrets
	// have no ca.crt.
	// +optional
	CABundle *v1alpha1.CABundle `json:"caBundle,omitempty"`
}

// Identity is whom Azure takes the operator for, and where.
type Identity struct {
	// SubscriptionID of the subscription.
	// +optional
	SubscriptionID string `json:"subscriptionID,omitempty"`
	// SubscriptionName is what people call it.
	// +optional
	SubscriptionName string `json:"subscriptionName,omitempty"`
	// TenantID of the identity.
	// +optional
	TenantID string `json:"tenantID,omitempty"`
	// ClientID of the application or managed identity.
	// +optional
	ClientID string `json:"clientID,omitempty"`
	// ObjectID of its service principal: what roles are assigned to.
	// +optional
	ObjectID string `json:"objectID,omitempty"`
}

// ProviderStatus says whether Azure accepts the credentials, and as whom.
type ProviderStatus struct {
	v1alpha1.ProviderStatus `json:",inline"`

	// Identity that was verified last.
	// +optional
	Identity *Identity `json:"identity,omitempty"`
}

// Provider is an Azure subscription and the identity to work in it with. Managed
// resources refer to it by name; while any does, it can't be deleted.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,azure},shortName={azureprovider,azureproviders}
// +kubebuilder:metadata:labels="crossplane.io/contract=provider"
// +kubebuilder:metadata:labels="crossplane.io/operator=azure-operator"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Subscription",type=string,JSONPath=`.status.identity.subscriptionName`
// +kubebuilder:printcolumn:name="Client",type=string,JSONPath=`.status.identity.clientID`,priority=1
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
