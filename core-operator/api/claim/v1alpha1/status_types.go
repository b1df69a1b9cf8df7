// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Status is inlined in the status of every claim. Only core writes it.
type Status struct {
	// Conditions: Ready and Synced, and while True, Reconciling and Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchMergeKey:"type" patchStrategy:"merge"`

	// ObservedGeneration is the generation of the spec that the conditions are
	// about and that was rendered last.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Actor says who can act on what keeps the claim from being ready: Developer
	// (who wrote the claim), Administrator (of classes, providers and managed
	// resources) or Cloud. Absent where nobody has to.
	// +optional
	Actor v1alpha1.Actor `json:"actor,omitempty"`

	// Class that was chosen, and the revision of it that is used. It is written
	// before anything is created.
	// +optional
	Class *ChosenClass `json:"class,omitempty"`

	// Attempt counts the options that were tried, from 1. It is part of the names
	// of what is created.
	// +optional
	Attempt int32 `json:"attempt,omitempty"`

	// FailedAttempts lists options that the cloud had no quota or no capacity for.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	FailedAttempts []FailedAttempt `json:"failedAttempts,omitempty"`

	// Location where the service is, or will be.
	// +optional
	Location *v1alpha1.Location `json:"location,omitempty"`

	// Target is the name of the KubernetesTarget with which the location was decided:
	// that of the application that uses the claim. Absent where it was decided
	// without one.
	// +optional
	Target string `json:"target,omitempty"`

	// ResourceRef names the managed resource that the claim is, or will be, bound to.
	// +optional
	ResourceRef *ResourceReference `json:"resourceRef,omitempty"`

	// Resources lists everything that was made for the claim, the one of
	// resourceRef included.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=256
	Resources []RenderedResource `json:"resources,omitempty"`

	// OpenedFor is a digest of the targets from which the path was opened. Of no use
	// to anyone but core.
	// +optional
	OpenedFor string `json:"openedFor,omitempty"`

	// BoundTime is when the claim was Bound for the first time. From then on its
	// resource may hold data, and no other takes its place.
	// +optional
	BoundTime *metav1.Time `json:"boundTime,omitempty"`

	// Binding names the connection secret, as servicebinding.io wants it of a
	// provisioned service.
	// +optional
	Binding *Binding `json:"binding,omitempty"`

	// LastHandledRotationAt is the value of the annotation
	// crossplane.io/rotate-password-requested-at that was carried out last.
	// +optional
	LastHandledRotationAt string `json:"lastHandledRotationAt,omitempty"`
}

// ChosenClass is a class as it was when it was chosen.
type ChosenClass struct {
	// Name of the ResourceClass.
	Name string `json:"name"`
	// Revision is the name of the ControllerRevision, in core's namespace, that
	// holds the class's spec as it is used for this claim.
	Revision string `json:"revision"`
}

// FailedAttempt is an option that could not be had.
type FailedAttempt struct {
	// Class that was tried.
	Class string `json:"class"`
	// Region that was tried.
	// +optional
	Region string `json:"region,omitempty"`
	// Reason why it failed.
	Reason string `json:"reason"`
}

// ResourceReference names a managed resource.
type ResourceReference struct {
	// APIVersion of the resource's kind.
	APIVersion string `json:"apiVersion"`
	// Kind of the resource.
	Kind string `json:"kind"`
	// Name of the resource.
	Name string `json:"name"`
}

// RenderedResource is a managed resource that was made for a claim.
type RenderedResource struct {
	ResourceReference `json:",inline"`

	// Role is the name that the class gives this resource; for one of several
	// that are made by forEach, with its number.
	Role string `json:"role"`

	// Primary is true for the resource that the claim is bound to.
	// +optional
	Primary bool `json:"primary,omitempty"`

	// Target is the name of the target from which this resource opens the path to
	// the service; absent for all others.
	// +optional
	Target string `json:"target,omitempty"`

	// Generation of the resource's spec when it was last compared with what the
	// class says; absent until the claim is Bound.
	// +optional
	Generation int64 `json:"generation,omitempty"`

	// Leaving is true for a resource that is no longer wanted and not gone yet.
	// +optional
	Leaving bool `json:"leaving,omitempty"`

	// ExternalName is the cloud's name of the resource, once it is known.
	// +optional
	ExternalName string `json:"externalName,omitempty"`
}

// Binding is what a consumer of the claim needs to know.
type Binding struct {
	// Name of the connection secret, in the claim's namespace.
	Name string `json:"name"`

	// Revision counts the changes of the secret's content, from 1.
	Revision int64 `json:"revision"`

	// Digest of the connection details that are not secret, of which the secret
	// was composed. Of no use to anyone but core.
	// +optional
	Digest string `json:"digest,omitempty"`
}
