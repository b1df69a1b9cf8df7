// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Definition is what a CRD says of a kind that takes part in the contract.
type Definition struct {
	// Kind in its stored version.
	Kind schema.GroupVersionKind
	// Plural is the kind's name in URLs; with the group it is the CRD's name.
	Plural string
	// Namespaced is false for cluster-scoped kinds.
	Namespaced bool
	// Contract as which it takes part: v1alpha1.ContractManaged or ContractClaim.
	Contract string
	// Operator that serves the kind; empty if the CRD does not say.
	Operator string
	// UID of the CRD: another one under the same name is another kind.
	UID types.UID
	// Established is true while objects of the kind can be made.
	Established bool
	// Removing is true from when the CRD's deletion was asked for.
	Removing bool

	schemas map[string]*apiextensionsv1.JSONSchemaProps
}

// Name of the CRD.
func (d *Definition) Name() string { return d.Plural + "." + d.Kind.Group }

// Schema returns the schema of the kind's objects in a version that the API
// serves, without descriptions; nil for another version. Read only.
func (d *Definition) Schema(version string) *apiextensionsv1.JSONSchemaProps {
	return d.schemas[version]
}

// Usable reports whether objects of the kind can be made.
func (d *Definition) Usable() bool { return d.Established && !d.Removing }

// Resource in the version that is stored.
func (d *Definition) Resource() schema.GroupVersionResource {
	return d.Kind.GroupVersion().WithResource(d.Plural)
}

func definitionOf(crd *apiextensionsv1.CustomResourceDefinition) *Definition {
	d := &Definition{
		Kind:       schema.GroupVersionKind{Group: crd.Spec.Group, Kind: crd.Spec.Names.Kind},
		Plural:     crd.Spec.Names.Plural,
		Namespaced: crd.Spec.Scope == apiextensionsv1.NamespaceScoped,
		Contract:   crd.Labels[v1alpha1.LabelContract],
		Operator:   crd.Labels[v1alpha1.LabelOperator],
		UID:        crd.UID,
		Removing:   crd.DeletionTimestamp != nil,
		schemas:    map[string]*apiextensionsv1.JSONSchemaProps{},
	}
	for _, version := range crd.Spec.Versions {
		if !version.Served {
			continue
		}
		if version.Storage || d.Kind.Version == "" {
			d.Kind.Version = version.Name
		}
		if version.Schema != nil {
			d.schemas[version.Name] = version.Schema.OpenAPIV3Schema
		}
	}
	d.Established = slices.ContainsFunc(crd.Status.Conditions, established)
	return d
}

func established(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
	return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
}

// slim drops what nobody reads of a CRD: most of it is prose.
func slim(object any) (any, error) {
	crd, ok := object.(*apiextensionsv1.CustomResourceDefinition)
	if !ok {
		return object, nil
	}
	crd.ManagedFields, crd.Annotations = nil, nil
	for i := range crd.Spec.Versions {
		crd.Spec.Versions[i].AdditionalPrinterColumns = nil
		if s := crd.Spec.Versions[i].Schema; s != nil {
			silence(s.OpenAPIV3Schema)
		}
	}
	return crd, nil
}

func silence(s *apiextensionsv1.JSONSchemaProps) {
	if s == nil {
		return
	}
	s.Description = ""
	for name, property := range s.Properties {
		silence(&property)
		s.Properties[name] = property
	}
	if s.Items != nil {
		silence(s.Items.Schema)
	}
	if s.AdditionalProperties != nil {
		silence(s.AdditionalProperties.Schema)
	}
}
