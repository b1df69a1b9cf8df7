// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// ClusterPoolSpec says which clusters are made when applications find no place, and
// how many there may be.
//
// +kubebuilder:validation:XValidation:rule="self.min <= self.max",message="min is larger than max"
// +kubebuilder:validation:XValidation:rule="!has(self.spare) || self.spare <= self.max",message="spare is larger than max"
// +kubebuilder:validation:XValidation:rule="!has(self.budgetPerHour) || self.templates.all(t, has(t.hourlyCost))",message="with budgetPerHour each template needs its hourlyCost"
// +kubebuilder:validation:XValidation:rule="!has(self.schedules) || self.schedules.all(s, (has(s.min) ? s.min : self.min) <= (has(s.max) ? s.max : self.max))",message="in one of schedules min is larger than max; what a schedule leaves out is that of the pool"
type ClusterPoolSpec struct {
	// Namespace that the KubernetesCluster claims of the pool are made in. Who may
	// write claims there can change and delete the pool's clusters: it should be
	// the administrators' own. It has to exist. Can't be changed.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the pool's clusters can't move to another namespace"
	Namespace string `json:"namespace"`

	// Templates of clusters, the preferred one first: the first that an application
	// would fit on, and that can be had, is made. A change is for clusters that are
	// made from then on.
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Templates []ClusterTemplate `json:"templates"`

	// Target says what the targets of the pool's clusters are like. A change is for
	// clusters that are made from then on.
	Target PoolTarget `json:"target"`

	// Min is how many clusters there are at least, used or not. It is what
	// `kubectl scale` sets: how many there are above it follows from the
	// applications, and is nobody's to choose.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Min int32 `json:"min"`

	// Max is how many there are at most; those that are being made or removed count.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Max int32 `json:"max"`

	// Spare is how many clusters without applications are kept ready. Absent: none.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Spare int32 `json:"spare,omitempty"`

	// ScaleUpDelay is how long an application has to have found no place before a
	// cluster is made for it. Absent: 30s.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:Pattern=`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`
	ScaleUpDelay *metav1.Duration `json:"scaleUpDelay,omitempty"`

	// IdleAfter is how long a cluster has to have been without applications before it
	// is removed. Absent: 10m.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:Pattern=`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`
	IdleAfter *metav1.Duration `json:"idleAfter,omitempty"`

	// Drain says whether clusters that are used are emptied, their applications being
	// moved to others. Absent: never.
	// +optional
	Drain *Drain `json:"drain,omitempty"`

	// BudgetPerHour is what all clusters of the pool together may cost an hour, by the
	// hourlyCost of their templates and in the same currency; no cluster is made that
	// would exceed it, not for min either. Absent: no limit.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!string(self).startsWith('-')",message="a budget can't be negative"
	BudgetPerHour *resource.Quantity `json:"budgetPerHour,omitempty"`

	// Schedules are windows of the week in which other numbers hold. Of several that
	// are open the first counts.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	Schedules []Schedule `json:"schedules,omitempty"`

	// DeletionPolicy says what becomes of the clusters when the pool is deleted.
	// Delete: each goes when no application is on it, and the pool waits for that.
	// Orphan: they stay, as claims that nobody looks after. Absent: Delete.
	// +optional
	// +kubebuilder:validation:Enum=Delete;Orphan
	DeletionPolicy v1alpha1.DeletionPolicy `json:"deletionPolicy,omitempty"`
}

// DrainPolicy says when a cluster that is used is emptied.
//
// +kubebuilder:validation:Enum=Never;WhenMovable
type DrainPolicy string

// The policies.
const (
	// DrainNever: applications stay where they are, and with them the cluster.
	DrainNever DrainPolicy = "Never"
	// DrainWhenMovable: when all applications on it would find a place on other
	// clusters that are ready.
	DrainWhenMovable DrainPolicy = "WhenMovable"
)

// Drain says whether, when and how fast clusters that are used are emptied, to be
// removed: one of a pool at a time.
type Drain struct {
	// Policy says when. WhenMovable: when all applications on a cluster would find a
	// place on other clusters that are ready, with a quarter more than what they ask
	// for. One that is pinned, that names its target or that another scheduler places
	// keeps it, as does one that would have to go away from the data that it is beside.
	Policy DrainPolicy `json:"policy"`

	// After is how long that has to have been so. What is more than max is not waited
	// for. Absent: 30m.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:Pattern=`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`
	After *metav1.Duration `json:"after,omitempty"`

	// MaxUnavailable is how many of the pool's applications may be on the move at once:
	// a number from 1 to 20, or a percentage, rounded up, and 20 at most. One is on the
	// move until it is Ready elsewhere and gone from where it was. Absent: 1.
	// +optional
	// +kubebuilder:validation:XValidation:rule="type(self) == string ? self.matches('^([1-9][0-9]?|100)%$') : 1 <= int(self) && int(self) <= 20",message="maxUnavailable is a number from 1 to 20, or a percentage from 1% to 100%"
	MaxUnavailable *intstr.IntOrString `json:"maxUnavailable,omitempty"`
}

// ClusterTemplate is a claim for a cluster, and what is known of such clusters.
type ClusterTemplate struct {
	// Name of the template.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Name string `json:"name"`

	// ClassRef names the ResourceClass of the claims. It has to be for
	// KubernetesClusters of the pool's namespace, and must not wait for a workload.
	ClassRef v1alpha1.Reference `json:"classRef"`

	// Version of Kubernetes, as in a KubernetesCluster.
	// +kubebuilder:validation:MaxLength=12
	// +kubebuilder:validation:Pattern=`^1\.[0-9]{1,3}(\.[0-9]{1,3})?$`
	Version string `json:"version"`

	// NodePools are the groups of machines, as in a KubernetesCluster. With
	// autoscaling in them the cluster's own autoscaler decides how many machines
	// there are; the pool never does.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	NodePools []NodePool `json:"nodePools,omitempty"`

	// Endpoint says from where the API server can be reached, as in a KubernetesCluster.
	// +optional
	Endpoint *Endpoint `json:"endpoint,omitempty"`

	// Location of the clusters: the class has to be of this provider, and able to
	// provision in this region. A class with several regions may make the cluster in
	// another one of them where this is out of quota or capacity.
	Location TemplateLocation `json:"location"`

	// Zones that its nodes are in, for applications that ask for one. Absent: unknown,
	// and no cluster is made for those.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=63
	Zones []string `json:"zones,omitempty"`

	// Capacity that such a cluster offers applications once its autoscaler has added
	// all nodes that it may, by name: cpu, memory, pods and others. Placement counts
	// on it, too. Absent: what the nodes of clusters of this template have offered at
	// most; before there was one, no application is thought too large.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="['cpu', 'memory', 'pods'].all(r, r in self)",message="capacity needs cpu, memory and pods: of what it does not name there is none"
	Capacity map[string]resource.Quantity `json:"capacity,omitempty"`

	// HourlyCost of such a cluster. Absent: unknown.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!string(self).startsWith('-')",message="a cost can't be negative"
	HourlyCost *resource.Quantity `json:"hourlyCost,omitempty"`

	// ReadyIn is how long it takes until such a cluster can be used. Placement prefers
	// what is there sooner. Absent: unknown.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:Pattern=`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`
	ReadyIn *metav1.Duration `json:"readyIn,omitempty"`

	// Max is how many clusters of this template there are at most. Absent: as many as
	// the pool may have.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	Max *int32 `json:"max,omitempty"`
}

// TemplateLocation is where the clusters of a template are.
type TemplateLocation struct {
	// Provider is the cloud: aws, gcp, azure, or the name of another provider.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Provider string `json:"provider"`
	// Region in the cloud's own words.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Region string `json:"region"`
}

// PoolTarget is what the KubernetesTargets of a pool's clusters have.
type PoolTarget struct {
	// Labels of the targets. Those of the control plane itself can't be set.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	// +kubebuilder:validation:XValidation:rule="self.all(key, !key.startsWith('crossplane.io/'))",message="labels under crossplane.io are the control plane's own"
	Labels map[string]LabelValue `json:"labels,omitempty"`

	// Taints of the targets.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Taints []workload.Taint `json:"taints,omitempty"`

	// AllowedNamespaces says whose applications may run there, and have clusters made
	// for them.
	AllowedNamespaces v1alpha1.BindableBy `json:"allowedNamespaces"`

	// Role is the ClusterRole that applications have in their own namespace there.
	// Absent: edit.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Role string `json:"role,omitempty"`
}

// LabelValue is the value of a label.
//
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:Pattern=`^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$`
type LabelValue string

// Schedule is a window of the week in which other numbers of clusters hold.
//
// +kubebuilder:validation:XValidation:rule="has(self.min) || has(self.max)",message="a schedule says min, max or both"
// +kubebuilder:validation:XValidation:rule="self.from != self.to",message="from and to are the same time: a whole day is from 00:00 to 24:00"
type Schedule struct {
	// Name of the window.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`

	// Days on which the window opens. Absent: every day.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=7
	Days []Day `json:"days,omitempty"`

	// From is the time of day at which it opens: 08:00.
	// +kubebuilder:validation:MaxLength=5
	// +kubebuilder:validation:Pattern=`^([01][0-9]|2[0-3]):[0-5][0-9]$`
	From string `json:"from"`

	// To is the time of day at which it closes: 18:00, or 24:00 for the end of the
	// day. A time before from is one of the following day.
	// +kubebuilder:validation:MaxLength=5
	// +kubebuilder:validation:Pattern=`^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`
	To string `json:"to"`

	// TimeZone by its name in the IANA database: Europe/Berlin. Absent: UTC.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z][-A-Za-z0-9_+/]*$`
	TimeZone string `json:"timeZone,omitempty"`

	// Min while it is open. Absent: that of the pool.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Min *int32 `json:"min,omitempty"`

	// Max while it is open. Absent: that of the pool.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Max *int32 `json:"max,omitempty"`
}

// Day of the week.
//
// +kubebuilder:validation:Enum=Monday;Tuesday;Wednesday;Thursday;Friday;Saturday;Sunday
type Day string

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

// ClusterPool makes clusters when applications find no place, and removes those that
// nobody needs any more.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.min,statuspath=.status.replicas,selectorpath=.status.selector
// +kubebuilder:metadata:labels="crossplane.io/contract=pool"
// +kubebuilder:resource:scope=Cluster,categories={crossplane},shortName={cpool}
// +kubebuilder:printcolumn:name="Min",type=integer,JSONPath=`.spec.min`
// +kubebuilder:printcolumn:name="Max",type=integer,JSONPath=`.spec.max`
// +kubebuilder:printcolumn:name="Clusters",type=integer,JSONPath=`.status.replicas`
// +kubebuilder:printcolumn:name="Usable",type=integer,JSONPath=`.status.readyReplicas`
// +kubebuilder:printcolumn:name="Cost/h",type=string,JSONPath=`.status.hourlyCost`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].reason`
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 50",message="a pool's name has at most 50 characters: a number follows it in the names of clusters"
type ClusterPool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what an administrator says of the pool.
	Spec ClusterPoolSpec `json:"spec"`

	// Status is what became of it.
	// +optional
	// +kubebuilder:default:={replicas: 0, readyReplicas: 0, conditions: {{type: "Ready", status: "Unknown", reason: "Pending", message: "Waiting for core-operator", lastTransitionTime: "1970-01-01T00:00:00Z"}}}
	Status ClusterPoolStatus `json:"status,omitempty"`
}

// ClusterPoolList is a list of ClusterPools.
//
// +kubebuilder:object:root=true
type ClusterPoolList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// Items of the list.
	Items []ClusterPool `json:"items"`
}
