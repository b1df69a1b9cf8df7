// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Claim is a namespaced object with which a developer asks for a service. A
// kind inlines Spec and Status and hands out pointers to both: the one
// reconciler of all claim kinds needs no other accessor.
//
// +kubebuilder:object:generate=false
type Claim interface {
	metav1.Object
	runtime.Object
	Claim() (*Spec, *Status)
}

// Spec is inlined in the spec of every claim. At most one of classRef,
// classSelector, resourceRef and resourceSelector is given; without any, each
// default class that the namespace may use is an option.
// The rule that checks it stands at each kind: an inlined type loses its rules.
type Spec struct {
	// ClassRef names the ResourceClass that satisfies this claim. It can't be
	// changed once a resource was chosen.
	// +optional
	ClassRef *v1alpha1.Reference `json:"classRef,omitempty"`

	// ClassSelector chooses among the ResourceClasses by their labels; of
	// several that fit, the one of the highest priority comes first. A change of
	// it means nothing once a resource was chosen.
	// +optional
	ClassSelector *Selector `json:"classSelector,omitempty"`

	// ResourceRef binds one existing managed resource that an administrator made
	// bindable by this namespace. It can't be changed once the resource was chosen.
	// +optional
	ResourceRef *ResourceSelection `json:"resourceRef,omitempty"`

	// ResourceSelector binds an existing managed resource, chosen by labels among
	// those that an administrator made bindable by this namespace and that offer
	// what this claim asks for. No class is used where none fits. A change of it
	// means nothing once a resource was chosen.
	// +optional
	ResourceSelector *Selector `json:"resourceSelector,omitempty"`

	// WriteConnectionSecretToRef names the secret, in the claim's namespace, that
	// gets the connection details. A secret of this name that exists already is
	// never touched. Without it no secret is written.
	// +optional
	WriteConnectionSecretToRef *LocalSecret `json:"writeConnectionSecretToRef,omitempty"`

	// ConnectionTemplate adds keys to the connection secret. A value is text in
	// which ${...} stands for a CEL expression over this claim's own connection
	// details, for example "jdbc:mysql://${connection.endpoint}/". A standard key
	// can't be redefined.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	ConnectionTemplate map[string]TemplateText `json:"connectionTemplate,omitempty"`
}

// TemplateText is text with ${...} expressions in it.
// +kubebuilder:validation:MaxLength=4096
type TemplateText string

// LabelValue is the value of a label.
// +kubebuilder:validation:MaxLength=63
type LabelValue string

// Selector chooses objects by their labels.
type Selector struct {
	// MatchLabels are labels that an object has to have, all of them. An empty
	// map fits every object.
	// +optional
	// +kubebuilder:validation:MaxProperties=16
	MatchLabels map[string]LabelValue `json:"matchLabels,omitempty"`
}

// Requests is how much computing power is asked for.
type Requests struct {
	// CPU is the number of virtual processors: 2, or 500m for a half.
	// +optional
	CPU *resource.Quantity `json:"cpu,omitempty"`

	// Memory is how much main memory there is: 4Gi.
	// +optional
	Memory *resource.Quantity `json:"memory,omitempty"`
}

// LocalSecret names a secret in the claim's own namespace.
type LocalSecret struct {
	// Name of the secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	Name string `json:"name"`
}

// ResourceSelection names a managed resource.
type ResourceSelection struct {
	// Group of the resource's kind, as in its apiVersion. It can be left out
	// where only one managed kind has this name.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Group string `json:"group,omitempty"`

	// Kind of the resource, for example RDSInstance.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind"`

	// Name of the resource.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// Static reports whether the claim binds a resource that exists already.
func (s *Spec) Static() bool { return s.ResourceRef != nil || s.ResourceSelector != nil }
