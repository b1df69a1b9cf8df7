// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// DefaultScheduler is the name of the scheduler that core is.
const DefaultScheduler = "crossplane"

// Placement says where an application may run. Whatever is required has to be so
// for a target to be chosen; what is preferred decides among those that are left.
type Placement struct {
	// TargetSelector chooses targets by their labels. Absent: all.
	// +optional
	TargetSelector *metav1.LabelSelector `json:"targetSelector,omitempty"`

	// Providers are the clouds that it may run in: aws, gcp, azure, or the name of
	// another provider. Absent: all.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=63
	Providers []string `json:"providers,omitempty"`

	// Regions that it may run in, in the clouds' own words. Absent: all.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=63
	Regions []string `json:"regions,omitempty"`

	// Zones, of which the target has to have one at least. Absent: any.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=63
	Zones []string `json:"zones,omitempty"`

	// Tolerations are the taints of targets that the application puts up with.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Tolerations []Toleration `json:"tolerations,omitempty"`

	// Affinity to other applications of this namespace: to be where they are.
	// +optional
	Affinity *Affinity `json:"affinity,omitempty"`

	// AntiAffinity to other applications of this namespace: not to be where they
	// are. What is required holds the other way round, too: an application does not
	// go to where one is that does not want it beside it.
	// +optional
	AntiAffinity *Affinity `json:"antiAffinity,omitempty"`

	// Spread keeps applications evenly over places.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	Spread []Spread `json:"spread,omitempty"`

	// SchedulerName says who decides. Absent: crossplane, which is core-operator.
	// Another one has to write status.placement, and the condition Scheduled.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	SchedulerName string `json:"schedulerName,omitempty"`

	// Priority among applications that wait for a place: the highest comes first,
	// of equals the oldest. Absent: 0.
	// +optional
	// +kubebuilder:validation:Minimum=-1000000
	// +kubebuilder:validation:Maximum=1000000
	Priority int32 `json:"priority,omitempty"`

	// Pin keeps the application where it was put, whatever becomes of the target.
	// Absent: false.
	// +optional
	Pin bool `json:"pin,omitempty"`

	// Requests are what the application takes of a target, by its name in
	// Kubernetes: cpu, memory, pods and others. Absent: what the pod templates of
	// spec.manifests ask for, and with a chart those that it renders to; where it can't
	// be rendered before it has a target, 100m of cpu, 128Mi of memory and one pod
	// until they run. What runs counts where it is more.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(r, type(self[r]) == int || !self[r].matches('e...'))",message="nobody can mean an exponent of so many digits"
	// +kubebuilder:validation:XValidation:rule="self.all(r, type(self[r]) == int || !self[r].matches('E...'))",message="nobody can mean an exponent of so many digits"
	Requests map[string]resource.Quantity `json:"requests,omitempty"`
}

// TaintEffect says what a taint means for applications that do not tolerate it.
// +kubebuilder:validation:Enum=PreferNoSchedule;NoSchedule;NoExecute
type TaintEffect string

// The effects of taints.
const (
	// TaintPreferNoSchedule: they go elsewhere if there is room.
	TaintPreferNoSchedule TaintEffect = "PreferNoSchedule"
	// TaintNoSchedule: no more of them come.
	TaintNoSchedule TaintEffect = "NoSchedule"
	// TaintNoExecute: no more of them come, and those that are there move away.
	TaintNoExecute TaintEffect = "NoExecute"
)

// TaintUnreachable is the key of the taint that a target counts as having, with
// the effect NoExecute, while it does not answer. An application that says nothing
// of it tolerates it for UnreachableSeconds.
const (
	TaintUnreachable   = "crossplane.io/unreachable"
	UnreachableSeconds = 300
)

// Taint keeps applications away from a target.
type Taint struct {
	// Key of the taint.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=316
	Key string `json:"key"`

	// Value of the taint. Absent: empty.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Value string `json:"value,omitempty"`

	// Effect of the taint.
	Effect TaintEffect `json:"effect"`

	// TimeAdded is from when on a toleration of limited duration counts, for the
	// effect NoExecute. Absent: since ever, which such a toleration does not help
	// against.
	// +optional
	TimeAdded *metav1.Time `json:"timeAdded,omitempty"`
}

// TolerationOperator says how a toleration is compared with a taint.
// +kubebuilder:validation:Enum=Equal;Exists
type TolerationOperator string

// The operators of tolerations.
const (
	TolerationEqual  TolerationOperator = "Equal"
	TolerationExists TolerationOperator = "Exists"
)

// Toleration is a taint, or are several, that an application puts up with.
//
// +kubebuilder:validation:XValidation:rule="has(self.key) || (has(self.operator) && self.operator == 'Exists')",message="a toleration without key needs operator Exists"
type Toleration struct {
	// Key of the taint. Absent, which needs the operator Exists: every taint.
	// +optional
	// +kubebuilder:validation:MaxLength=316
	Key string `json:"key,omitempty"`

	// Operator Equal compares the value, too; Exists does not. Absent: Equal.
	// +optional
	Operator TolerationOperator `json:"operator,omitempty"`

	// Value of the taint.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Value string `json:"value,omitempty"`

	// Effect of the taint. Absent: every one.
	// +optional
	Effect TaintEffect `json:"effect,omitempty"`

	// TolerationSeconds is for how long a taint of effect NoExecute is tolerated
	// after it was added. Absent: for ever.
	// +optional
	// +kubebuilder:validation:Minimum=0
	TolerationSeconds *int64 `json:"tolerationSeconds,omitempty"`
}

// Topology is the kind of place that is meant: a target, all targets of a region
// of a cloud, or all of a cloud.
// +kubebuilder:validation:Enum=Target;Region;Provider
type Topology string

// The topologies.
const (
	TopologyTarget   Topology = "Target"
	TopologyRegion   Topology = "Region"
	TopologyProvider Topology = "Provider"
)

// Affinity is about other applications of the same namespace.
type Affinity struct {
	// Required terms have to be met, all of them. An affinity to applications of
	// which none has a place yet is met everywhere if the application that has it is
	// itself one of those chosen, and else nowhere.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=8
	Required []AffinityTerm `json:"required,omitempty"`

	// Preferred terms count with their weight.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=8
	Preferred []WeightedAffinityTerm `json:"preferred,omitempty"`
}

// AffinityTerm names applications, and how near is near.
type AffinityTerm struct {
	// Selector chooses applications of this namespace by their labels.
	Selector metav1.LabelSelector `json:"selector"`

	// Topology is what both are in, or not in, together.
	Topology Topology `json:"topology"`
}

// WeightedAffinityTerm is a term that counts so much.
type WeightedAffinityTerm struct {
	AffinityTerm `json:",inline"`

	// Weight from 1 to 100.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	Weight int32 `json:"weight"`
}

// Spread keeps the numbers of applications in the places of a topology close to
// each other.
type Spread struct {
	// Selector chooses the applications of this namespace that count, by their labels.
	Selector metav1.LabelSelector `json:"selector"`

	// Topology is what the places are. Those count that have a target on which the
	// application may run.
	Topology Topology `json:"topology"`

	// MaxSkew is by how many applications a place may have more than the one that
	// has fewest.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	MaxSkew int32 `json:"maxSkew"`

	// Required: where it can't be kept, the application waits. Absent: false, it is
	// kept as far as it goes.
	// +optional
	Required bool `json:"required,omitempty"`
}

// PlacementStatus is the decision where an application runs, and with it where its
// claims are satisfied. The scheduler writes it, in one write.
type PlacementStatus struct {
	// ObservedGeneration is the generation of the spec that was decided on.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Attempt counts the decisions, from 1.
	// +optional
	Attempt int32 `json:"attempt,omitempty"`

	// Target is the name of the KubernetesTarget that was chosen. Absent while none is.
	// +optional
	Target string `json:"target,omitempty"`

	// Location of the target.
	// +optional
	Location *v1alpha1.Location `json:"location,omitempty"`

	// Claims says where each claim of spec.uses is satisfied, and by which class.
	// +optional
	// +listType=atomic
	Claims []ClaimPlacement `json:"claims,omitempty"`

	// Requests that room is kept for on the target; absent where none is.
	// +optional
	Requests map[string]resource.Quantity `json:"requests,omitempty"`

	// Nominated is the cluster that is being made for the application. Absent where
	// it waits for none.
	// +optional
	Nominated *Nomination `json:"nominated,omitempty"`

	// Score of what was chosen, the sum of terms.
	// +optional
	Score int64 `json:"score,omitempty"`

	// Terms of the score.
	// +optional
	// +listType=map
	// +listMapKey=name
	Terms []ScoreTerm `json:"terms,omitempty"`

	// Feasible is how many targets it could run on.
	// +optional
	Feasible int32 `json:"feasible,omitempty"`

	// Rejected counts the targets that it can't run on, by why not.
	// +optional
	// +listType=map
	// +listMapKey=reason
	Rejected []Rejection `json:"rejected,omitempty"`

	// Examples are some of them, in words, 20 at most. A PlacementPreview has all.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Examples []string `json:"examples,omitempty"`
}

// ClaimPlacement says how one claim of an application is satisfied.
type ClaimPlacement struct {
	// UID of the claim.
	UID types.UID `json:"uid"`
	// Group of the claim's kind.
	Group string `json:"group"`
	// Kind of the claim.
	Kind string `json:"kind"`
	// Name of the claim.
	Name string `json:"name"`
	// Class that was decided on. Absent where the claim is where it is.
	// +optional
	Class string `json:"class,omitempty"`
	// Location that was decided on, or where the claim is.
	// +optional
	Location *v1alpha1.Location `json:"location,omitempty"`
}

// Nomination names a cluster that a pool makes.
type Nomination struct {
	// Pool is the name of the ClusterPool.
	Pool string `json:"pool"`
	// Cluster is the name of the KubernetesCluster claim; absent until there is one.
	// +optional
	Cluster string `json:"cluster,omitempty"`
}

// ScoreTerm is what one consideration adds to the score of a candidate.
type ScoreTerm struct {
	// Name of the consideration.
	Name string `json:"name"`
	// Value, more being better.
	Value int64 `json:"value"`
}

// Rejection counts candidates that were rejected for one reason.
type Rejection struct {
	// Reason in one word.
	Reason string `json:"reason"`
	// Count of the targets.
	Count int32 `json:"count"`
}
