// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	// +optional
	// +kubebuilder:default=0
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
	// provision in this region. They are made in no other region of the class; where this
	// one is out of quota or capacity the next template is used.
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
