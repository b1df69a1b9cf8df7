// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// KubernetesApplicationSpec says what to run, what it uses and where.
type KubernetesApplicationSpec struct {
	// TargetRef names the KubernetesTarget to run on. It can be changed: the
	// application is then made there and, once that target has taken it, removed
	// where it was. Absent: it runs where placement has chosen.
	// +optional
	TargetRef *v1alpha1.Reference `json:"targetRef,omitempty"`

	// Placement says where the application may run. With a targetRef that is
	// settled, and of it requests, priority and schedulerName still count.
	// +optional
	Placement *Placement `json:"placement,omitempty"`

	// Namespace on the target that the objects go to. It belongs to this
	// application's own namespace: what another one made is refused. Absent: of
	// the same name as the application's own.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:XValidation:rule="!(self.startsWith('kube-') || self.startsWith('crossplane-') || self == 'default')",message="this namespace belongs to the cluster itself, or to operators"
	Namespace string `json:"namespace,omitempty"`

	// Manifests are the objects to run: of any kind that the target serves and
	// its role allows. One that names no namespace goes to the application's.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	Manifests []Manifest `json:"manifests,omitempty"`

	// Chart is a Helm chart to run, beside the manifests. The namespace of its
	// release is the application's on the target.
	// +optional
	Chart *Chart `json:"chart,omitempty"`

	// Uses are the claims that the application needs. Nothing is applied before
	// each is Bound, and none of them can be deleted before the application is.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Uses []Use `json:"uses,omitempty"`
}

// Manifest is an object as kubectl would apply it, metadata.name included.
//
// +kubebuilder:validation:Type=object
// +kubebuilder:validation:XEmbeddedResource
// +kubebuilder:pruning:PreserveUnknownFields
type Manifest struct {
	runtime.RawExtension `json:",inline"`
}

// Use is a claim in the application's own namespace that it needs.
type Use struct {
	// Group of the claim's kind, as in its apiVersion. It can be left out where
	// only one claim kind has this name.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Group string `json:"group,omitempty"`

	// Kind of the claim, for example MySQLInstance.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind"`

	// Name of the claim.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// Secret says how its connection details get to where the application runs.
	// Absent: they do not, it is enough that the claim is there.
	// +optional
	Secret *ProjectedSecret `json:"secret,omitempty"`
}

// ProjectedSecret is the Secret that holds a claim's connection details beside
// the application.
type ProjectedSecret struct {
	// Name of the secret in the application's namespace on the target.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	Name string `json:"name"`

	// Keys says which connection details go there, and under which key. Absent:
	// all, under their own.
	// +optional
	// +listType=map
	// +listMapKey=as
	// +kubebuilder:validation:MaxItems=64
	Keys []ProjectedKey `json:"keys,omitempty"`

	// RestartOnChange rolls the application's Deployments, StatefulSets and
	// DaemonSets whenever the content changes, for programs that read it only
	// when they start. Of credentials that expire (the claim's secret has
	// expires-at) token, value and expires-at do not count: they are renewed again
	// and again. Absent: false.
	// +optional
	RestartOnChange bool `json:"restartOnChange,omitempty"`
}

// ProjectedKey is one connection detail.
type ProjectedKey struct {
	// Key of the claim's connection secret, for example host.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`

	// As is the key in the projected secret, for example WORDPRESS_DB_HOST.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[-._a-zA-Z0-9]+$`
	As string `json:"as"`
}

// ObjectState says how an object on a target is.
// +kubebuilder:validation:Enum=Pending;InProgress;Current;Failed;Refused;Deleting
type ObjectState string

// The states of an object.
const (
	// ObjectPending: not applied yet.
	ObjectPending ObjectState = "Pending"
	// ObjectInProgress: applied; its own controller is at work on it.
	ObjectInProgress ObjectState = "InProgress"
	// ObjectCurrent: it is as it shall be.
	ObjectCurrent ObjectState = "Current"
	// ObjectFailed: its own controller says that it failed.
	ObjectFailed ObjectState = "Failed"
	// ObjectRefused: the target did not take it, or it belongs to somebody else.
	ObjectRefused ObjectState = "Refused"
	// ObjectDeleting: no longer wanted, and not gone yet.
	ObjectDeleting ObjectState = "Deleting"
)

// ObjectStatus is one object on a target.
type ObjectStatus struct {
	// Target is the name of the KubernetesTarget that the object is on.
	Target string `json:"target"`
	// APIVersion of the object.
	APIVersion string `json:"apiVersion"`
	// Kind of the object.
	Kind string `json:"kind"`
	// Namespace of the object; empty where its kind has none.
	// +optional
	Namespace string `json:"namespace,omitempty"`
	// Name of the object.
	Name string `json:"name"`

	// State of the object.
	State ObjectState `json:"state"`

	// Message says why, where it is not Current.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`

	// Replicas that are ready and that are wanted, for example 2/3, for kinds
	// that have replicas.
	// +optional
	Replicas string `json:"replicas,omitempty"`

	// Address under which a Service or an Ingress can be reached from outside.
	// +optional
	Address string `json:"address,omitempty"`

	// Applied says in brief what was applied last and which fields were owned
	// then. Of no use to anyone but workload-operator.
	// +optional
	Applied string `json:"applied,omitempty"`
}

// TargetInUse is a target that has, or may have, objects of the application.
type TargetInUse struct {
	// Name of the KubernetesTarget.
	Name string `json:"name"`
	// ClusterUID of the cluster that it led to.
	ClusterUID string `json:"clusterUID"`
	// Namespace there.
	Namespace string `json:"namespace"`
}

// MeasuredRequests is what an application's pods ask for on one target.
type MeasuredRequests struct {
	// Target is the name of the KubernetesTarget.
	Target string `json:"target"`
	// Requests of all of its pods there together, by their name in Kubernetes: cpu,
	// memory, pods and others. Pods that have ended do not count.
	// +optional
	Requests map[string]resource.Quantity `json:"requests,omitempty"`
}

// EstimatedRequests is what the pods of a chart will ask for, as far as its objects
// tell: it was rendered to be counted, and nothing of that was kept. Either requests
// are there, which may be none, or a reason why nobody can tell them.
type EstimatedRequests struct {
	// Of says in brief which spec.chart was estimated. What is of another one than the
	// spec has does not count. Of no use to anyone but operators.
	Of string `json:"of"`
	// Requests of all pods of its Deployments, StatefulSets, Jobs and so on together, by
	// their name in Kubernetes: cpu, memory, pods and others. Absent: there are none, or
	// reason says why they are not known.
	// +optional
	Requests map[string]resource.Quantity `json:"requests,omitempty"`
	// Reason in one word why there is no estimate. Absent where there is one.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Reason string `json:"reason,omitempty"`
	// Message says the same in words.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}

// KubernetesApplicationStatus says what became of the application.
type KubernetesApplicationStatus struct {
	// ObservedGeneration is the generation of the spec that the conditions are about.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Conditions: Ready (everything runs) and Synced (everything is applied), and
	// while True, Reconciling and Stalled; and Scheduled (it was decided where it
	// runs), which is the scheduler's.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +patchStrategy=merge
	// +patchMergeKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty" patchMergeKey:"type" patchStrategy:"merge"`

	// Actor says who can act on what keeps the application from being ready:
	// Developer (who wrote it), Administrator (of the target) or Cloud. Absent
	// where nobody has to.
	// +optional
	Actor v1alpha1.Actor `json:"actor,omitempty"`

	// Placement is the decision where the application runs. It is the scheduler's.
	// +optional
	Placement *PlacementStatus `json:"placement,omitempty"`

	// Chart that the objects were rendered from. Absent where there is none.
	// +optional
	Chart *ChartInUse `json:"chart,omitempty"`

	// Targets that have, or may have, objects of the application. One is listed
	// before the first object is made there, and until the last is proven gone.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +listMapKey=namespace
	Targets []TargetInUse `json:"targets,omitempty"`

	// Estimated is what the pods of the application's chart will ask for, found out before
	// the application has a target. Absent where spec.placement.requests says it, or the
	// target was settled before. Where nothing is stated, room is kept for it.
	// +optional
	Estimated *EstimatedRequests `json:"estimated,omitempty"`

	// Measured is what the application's pods were last seen to ask for, on each target
	// that has some: as of the last time that it differed by much from what counts.
	// Where it is more than what the application states, room is kept for it.
	// +optional
	// +listType=map
	// +listMapKey=target
	Measured []MeasuredRequests `json:"measured,omitempty"`

	// Objects of the application, on whichever target. One is listed before it is
	// made, and until it is proven gone.
	// +optional
	// +listType=atomic
	Objects []ObjectStatus `json:"objects,omitempty"`

	// Current counts the objects that are as they shall be, of all: 4/5.
	// +optional
	Current string `json:"current,omitempty"`

	// LastHandledReconcileAt is the value of the annotation
	// crossplane.io/reconcile-requested-at that was answered last.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}

// KubernetesApplication is what a developer wants to run on a cluster, with the
// services that it uses.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:metadata:labels="crossplane.io/contract=application"
// +kubebuilder:metadata:labels="crossplane.io/operator=workload-operator"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane},shortName={kapp,app}
// +kubebuilder:printcolumn:name="Target",type=string,JSONPath=`.status.placement.target`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.status.placement.location.region`
// +kubebuilder:printcolumn:name="Scheduled",type=string,JSONPath=`.status.conditions[?(@.type=="Scheduled")].reason`
// +kubebuilder:printcolumn:name="Current",type=string,JSONPath=`.status.current`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Actor",type=string,JSONPath=`.status.actor`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="an application's name has at most 63 characters"
// +kubebuilder:validation:XValidation:rule="!has(self.spec.chart) || has(self.spec.chart.releaseName) || size(self.metadata.name) <= 53",message="a release's name has at most 53 characters: give spec.chart.releaseName"
type KubernetesApplication struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what the developer wants.
	Spec KubernetesApplicationSpec `json:"spec"`

	// Status is what became of it.
	// +optional
	// +kubebuilder:default:={conditions: {{type: "Ready", status: "Unknown", reason: "Pending", message: "Waiting for workload-operator", lastTransitionTime: "1970-01-01T00:00:00Z"}}}
	Status KubernetesApplicationStatus `json:"status,omitempty"`
}

// KubernetesApplicationList is a list of KubernetesApplications.
//
// +kubebuilder:object:root=true
type KubernetesApplicationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// Items of the list.
	Items []KubernetesApplication `json:"items"`
}
