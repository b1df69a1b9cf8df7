// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// ClusterState says how a cluster of a pool is.
//
// +kubebuilder:validation:Enum=Pending;Ready;Movable;Idle;Draining;Deleting
type ClusterState string

// The states of a cluster.
const (
	// ClusterPending: it is being made, and was not a usable target yet.
	ClusterPending ClusterState = "Pending"
	// ClusterReady: applications are on it, or are about to be placed there.
	ClusterReady ClusterState = "Ready"
	// ClusterMovable: applications are on it, and all of them would find a place
	// elsewhere; if that stays so it is drained.
	ClusterMovable ClusterState = "Movable"
	// ClusterIdle: no application is on it.
	ClusterIdle ClusterState = "Idle"
	// ClusterDraining: nothing is placed on it any more, and what is on it is moved away
	// if drain says so; it goes once it is found empty.
	ClusterDraining ClusterState = "Draining"
	// ClusterDeleting: its claim is deleted; that, or its target, is not gone yet.
	ClusterDeleting ClusterState = "Deleting"
)

// DrainReason says why the applications on a cluster are moved away.
//
// +kubebuilder:validation:Enum=Movable;MaxExceeded
type DrainReason string

// The reasons.
const (
	// DrainMovable: it was Movable for as long as drain says.
	DrainMovable DrainReason = "Movable"
	// DrainMaxExceeded: there are more clusters than max says now.
	DrainMaxExceeded DrainReason = "MaxExceeded"
)

// PoolCluster is a cluster that a pool made, or is about to make.
type PoolCluster struct {
	// Name of its KubernetesCluster claim, in the pool's namespace.
	Name string `json:"name"`

	// UID of the claim; absent until it is known to be there.
	// +optional
	UID types.UID `json:"uid,omitempty"`

	// Template that it was made by.
	Template string `json:"template"`

	// State of the cluster.
	State ClusterState `json:"state"`

	// Since when it has been in this state.
	Since metav1.Time `json:"since"`

	// Target is the name of its KubernetesTarget, which is there once the claim is Bound.
	Target string `json:"target"`

	// HourlyCost that its template had when it was made.
	// +optional
	HourlyCost *resource.Quantity `json:"hourlyCost,omitempty"`

	// For are the applications that wait for it, 20 at most.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	For []PoolApplication `json:"for,omitempty"`

	// Drain says why the applications on it are moved away; absent where they are not.
	// +optional
	Drain DrainReason `json:"drain,omitempty"`

	// Moving are the applications that were told to leave it, and are not Ready
	// elsewhere yet.
	// +optional
	// +listType=map
	// +listMapKey=uid
	// +kubebuilder:validation:MaxItems=20
	Moving []MovingApplication `json:"moving,omitempty"`

	// Kept says why it stayed when it was drained last, or why it can't be drained
	// although there are more clusters than max says.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Kept string `json:"kept,omitempty"`

	// Reason why it is removed before it was ever ready: QuotaExceeded for example.
	// Nothing else is made for what it was made for until it is gone.
	// +optional
	Reason string `json:"reason,omitempty"`
}

// PoolApplication names an application that waits for a cluster.
type PoolApplication struct {
	// Namespace of the application.
	Namespace string `json:"namespace"`
	// Name of the application.
	Name string `json:"name"`
	// UID of the application.
	UID types.UID `json:"uid"`
}

// MovingApplication is an application on its way from a cluster that is drained.
type MovingApplication struct {
	PoolApplication `json:",inline"`

	// Since when it may move.
	Since metav1.Time `json:"since"`

	// WasReady: it was Ready before, and is on the move until it is Ready again. Of
	// another one it is not expected.
	// +optional
	WasReady bool `json:"wasReady,omitempty"`
}

// TemplateStatus is what was found out about a template.
type TemplateStatus struct {
	// Name of the template.
	Name string `json:"name"`

	// Digest of the template as it was then: what is known of it as it was before is
	// no longer of use.
	Digest string `json:"digest"`

	// Capacity that clusters of it have had at most, where the template does not say.
	// +optional
	Capacity map[string]resource.Quantity `json:"capacity,omitempty"`

	// Failure is why it could not be had, until a cluster of it is ready. Meanwhile the
	// templates after it are used; it is tried again five minutes after it failed,
	// then ten, at last once an hour.
	// +optional
	Failure *TemplateFailure `json:"failure,omitempty"`
}

// TemplateFailure says why clusters of a template could not be had.
type TemplateFailure struct {
	// Reason of the claim's Ready condition, for example QuotaExceeded.
	Reason string `json:"reason"`
	// Message of the claim.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Message string `json:"message,omitempty"`
	// Count of attempts that failed one after the other.
	Count int32 `json:"count"`
	// Time of the last of them.
	Time metav1.Time `json:"time"`
}

// ClusterPoolStatus says which clusters there are.
type ClusterPoolStatus struct {
	// Conditions: Ready (as many clusters as min says can be used) and Synced (nothing
	// keeps the pool from having as many as are needed), and while True, Reconciling
	// and Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchMergeKey:"type" patchStrategy:"merge"`

	// ObservedGeneration is the generation of the spec that the conditions are about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Replicas is how many clusters there are, those that are being made or removed
	// included.
	// +optional
	Replicas int32 `json:"replicas"`

	// ReadyReplicas is how many of them are Ready, Movable or Idle.
	// +optional
	ReadyReplicas int32 `json:"readyReplicas"`

	// Selector finds the pool's claims by their labels.
	// +optional
	Selector string `json:"selector,omitempty"`

	// Window is the schedule that is open; absent where none is.
	// +optional
	Window string `json:"window,omitempty"`

	// HourlyCost of all clusters of which it is known.
	// +optional
	HourlyCost *resource.Quantity `json:"hourlyCost,omitempty"`

	// Made counts the clusters that were ever begun: it is the number in their names.
	// +optional
	Made int64 `json:"made,omitempty"`

	// Clusters of the pool. Each is here before its claim is made, and until that is
	// proven gone.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=200
	Clusters []PoolCluster `json:"clusters,omitempty"`

	// Templates of which something was found out.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	Templates []TemplateStatus `json:"templates,omitempty"`
}
