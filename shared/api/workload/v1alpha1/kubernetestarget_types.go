// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// KubernetesTargetSpec says which cluster it is, and who may run what there.
//
// +kubebuilder:validation:XValidation:rule="has(self.kubeconfigSecretRef) != has(self.clusterRef)",message="say how the cluster is reached, by one of kubeconfigSecretRef and clusterRef"
type KubernetesTargetSpec struct {
	// KubeconfigSecretRef names the key of a Secret, in workload-operator's own
	// namespace, that holds a kubeconfig for the cluster: of an identity that may
	// make namespaces, service accounts and role bindings there, and impersonate
	// those service accounts. Tokens and client certificates have to be in it:
	// plugins to be run and paths of files are refused.
	// +optional
	KubeconfigSecretRef *v1alpha1.SecretKeyReference `json:"kubeconfigSecretRef,omitempty"`

	// ClusterRef names the managed resource that is the cluster: its operator
	// keeps a kubeconfig for this purpose. The target of a claimed cluster, which
	// is made when the claim is Bound, has it. Can't be changed.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a target can't move to another cluster"
	ClusterRef *ClusterReference `json:"clusterRef,omitempty"`

	// AllowedNamespaces says whose applications may run there. An empty or absent
	// one allows nobody's.
	// +optional
	AllowedNamespaces *v1alpha1.BindableBy `json:"allowedNamespaces,omitempty"`

	// Role is the ClusterRole, on the target, that applications have in their own
	// namespace there. It has to exist. Absent: edit.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Role string `json:"role,omitempty"`

	// Location of the cluster, for people and for placement.
	// +optional
	Location *v1alpha1.Location `json:"location,omitempty"`

	// Zones that it has nodes in, in the cloud's own words, for placement. Absent:
	// those of status.zones.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=63
	Zones []string `json:"zones,omitempty"`

	// Taints keep applications away that do not tolerate them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Taints []Taint `json:"taints,omitempty"`

	// Unschedulable: no more applications are placed there. Absent: false.
	// +optional
	Unschedulable bool `json:"unschedulable,omitempty"`

	// HourlyCost is what the cluster costs an hour, in whatever currency all such
	// figures have: 0.10 for example. Placement prefers cheaper targets. Absent: unknown.
	// +optional
	HourlyCost *resource.Quantity `json:"hourlyCost,omitempty"`

	// Capacity that the cluster offers once its autoscaler has added all nodes that it
	// may, by name: cpu, memory, pods and others. Placement counts on it, and the
	// autoscaler sees what is placed there as pods without a node. Absent: no more than
	// the nodes that are there.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	Capacity map[string]resource.Quantity `json:"capacity,omitempty"`

	// Network of the cluster, for the path from there to services. Absent: as the
	// managed resource of clusterRef says.
	// +optional
	Network *v1alpha1.Network `json:"network,omitempty"`

	// AbandonAfter is how long the cluster may be unreachable before an
	// application that is deleted here is let go although its objects may still
	// run there. Absent: never, the deletion waits.
	// +optional
	AbandonAfter *metav1.Duration `json:"abandonAfter,omitempty"`

	// AllowHub lets the cluster be the one that this control plane itself runs
	// on. Absent: false, it is refused.
	// +optional
	AllowHub bool `json:"allowHub,omitempty"`
}

// ClusterReference names a managed resource that is a Kubernetes cluster.
type ClusterReference struct {
	// APIVersion of its kind, for example compute.aws.crossplane.io/v1alpha1.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	APIVersion string `json:"apiVersion"`

	// Kind, for example EKSCluster.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind"`

	// Name of the object.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// Capacity is what a cluster has of what containers ask for, by its name in
// Kubernetes: cpu, memory, pods and others.
type Capacity struct {
	// Allocatable is what the nodes that take new pods offer together.
	// +optional
	Allocatable map[string]resource.Quantity `json:"allocatable,omitempty"`

	// Requested is what the pods that are there ask for together: those that
	// have ended do not count.
	// +optional
	Requested map[string]resource.Quantity `json:"requested,omitempty"`

	// Foreign is the part of it that is not known to be an application's of this
	// control plane: of the pods in other namespaces than those of its tenants, and
	// of those in a tenant's namespace of which it can't be said whose they are.
	// +optional
	Foreign map[string]resource.Quantity `json:"foreign,omitempty"`
}

// KubernetesTargetStatus says how the cluster is.
type KubernetesTargetStatus struct {
	// ObservedGeneration is the generation of the spec that the conditions are about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Conditions: Ready (it can be reached and used) and Synced (the last look
	// succeeded), and while True, Reconciling and Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchMergeKey:"type" patchStrategy:"merge"`

	// ClusterUID is the identity of the cluster: the uid of its kube-system. It
	// does not change; a kubeconfig that leads to another cluster is refused.
	// +optional
	ClusterUID string `json:"clusterUID,omitempty"`

	// Version of Kubernetes there, for example v1.35.2.
	// +optional
	Version string `json:"version,omitempty"`

	// Nodes is how many nodes are ready and take new pods.
	// +optional
	Nodes int32 `json:"nodes,omitempty"`

	// Zones that these nodes are in, as their label topology.kubernetes.io/zone says.
	// +optional
	// +listType=set
	Zones []string `json:"zones,omitempty"`

	// Capacity of these nodes, as of the last time that it changed by much.
	// +optional
	Capacity Capacity `json:"capacity,omitzero"`

	// Network of the cluster: the spec's, or that of the managed resource.
	// +optional
	Network *v1alpha1.Network `json:"network,omitempty"`

	// ReachableSince is since when the cluster has answered; absent while it does
	// not.
	// +optional
	ReachableSince *metav1.Time `json:"reachableSince,omitempty"`

	// UnreachableSince is since when the cluster has not answered; absent while
	// it does.
	// +optional
	UnreachableSince *metav1.Time `json:"unreachableSince,omitempty"`

	// LastHandledReconcileAt is the value of the annotation
	// crossplane.io/reconcile-requested-at that was answered last.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}

// KubernetesTarget is a cluster that applications can run on.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:metadata:labels="crossplane.io/contract=target"
// +kubebuilder:metadata:labels="crossplane.io/operator=workload-operator"
// +kubebuilder:resource:scope=Cluster,categories={crossplane},shortName={ktarget}
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.status.version`
// +kubebuilder:printcolumn:name="Nodes",type=integer,JSONPath=`.status.nodes`
// +kubebuilder:printcolumn:name="Provider",type=string,JSONPath=`.spec.location.provider`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.location.region`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="a target's name has at most 63 characters"
type KubernetesTarget struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what an administrator says of the cluster.
	Spec KubernetesTargetSpec `json:"spec"`

	// Status is how the cluster is.
	// +optional
	// +kubebuilder:default:={conditions: {{type: "Ready", status: "Unknown", reason: "Pending", message: "Waiting for workload-operator", lastTransitionTime: "1970-01-01T00:00:00Z"}}}
	Status KubernetesTargetStatus `json:"status,omitempty"`
}

// KubernetesTargetList is a list of KubernetesTargets.
//
// +kubebuilder:object:root=true
type KubernetesTargetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// Items of the list.
	Items []KubernetesTarget `json:"items"`
}
