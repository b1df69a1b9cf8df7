// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// CredentialsSource says where the operator gets its AWS credentials from.
// +kubebuilder:validation:Enum=Secret;InjectedIdentity;WebIdentity
type CredentialsSource string

// The sources of credentials.
const (
	// CredentialsSecret: access keys in a Secret.
	CredentialsSecret CredentialsSource = "Secret"
	// CredentialsInjected: whatever the AWS SDK finds in the operator's
	// environment: variables, EKS pod identity, IAM roles for service accounts,
	// an instance profile.
	CredentialsInjected CredentialsSource = "InjectedIdentity"
	// CredentialsWebIdentity: the operator's own service account token,
	// exchanged for a role's credentials.
	CredentialsWebIdentity CredentialsSource = "WebIdentity"
)

// SecretCredentials names the Secret that holds access keys.
type SecretCredentials struct {
	// Name of the secret, in the operator's own namespace. With no key given
	// below it holds either a key `credentials` in the format of
	// ~/.aws/credentials, or the keys `access_key_id`, `secret_access_key` and,
	// for temporary credentials, `session_token`.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// Key whose value has the format of ~/.aws/credentials. Absent:
	// `credentials`, or the three keys above.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`

	// Profile is the section of that file to use. Absent: default.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Profile string `json:"profile,omitempty"`
}

// WebIdentity says which role the operator's service account token is good for.
type WebIdentity struct {
	// RoleARN of the role to assume. Its trust policy must accept the token's
	// issuer, subject and audience.
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:iam::[0-9]{12}:role/.+$`
	// +kubebuilder:validation:MaxLength=2048
	RoleARN string `json:"roleARN"`
}

// Credentials say as whom the operator works in AWS.
// +kubebuilder:validation:XValidation:rule="(self.source == 'Secret') == has(self.secretRef)",message="secretRef goes with source Secret, and only with it"
// +kubebuilder:validation:XValidation:rule="(self.source == 'WebIdentity') == has(self.webIdentity)",message="webIdentity goes with source WebIdentity, and only with it"
type Credentials struct {
	// Source of the credentials.
	Source CredentialsSource `json:"source"`

	// SecretRef names the secret with the access keys. The operator notices a
	// change of the secret and uses the new keys at once.
	// +optional
	SecretRef *SecretCredentials `json:"secretRef,omitempty"`

	// WebIdentity names the role to assume.
	// +optional
	WebIdentity *WebIdentity `json:"webIdentity,omitempty"`
}

// ProviderSpec says which AWS account to work in, and as whom.
type ProviderSpec struct {
	// Credentials of the identity that the operator works as.
	Credentials Credentials `json:"credentials"`

	// Region whose STS endpoint verifies the credentials, for example
	// eu-west-1; managed resources name their own. Absent: AWS_REGION of the
	// operator, or us-east-1. Accounts in other partitions (China, GovCloud)
	// need it.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z]{2}(-[a-z]+)+-[0-9]+$`
	// +kubebuilder:validation:MaxLength=32
	Region string `json:"region,omitempty"`

	// CABundle holds the certificates that clients verify RDS instances with;
	// AWS publishes them, its API does not return them. Of a bundle for all
	// regions only the certificates of an instance's region are handed on.
	// Absent: connection secrets have no ca.crt.
	// +optional
	CABundle *v1alpha1.CABundle `json:"caBundle,omitempty"`
}

// Identity is whom AWS takes the operator for.
type Identity struct {
	// Account id, twelve digits.
	// +optional
	Account string `json:"account,omitempty"`
	// ARN of the user or the assumed role.
	// +optional
	ARN string `json:"arn,omitempty"`
	// UserID is AWS's unique id of it.
	// +optional
	UserID string `json:"userID,omitempty"`
}

// ProviderStatus says whether AWS accepts the credentials, and as whom.
type ProviderStatus struct {
	v1alpha1.ProviderStatus `json:",inline"`

	// Identity that was verified last.
	// +optional
	Identity *Identity `json:"identity,omitempty"`
}

// Provider is an AWS account and the identity to work in it with. Managed
// resources refer to it by name; while any does, it can't be deleted.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,aws},shortName={awsprovider,awsproviders}
// +kubebuilder:metadata:labels="crossplane.io/contract=provider"
// +kubebuilder:metadata:labels="crossplane.io/operator=aws-operator"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Account",type=string,JSONPath=`.status.identity.account`
// +kubebuilder:printcolumn:name="Identity",type=string,JSONPath=`.status.identity.arn`,priority=1
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
