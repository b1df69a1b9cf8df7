// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"weak"

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

	// schemas by the versions that are served; nil for one that has none, or where
	// nobody asked for schemas.
	schemas map[string]*packed
}

// Name of the CRD.
func (d *Definition) Name() string { return d.Plural + "." + d.Kind.Group }

// Serves reports whether the API serves the kind in a version.
func (d *Definition) Serves(version string) bool {
	_, served := d.schemas[version]
	return served
}

// Schema returns the schema of the kind's objects in a version that the API
// serves, without descriptions; nil for another version. It is the same pointer
// for as long as somebody keeps it and the CRD stays as it is. Read only.
func (d *Definition) Schema(version string) *apiextensionsv1.JSONSchemaProps {
	return d.schemas[version].schema()
}

// Usable reports whether objects of the kind can be made.
func (d *Definition) Usable() bool { return d.Established && !d.Removing }

// Resource in the version that is stored.
func (d *Definition) Resource() schema.GroupVersionResource {
	return d.Kind.GroupVersion().WithResource(d.Plural)
}

// definitionOf reads a CRD. Schemas are left out unless they are asked for.
func definitionOf(crd *apiextensionsv1.CustomResourceDefinition, schemas bool) (*Definition, error) {
	d := &Definition{
		Kind:       schema.GroupVersionKind{Group: crd.Spec.Group, Kind: crd.Spec.Names.Kind},
		Plural:     crd.Spec.Names.Plural,
		Namespaced: crd.Spec.Scope == apiextensionsv1.NamespaceScoped,
		Contract:   crd.Labels[v1alpha1.LabelContract],
		Operator:   crd.Labels[v1alpha1.LabelOperator],
		UID:        crd.UID,
		Removing:   crd.DeletionTimestamp != nil,
		schemas:    map[string]*packed{},
	}
	for _, version := range crd.Spec.Versions {
		if !version.Served {
			continue
		}
		if version.Storage || d.Kind.Version == "" {
			d.Kind.Version = version.Name
		}
		d.schemas[version.Name] = nil
		if !schemas || version.Schema == nil || version.Schema.OpenAPIV3Schema == nil {
			continue
		}
		var err error
		if d.schemas[version.Name], err = pack(version.Schema.OpenAPIV3Schema); err != nil {
			return nil, fmt.Errorf("reading the schema of %s: %w", crd.Name, err)
		}
	}
	d.Established = slices.ContainsFunc(crd.Status.Conditions, established)
	return d, nil
}

func established(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
	return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
}

// packed is a schema as text. Most schemas are never asked for, and as structs they
// take twenty times as much memory.
type packed struct {
	text []byte

	mu       sync.Mutex
	unpacked weak.Pointer[apiextensionsv1.JSONSchemaProps] // while somebody keeps it
}

// pack takes the prose out of a schema, and packs the rest.
func pack(s *apiextensionsv1.JSONSchemaProps) (*packed, error) {
	silence(s)
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("packing a schema: %w", err)
	}
	return &packed{text: text}, nil
}

// schema unpacks the schema, unless somebody still has it. Nil for nil.
func (p *packed) schema() *apiextensionsv1.JSONSchemaProps {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.unpacked.Value(); s != nil {
		return s
	}
	s := &apiextensionsv1.JSONSchemaProps{}
	if err := json.Unmarshal(p.text, s); err != nil {
		return nil // it was packed here
	}
	p.unpacked = weak.Make(s)
	return s
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
