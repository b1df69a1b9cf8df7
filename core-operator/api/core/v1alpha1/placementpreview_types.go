// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// PlacementPreviewSpec asks where an application would run: one that exists, or one
// that is only described here.
//
// +kubebuilder:validation:XValidation:rule="!has(self.applicationRef) || !(has(self.targetRef) || has(self.placement) || has(self.uses) || has(self.requests) || has(self.labels))",message="either name an application or describe one"
type PlacementPreviewSpec struct {
	// ApplicationRef names a KubernetesApplication of this namespace. It counts as
	// being where it is now.
	// +optional
	ApplicationRef *v1alpha1.Reference `json:"applicationRef,omitempty"`

	// TargetRef is as in a KubernetesApplication.
	// +optional
	TargetRef *v1alpha1.Reference `json:"targetRef,omitempty"`

	// Placement is as in a KubernetesApplication. Absent: anywhere.
	// +optional
	Placement *workload.Placement `json:"placement,omitempty"`

	// Uses are the claims of this namespace that the application would use.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Uses []workload.Use `json:"uses,omitempty"`

	// Requests are what it would take of a target: cpu, memory, pods and others.
	// Absent: what placement.requests says, or else it needs no room.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(r, type(self[r]) == int || !self[r].matches('e...'))",message="nobody can mean an exponent of so many digits"
	// +kubebuilder:validation:XValidation:rule="self.all(r, type(self[r]) == int || !self[r].matches('E...'))",message="nobody can mean an exponent of so many digits"
	Requests map[string]resource.Quantity `json:"requests,omitempty"`

	// Labels that it would have, for the affinity of others and its own.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	Labels map[string]LabelText `json:"labels,omitempty"`
}

// LabelText is the value of a label.
// +kubebuilder:validation:MaxLength=63
type LabelText string

// PreviewCandidate says of one target whether the application could run there.
type PreviewCandidate struct {
	// Target is the name of the KubernetesTarget.
	Target string `json:"target"`

	// Reason why it could not, in one word; absent where it could.
	// +optional
	Reason string `json:"reason,omitempty"`

	// Message says why not, in words.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`

	// Score, more being better, of a target where it could run.
	// +optional
	Score int64 `json:"score,omitempty"`

	// Terms of the score.
	// +optional
	// +listType=atomic
	Terms []workload.ScoreTerm `json:"terms,omitempty"`

	// Claims says where each claim would be satisfied, and by which class.
	// +optional
	// +listType=atomic
	Claims []workload.ClaimPlacement `json:"claims,omitempty"`
}

// PlacementPreviewStatus is the answer. It is given once for each generation of the
// spec, and again when that is requested by annotation.
type PlacementPreviewStatus struct {
	// Conditions: Ready is True once it was answered.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchMergeKey:"type" patchStrategy:"merge"`

	// ObservedGeneration is the generation of the spec that was answered.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Target on which the application would run. Absent where there is none.
	// +optional
	Target string `json:"target,omitempty"`

	// Location of the target.
	// +optional
	Location *v1alpha1.Location `json:"location,omitempty"`

	// Feasible is on how many targets it could run.
	// +optional
	Feasible int32 `json:"feasible,omitempty"`

	// Rejected counts the other targets, by why not.
	// +optional
	// +listType=atomic
	Rejected []workload.Rejection `json:"rejected,omitempty"`

	// Candidates are the targets that the namespace may use: best first those on
	// which it could run, then the others. More than 500 are not listed.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=500
	Candidates []PreviewCandidate `json:"candidates,omitempty"`

	// LastHandledReconcileAt is the value of the annotation
	// crossplane.io/reconcile-requested-at that was answered last.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}

// PlacementPreview answers where an application would run, with which classes for
// its claims, and why not elsewhere. Nothing comes of it.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,categories={crossplane},shortName={preview}
// +kubebuilder:printcolumn:name="Application",type=string,JSONPath=`.spec.applicationRef.name`
// +kubebuilder:printcolumn:name="Target",type=string,JSONPath=`.status.target`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.status.location.region`
// +kubebuilder:printcolumn:name="Feasible",type=integer,JSONPath=`.status.feasible`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Scheduled")].reason`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Scheduled")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type PlacementPreview struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what is asked.
	Spec PlacementPreviewSpec `json:"spec"`

	// Status is the answer.
	// +optional
	// +kubebuilder:default:={conditions: {{type: "Ready", status: "Unknown", reason: "Pending", message: "Waiting for core-operator", lastTransitionTime: "1970-01-01T00:00:00Z"}}}
	Status PlacementPreviewStatus `json:"status,omitempty"`
}

// PlacementPreviewList is a list of PlacementPreviews.
//
// +kubebuilder:object:root=true
type PlacementPreviewList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// Items of the list.
	Items []PlacementPreview `json:"items"`
}
