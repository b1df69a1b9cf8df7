// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Reference names a cluster-scoped object of a kind that the field's place fixes.
type Reference struct {
	// Name of the object.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// SecretReference names a Secret. Only operators write one; no field that a
// tenant can write has this type.
type SecretReference struct {
	// Namespace of the secret.
	Namespace string `json:"namespace"`
	// Name of the secret.
	Name string `json:"name"`
}

// ClaimReference says which claim a managed resource is bound to. Writing it is
// what binds: of two claims that try, the one whose write succeeds has won.
type ClaimReference struct {
	// Group of the claim's kind, for example database.crossplane.io.
	Group string `json:"group"`
	// Kind of the claim, for example MySQLInstance.
	Kind string `json:"kind"`
	// Namespace of the claim.
	Namespace string `json:"namespace"`
	// Name of the claim.
	Name string `json:"name"`
	// UID of the claim. A claim of the same name and another uid is not this claim.
	UID string `json:"uid"`
}

// BindableBy says whose claims may bind a managed resource statically. An empty
// one allows nobody; every part that is given must fit.
type BindableBy struct {
	// Namespaces whose claims may bind the resource.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=100
	Namespaces []string `json:"namespaces,omitempty"`

	// NamespaceSelector chooses, by label, namespaces whose claims may bind the
	// resource, beside those listed in namespaces.
	// +optional
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`
}

// Admits reports whether a namespace with these labels is among those allowed. One
// that is absent allows nobody's.
func (b *BindableBy) Admits(namespace string, of map[string]string) bool {
	if b == nil {
		return false
	}
	if slices.Contains(b.Namespaces, namespace) {
		return true
	}
	selector, err := metav1.LabelSelectorAsSelector(b.NamespaceSelector) // none selects nothing
	return err == nil && selector.Matches(labels.Set(of))
}

// ReclaimPolicy says what becomes of a managed resource whose claim is deleted.
// +kubebuilder:validation:Enum=Delete;Retain
type ReclaimPolicy string

// The reclaim policies.
const (
	// ReclaimDelete deletes the managed resource.
	ReclaimDelete ReclaimPolicy = "Delete"
	// ReclaimRetain keeps it, released, until an administrator decides.
	ReclaimRetain ReclaimPolicy = "Retain"
)

// DeletionPolicy says what becomes of a cloud resource whose managed resource
// is deleted.
// +kubebuilder:validation:Enum=Delete;Orphan
type DeletionPolicy string

// The deletion policies.
const (
	// DeletionDelete deletes the cloud resource.
	DeletionDelete DeletionPolicy = "Delete"
	// DeletionOrphan leaves it where it is.
	DeletionOrphan DeletionPolicy = "Orphan"
)

// ManagementPolicy says how much the operator may do with the cloud resource.
// +kubebuilder:validation:Enum=Full;ObserveOnly
type ManagementPolicy string

// The management policies.
const (
	// ManagementFull creates, changes and deletes.
	ManagementFull ManagementPolicy = "Full"
	// ManagementObserveOnly only looks: nothing is ever changed in the cloud.
	ManagementObserveOnly ManagementPolicy = "ObserveOnly"
)

// BindingSpec is what binding a managed resource to a claim needs. A kind that has
// no Provider embeds it alone.
type BindingSpec struct {
	// ClaimRef is the claim that this resource is bound to. Core writes it; an
	// administrator removes it to make a released resource bindable again.
	// +optional
	ClaimRef *ClaimReference `json:"claimRef,omitempty"`

	// BindableBy says whose claims may bind this resource when it was not made
	// for a claim. Absent: nobody's.
	// +optional
	BindableBy *BindableBy `json:"bindableBy,omitempty"`

	// ReclaimPolicy says what becomes of this object when the claim that it is
	// bound to is deleted. Absent: Retain.
	// +optional
	ReclaimPolicy ReclaimPolicy `json:"reclaimPolicy,omitempty"`
}

// ManagedSpec is inlined in the spec of every managed resource that a Provider's
// account has.
type ManagedSpec struct {
	// ProviderRef names the Provider whose account and credentials are used.
	ProviderRef Reference `json:"providerRef"`

	BindingSpec `json:",inline"`

	// DeletionPolicy says what becomes of the cloud resource when this object is
	// deleted. Absent: Delete.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// ManagementPolicy ObserveOnly reports on an existing cloud resource, named
	// by the annotation crossplane.io/external-name, without ever changing it.
	// Absent: Full.
	// +optional
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`
}

// ObserveOnly reports whether the cloud resource must not be touched.
func (s *ManagedSpec) ObserveOnly() bool { return s.ManagementPolicy == ManagementObserveOnly }

// Orphan reports whether the cloud resource outlives the object.
func (s *ManagedSpec) Orphan() bool {
	return s.DeletionPolicy == DeletionOrphan || s.ObserveOnly()
}

// Location says where a cloud resource is.
type Location struct {
	// Provider is the cloud: aws, gcp, azure, or the name of another provider.
	// +optional
	Provider string `json:"provider,omitempty"`
	// Region in the cloud's own words, for example us-east-1.
	// +optional
	Region string `json:"region,omitempty"`
	// Zone in the cloud's own words, for example us-east-1a.
	// +optional
	Zone string `json:"zone,omitempty"`
}

// Network says where what runs on a cluster is, as a firewall sees it.
type Network struct {
	// ID of the network in the cloud's own words: a VPC's id, a network's name, a
	// subnet's resource id.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	ID string `json:"id,omitempty"`

	// CIDRs are the addresses that pods and nodes have within the network.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=43
	CIDRs []string `json:"cidrs,omitempty"`

	// EgressCIDRs are the addresses from which the cluster's traffic reaches the
	// Internet.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=43
	EgressCIDRs []string `json:"egressCIDRs,omitempty"`

	// Groups are those that the nodes are members of, where the cloud lets traffic
	// through by membership: security groups' ids.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=128
	Groups []string `json:"groups,omitempty"`
}

// Offer says which claim kind a managed resource can satisfy.
type Offer struct {
	// Group of the claim kind.
	Group string `json:"group"`
	// Kind of the claim.
	Kind string `json:"kind"`
	// Attributes that a claim is matched against, by the name of the claim's
	// field: engineVersion (matches a claim's version as a prefix), storageGiB
	// (at least), and others (equal).
	// +optional
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Reach says from where a resource's endpoint can be reached.
// +kubebuilder:validation:Enum=Cluster;Network;Internet
type Reach string

// The reaches.
const (
	ReachCluster  Reach = "Cluster"
	ReachNetwork  Reach = "Network"
	ReachInternet Reach = "Internet"
)

// ManagedStatus is inlined in the status of every managed resource.
type ManagedStatus struct {
	// ObservedGeneration is the generation of the spec that the conditions are about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Conditions: Ready and Synced, and while True, Reconciling and Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchMergeKey:"type" patchStrategy:"merge"`

	// Location of the cloud resource.
	// +optional
	Location *Location `json:"location,omitempty"`

	// Offers names the claim kind that this resource can satisfy.
	// +optional
	Offers *Offer `json:"offers,omitempty"`

	// Connection holds what a client needs to connect and is not secret, by the
	// key that it has in a claim's connection secret: host, port, username,
	// database, tls, ca.crt and so on. Absent until the resource is usable.
	// +optional
	Connection map[string]string `json:"connection,omitempty"`

	// ConnectionSecretRef names the secret that holds the rest, for example the
	// password. It lives in the operator's namespace for connection secrets.
	// +optional
	ConnectionSecretRef *SecretReference `json:"connectionSecretRef,omitempty"`

	// ConnectionRevision counts the contents that the connection secret has had;
	// whoever copies the secret looks at it again when this number changes.
	// +optional
	ConnectionRevision int64 `json:"connectionRevision,omitempty"`

	// FirstReadyTime is when the resource was usable for the first time. From
	// then on it may hold data.
	// +optional
	FirstReadyTime *metav1.Time `json:"firstReadyTime,omitempty"`

	// Drift lists the fields of spec.forProvider whose value in the cloud differs.
	// +optional
	// +listType=atomic
	Drift []string `json:"drift,omitempty"`

	// Reach says from where the endpoint can be reached.
	// +optional
	Reach Reach `json:"reach,omitempty"`

	// Network of a cluster: where traffic from what runs on it comes from.
	// +optional
	Network *Network `json:"network,omitempty"`

	// LastHandledReconcileAt is the value of the annotation
	// crossplane.io/reconcile-requested-at that was answered last.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`

	// LastHandledRotationAt is the value of the annotation
	// crossplane.io/rotate-password-requested-at that was carried out last.
	// +optional
	LastHandledRotationAt string `json:"lastHandledRotationAt,omitempty"`
}
