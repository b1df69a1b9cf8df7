// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FinalizerProvider keeps a Provider until no managed resource uses it.
const FinalizerProvider = "crossplane.io/provider"

// Reasons of the conditions of Providers, beside those of managed resources
// that apply to them (CredentialsMissing, PermissionDenied, Throttled, ...).
const (
	// ReasonVerified: the cloud accepted the credentials and said whose they are.
	ReasonVerified = "Verified"
	// ReasonInUse: the Provider is being deleted, and managed resources use it.
	ReasonInUse = "InUse"
	// ReasonTrustMissing: the CA bundle that the Provider refers to is not there
	// or holds no certificate.
	ReasonTrustMissing = "CABundleMissing"
)

// SecretKeyReference names one key of a Secret in the operator's own namespace.
type SecretKeyReference struct {
	// Name of the secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// Key in the secret's data.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`
}

// ConfigMapKeyReference names one key of a ConfigMap in the operator's own namespace.
type ConfigMapKeyReference struct {
	// Name of the config map.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// Key in the config map's data.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`
}

// CABundle holds the certificates with which clients verify the servers that a
// cloud runs for us, for clouds whose API does not hand them out.
// +kubebuilder:validation:XValidation:rule="has(self.pem) != has(self.configMapRef)",message="set either pem or configMapRef"
type CABundle struct {
	// PEM is the bundle itself: one or more CERTIFICATE blocks.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=524288
	PEM string `json:"pem,omitempty"`

	// ConfigMapRef names the key of a ConfigMap, in the operator's own
	// namespace, that holds the bundle.
	// +optional
	ConfigMapRef *ConfigMapKeyReference `json:"configMapRef,omitempty"`
}

// ProviderStatus is inlined in the status of every Provider. Who the
// credentials belong to is reported beside it, in each cloud's own terms.
type ProviderStatus struct {
	// ObservedGeneration is the generation of the spec that the conditions are about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Conditions: Ready (the cloud accepts the credentials) and Synced (the last
	// look at them succeeded), and while True, Reconciling and Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchMergeKey:"type" patchStrategy:"merge"`

	// CredentialsVersion is an opaque word that changes whenever other
	// credentials come into use; what was refused before is then worth trying again.
	// +optional
	CredentialsVersion string `json:"credentialsVersion,omitempty"`

	// LastHandledReconcileAt is the value of the annotation
	// crossplane.io/reconcile-requested-at that was answered last.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}
