// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// ResourceClassSpec says how claims of one kind are satisfied. It is used as it
// was when a claim first used it: a later change is for later claims, and for
// those that ask for it with the annotation crossplane.io/class-revision.
//
// +kubebuilder:validation:XValidation:rule="self.resources.exists_one(r, has(r.primary) && r.primary)",message="exactly one of resources has to be primary: the one that the claim is bound to"
// +kubebuilder:validation:XValidation:rule="(has(self.bindingMode) && self.bindingMode == 'WaitForWorkload') || (has(self.regions) && self.regions.size() > 0)",message="regions needs at least one, unless bindingMode is WaitForWorkload"
// +kubebuilder:validation:XValidation:rule="!has(self.access) || self.access.all(a, !self.resources.exists(r, r.name == a.name))",message="resources and access can't have the same names"
type ResourceClassSpec struct {
	// Claim is the kind of the claims that this class is for.
	Claim ClaimKind `json:"claim"`

	// Provider is the name of the cloud that this class provisions in: aws, gcp,
	// azure, or another provider's. Templates see it as location.provider.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	Provider string `json:"provider"`

	// Regions in which the class may provision, in the cloud's own words, the
	// preferred one first. Templates see the one that was decided on as
	// location.region. Absent, which only bindingMode WaitForWorkload allows:
	// wherever the workload is.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=63
	Regions []string `json:"regions,omitempty"`

	// BindingMode says when the location is decided. Immediate: at once, the
	// first region that can be used. WaitForWorkload: together with the workload
	// that uses the claim. Absent: Immediate.
	// +optional
	BindingMode BindingMode `json:"bindingMode,omitempty"`

	// Colocation says how near the workload has to be to what is made. Required: it
	// runs in the same region of the same cloud. Preferred: rather there. Absent:
	// Preferred.
	// +optional
	Colocation Colocation `json:"colocation,omitempty"`

	// ReclaimPolicy says what becomes of the resources when the claim is deleted:
	// Delete, or Retain until an administrator decides. Absent: Retain.
	// +optional
	ReclaimPolicy v1alpha1.ReclaimPolicy `json:"reclaimPolicy,omitempty"`

	// Default makes this class an option for claims that name no class. Absent:
	// false.
	// +optional
	Default bool `json:"default,omitempty"`

	// Priority among the classes that a claim may use: the highest comes first,
	// of equals the first by name. Absent: 0.
	// +optional
	// +kubebuilder:validation:Minimum=-1000000
	// +kubebuilder:validation:Maximum=1000000
	Priority int32 `json:"priority,omitempty"`

	// NamespaceSelector chooses, by their labels, the namespaces whose claims may
	// use this class. Absent or empty: every namespace.
	// +optional
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`

	// Sizes is a table to look up, with ${sizes.smallest(claim.spec.requests)},
	// the cloud's name for as much computing power as a claim asks for.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=128
	Sizes []Size `json:"sizes,omitempty"`

	// Resources are what is made for a claim. One is primary: the claim is bound
	// to it. The others belong to it and are deleted before it.
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Resources []ResourceTemplate `json:"resources"`

	// Access is what is made once for each target on which a workload uses the
	// claim, and goes when that use ends: the network path from there. Its
	// templates see the target as target.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	Access []AccessTemplate `json:"access,omitempty"`
}

// ClaimKind names a kind of claim.
type ClaimKind struct {
	// Group of the kind, for example database.crossplane.io.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Group string `json:"group"`

	// Kind, for example MySQLInstance.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind"`
}

// BindingMode says when a claim's location is decided.
// +kubebuilder:validation:Enum=Immediate;WaitForWorkload
type BindingMode string

// The binding modes.
const (
	// BindingImmediate decides at once.
	BindingImmediate BindingMode = "Immediate"
	// BindingWaitForWorkload decides together with the workload.
	BindingWaitForWorkload BindingMode = "WaitForWorkload"
)

// Colocation says how near a workload has to be to a service that it uses.
// +kubebuilder:validation:Enum=Required;Preferred
type Colocation string

// The degrees of colocation.
const (
	// ColocationRequired: in the same region of the same cloud.
	ColocationRequired Colocation = "Required"
	// ColocationPreferred: anywhere, and rather there.
	ColocationPreferred Colocation = "Preferred"
)

// Size is how much computing power goes by a name in the cloud.
type Size struct {
	// Name in the cloud, for example db.t4g.small.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// CPU is how many virtual processors it has. Absent: it is never chosen for
	// a claim that asks for cpu, and counts as none when sizes are compared.
	// +optional
	CPU *resource.Quantity `json:"cpu,omitempty"`

	// Memory is how much memory it has. Absent: it is never chosen for a claim
	// that asks for memory, and counts as none when sizes are compared.
	// +optional
	Memory *resource.Quantity `json:"memory,omitempty"`

	// Attributes are for expressions to choose by, for example
	// ${sizes.filter(s, s.attributes.family == "burstable").smallest(claim.spec.requests)}.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	Attributes map[string]string `json:"attributes,omitempty"`
}

// ResourceTemplate makes one managed resource, or with forEach several.
//
// +kubebuilder:validation:XValidation:rule="!has(self.forEach) || !has(self.primary) || !self.primary",message="the primary resource is one: it can't have forEach"
type ResourceTemplate struct {
	// Name of the resource within the class: letters and digits, so that other
	// templates can write ${resources.<name>.name} for the name of the object.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9]*$`
	Name string `json:"name"`

	// Primary marks the resource that the claim is bound to. Absent: false.
	// +optional
	Primary bool `json:"primary,omitempty"`

	// ForEach is an expression, ${...}, that gives a list; the template is
	// rendered once for each item, which it sees as item. An item is a string, a
	// number or an object with a name; no two may have the same. Absent: the
	// template is rendered once.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	ForEach string `json:"forEach,omitempty"`

	// Template of the object: apiVersion, kind, and what shall be in metadata
	// (labels and annotations only) and spec. A string in it may hold expressions,
	// ${...}, in CEL, over claim, class, location, resources and sizes; $${ stands
	// for ${ itself. A string that is one whole expression becomes the value of
	// that expression, whatever its type; a field whose value is a mere path such
	// as ${claim.spec.databaseName} is left out where the claim has no such value.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Type=object
	Template runtime.RawExtension `json:"template"`
}

// AccessTemplate makes one object for each target that uses a claim.
type AccessTemplate struct {
	// Name of the object within the class: letters and digits.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9]*$`
	Name string `json:"name"`

	// Template of the object, as in resources. It also sees target.
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Type=object
	Template runtime.RawExtension `json:"template"`
}

// ResourceClassStatus says whether a class can be used.
type ResourceClassStatus struct {
	// Conditions: Ready, made of Valid and Available, and while True,
	// Reconciling and Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchMergeKey:"type" patchStrategy:"merge"`

	// ObservedGeneration is the generation of the spec that the conditions are about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// CurrentRevision is the name of the ControllerRevision, in core's namespace,
	// that keeps the class as it is now once a claim uses it. A claim asks for it
	// with the annotation crossplane.io/class-revision.
	// +optional
	CurrentRevision string `json:"currentRevision,omitempty"`
}

// ResourceClass says how claims of one kind are satisfied: with which managed
// resources, in which regions, for whom.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane},shortName={rclass}
// +kubebuilder:printcolumn:name="Claim",type=string,JSONPath=`.spec.claim.kind`
// +kubebuilder:printcolumn:name="Provider",type=string,JSONPath=`.spec.provider`
// +kubebuilder:printcolumn:name="Default",type=boolean,JSONPath=`.spec.default`
// +kubebuilder:printcolumn:name="Mode",type=string,JSONPath=`.spec.bindingMode`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Priority",type=integer,JSONPath=`.spec.priority`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 200",message="a class's name has at most 200 characters"
type ResourceClass struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec says how claims are satisfied.
	Spec ResourceClassSpec `json:"spec"`

	// Status says whether the class can be used.
	// +optional
	// +kubebuilder:default:={conditions: {{type: "Ready", status: "Unknown", reason: "Pending", message: "Waiting for core-operator", lastTransitionTime: "1970-01-01T00:00:00Z"}}}
	Status ResourceClassStatus `json:"status,omitempty"`
}

// ResourceClassList is a list of ResourceClasses.
//
// +kubebuilder:object:root=true
type ResourceClassList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// Items of the list.
	Items []ResourceClass `json:"items"`
}
