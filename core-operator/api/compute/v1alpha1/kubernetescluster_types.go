// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claim "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
)

// KubernetesClusterSpec says which Kubernetes cluster is needed.
//
// +kubebuilder:validation:XValidation:rule="[has(self.classRef), has(self.classSelector), has(self.resourceRef), has(self.resourceSelector)].filter(given, given).size() <= 1",message="at most one of classRef, classSelector, resourceRef and resourceSelector can be given"
type KubernetesClusterSpec struct {
	claim.Spec `json:",inline"`

	// Version of Kubernetes, as exact as it matters: "1.35" lets the cloud choose
	// among the patches of 1.35. It can be raised by one minor at a time: the
	// control plane is upgraded first, then the nodes. It can't be lowered.
	// +kubebuilder:validation:MaxLength=12
	// +kubebuilder:validation:Pattern=`^1\.[0-9]{1,3}(\.[0-9]{1,3})?$`
	// +kubebuilder:validation:XValidation:rule="int(self.split('.')[1]) >= int(oldSelf.split('.')[1])",message="version can't be lowered: no cloud takes a control plane back"
	// +kubebuilder:validation:XValidation:rule="int(self.split('.')[1]) <= int(oldSelf.split('.')[1]) + 1",message="version can be raised by one minor at a time"
	Version string `json:"version"`

	// NodePools are the groups of machines that pods run on. Left out, the class
	// decides: some clouds bring machines as they are needed.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	NodePools []NodePool `json:"nodePools,omitempty"`

	// Endpoint says from where the API server can be reached. Left out, the class
	// decides.
	// +optional
	Endpoint *Endpoint `json:"endpoint,omitempty"`

	// DeletionProtection keeps the cluster although the claim is deleted: the
	// deletion waits until this is set to false. Left out, it is off.
	// +optional
	DeletionProtection *bool `json:"deletionProtection,omitempty"`
}

// NodePool is a group of machines that are alike.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.count) && has(self.autoscaling))",message="either count or autoscaling can be given"
type NodePool struct {
	// Name of the pool: lower case letters and digits, as every cloud takes it.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=12
	// +kubebuilder:validation:Pattern=`^[a-z][a-z0-9]*$`
	Name string `json:"name"`

	// Requests is what each machine has at least. Left out, the class decides.
	// It can't be changed: make another pool.
	// +optional
	Requests *claim.Requests `json:"requests,omitempty"`

	// Count is how many machines there are. Left out, without autoscaling, the
	// class decides. Can be changed.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Count *int32 `json:"count,omitempty"`

	// Autoscaling lets the cluster's own autoscaler decide how many machines
	// there are. Can be changed.
	// +optional
	Autoscaling *Autoscaling `json:"autoscaling,omitempty"`

	// Labels of the nodes. Can be changed.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Labels map[string]claim.LabelValue `json:"labels,omitempty"`

	// Taints of the nodes. Can be changed.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	Taints []Taint `json:"taints,omitempty"`
}

// Autoscaling bounds how many machines there are.
//
// +kubebuilder:validation:XValidation:rule="self.min <= self.max",message="min is larger than max"
type Autoscaling struct {
	// Min is how many there are at least.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Min int32 `json:"min"`

	// Max is how many there are at most.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	Max int32 `json:"max"`
}

// Taint keeps pods away that do not tolerate it.
type Taint struct {
	// Key of the taint.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`

	// Value of the taint.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Value string `json:"value,omitempty"`

	// Effect on pods that do not tolerate it.
	// +kubebuilder:validation:Enum=NoSchedule;PreferNoSchedule;NoExecute
	Effect string `json:"effect"`
}

// Endpoint says from where the API server can be reached.
//
// +kubebuilder:validation:XValidation:rule="self.access == 'Public' || !has(self.allowedCIDRs)",message="allowedCIDRs goes with access Public"
// +kubebuilder:validation:XValidation:rule="self.access == 'Private' || (has(self.allowedCIDRs) && self.allowedCIDRs.size() > 0)",message="a public endpoint needs allowedCIDRs: the addresses from which it can be reached"
type Endpoint struct {
	// Access Private is from within the cluster's network, Public also from
	// allowedCIDRs. Can be changed.
	// +kubebuilder:validation:Enum=Private;Public
	Access string `json:"access"`

	// AllowedCIDRs are the addresses from which a public endpoint can be reached,
	// for example 192.0.2.0/24. Can be changed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=43
	// +kubebuilder:validation:items:XValidation:rule="isCIDR(self)",message="not a range of addresses such as 192.0.2.0/24"
	AllowedCIDRs []string `json:"allowedCIDRs,omitempty"`
}

// KubernetesClusterStatus says what became of the claim.
type KubernetesClusterStatus struct {
	claim.Status `json:",inline"`
}

// KubernetesCluster is a developer's claim for a Kubernetes cluster: what is
// needed, not where it comes from.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:metadata:labels="crossplane.io/contract=claim"
// +kubebuilder:resource:scope=Namespaced,categories={crossplane,claim,claims},shortName={kcluster}
// +kubebuilder:printcolumn:name="Class",type=string,JSONPath=`.status.class.name`
// +kubebuilder:printcolumn:name="Resource",type=string,JSONPath=`.status.resourceRef.name`
// +kubebuilder:printcolumn:name="Location",type=string,JSONPath=`.status.location.region`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.spec.version`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Actor",type=string,JSONPath=`.status.actor`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="size(self.metadata.name) <= 63",message="a claim's name has at most 63 characters"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.status) || !has(oldSelf.status.resourceRef) || (has(self.spec.classRef) == has(oldSelf.spec.classRef) && has(self.spec.classSelector) == has(oldSelf.spec.classSelector) && has(self.spec.resourceRef) == has(oldSelf.spec.resourceRef) && has(self.spec.resourceSelector) == has(oldSelf.spec.resourceSelector) && (!has(self.spec.classRef) || self.spec.classRef.name == oldSelf.spec.classRef.name) && (!has(self.spec.resourceRef) || self.spec.resourceRef == oldSelf.spec.resourceRef))",message="a resource was chosen already: classRef, classSelector, resourceRef and resourceSelector can't be changed any more"
type KubernetesCluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what the developer asks for.
	Spec KubernetesClusterSpec `json:"spec"`

	// Status is what became of it.
	// +optional
	// +kubebuilder:default:={conditions: {{type: "Ready", status: "Unknown", reason: "Pending", message: "Waiting for core-operator", lastTransitionTime: "1970-01-01T00:00:00Z"}}}
	Status KubernetesClusterStatus `json:"status,omitempty"`
}

// KubernetesClusterList is a list of KubernetesClusters.
//
// +kubebuilder:object:root=true
type KubernetesClusterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// Items of the list.
	Items []KubernetesCluster `json:"items"`
}

// Claim implements claim.Claim.
func (c *KubernetesCluster) Claim() (*claim.Spec, *claim.Status) {
	return &c.Spec.Spec, &c.Status.Status
}

// Protected reports whether the claim must not be released yet.
func (c *KubernetesCluster) Protected() bool {
	return c.Spec.DeletionProtection != nil && *c.Spec.DeletionProtection
}
