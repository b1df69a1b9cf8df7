// SPDX-License-Identifier: Apache-2.0

// Package class turns a ResourceClass into the objects that satisfy a claim. It
// checks a class against the schemas of the claim's kind and of the kinds that
// its templates make, so that a mistake is told to the administrator who made
// it, when it is made; and it renders a class that was found good. All of it is
// computed from its arguments; only Revisions talks to the API.
package class

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Schemas knows the kinds that classes are checked against. KnownTo makes one
// of a contract.Kinds.
type Schemas interface {
	// Claim returns the schema of a claim kind; nil if there is no such claim kind.
	Claim(kind schema.GroupKind) *apiextensionsv1.JSONSchemaProps
	// Managed returns the schema of a kind of managed resources in a version; nil
	// if it is not installed.
	Managed(kind schema.GroupVersionKind) *apiextensionsv1.JSONSchemaProps
}

// Input is what a class is rendered with.
type Input struct {
	// Claim is the content of the claim, as of unstructured.Unstructured. Only
	// spec and of metadata name, namespace, uid, labels and annotations are seen
	// by templates. It is not changed.
	Claim map[string]any

	// Location that was decided on.
	Location v1alpha1.Location

	// Target that the workload runs on: for classes that wait for a workload, and
	// for access templates; else nil.
	Target *Target

	// ObjectName returns the name of the object that is made under a name of the
	// class: Rendered.Name. It must always give the same name, and another name
	// for another one.
	ObjectName func(name string) string
}

// Target is what templates see of the cluster that a workload runs on.
type Target struct {
	Name     string
	Labels   map[string]string
	Location v1alpha1.Location
	// Network to open the path from there to a service.
	Network v1alpha1.Network
}

// Rendered is an object to be made.
type Rendered struct {
	// Name within the class; for one of several made by forEach the resource's
	// name, a hyphen and the item's name: a DNS label of at most 63 characters.
	Name string
	// Primary is true for the one that the claim is bound to.
	Primary bool
	// Target is the name of the target that the path is opened from; empty for
	// what is not of access.
	Target string
	// Object has apiVersion, kind, the name that Input.ObjectName gave, and what
	// the template says of metadata (labels, annotations) and spec. It is the
	// caller's own.
	Object *unstructured.Unstructured
}
