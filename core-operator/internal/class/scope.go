// SPDX-License-Identifier: Apache-2.0

package class

import (
	"maps"

	"github.com/google/cel-go/cel"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/expr"
)

// The names that expressions know.
const (
	varClaim     = "claim"
	varClass     = "class"
	varLocation  = "location"
	varResources = "resources"
	varSizes     = "sizes"
	varTarget    = "target"
	varItem      = "item"
)

// scope makes the environments that a class's expressions are checked in.
type scope struct {
	objects expr.Objects
	// always has what every template sees, target also the target.
	always, target *expr.Environment
}

func newScope(class *corev1alpha1.ResourceClass, claim *apiextensionsv1.JSONSchemaProps) (*scope, error) {
	s := &scope{objects: expr.Objects{}}
	size := s.sizeType()
	variables := map[string]*cel.Type{
		varClaim:     s.claimType(claim),
		varClass:     s.object(varClass, map[string]*cel.Type{fieldName: cel.StringType, fieldLabels: stringMap(), fieldAnnotations: stringMap()}),
		varLocation:  s.locationType(varLocation, len(class.Spec.Regions) > 0),
		varResources: s.resourcesType(class.Spec.Resources),
	}
	if len(class.Spec.Sizes) > 0 {
		variables[varSizes] = cel.ListType(size)
	}
	target := map[string]*cel.Type{varTarget: s.targetType()}
	var err error
	if s.always, err = expr.New(s.objects, variables, sizeFunctions(size)...); err != nil {
		return nil, err
	}
	if s.target, err = s.always.With(target); err != nil {
		return nil, err
	}
	return s, nil
}

func stringMap() *cel.Type { return cel.MapType(cel.StringType, cel.StringType) }

// object adds a type whose fields are always there.
func (s *scope) object(name string, fields map[string]*cel.Type) *cel.Type {
	out := make(map[string]expr.Field, len(fields))
	for field, t := range fields {
		out[field] = expr.Field{Type: t, Always: true}
	}
	return s.objects.Add(name, out)
}

// claimType leaves the claim's status out: what is made for a claim must not
// depend on what became of it.
func (s *scope) claimType(schema *apiextensionsv1.JSONSchemaProps) *cel.Type {
	return s.object(varClaim, map[string]*cel.Type{
		"apiVersion": cel.StringType, "kind": cel.StringType,
		"metadata": s.object("claim.metadata", map[string]*cel.Type{
			fieldName: cel.StringType, "namespace": cel.StringType, "uid": cel.StringType,
			fieldLabels: stringMap(), fieldAnnotations: stringMap(),
		}),
		fieldSpec: typeOf("claim.spec", schemaOf(schema, fieldSpec), s.objects),
	})
}

func (s *scope) locationType(name string, region bool) *cel.Type {
	return s.objects.Add(name, map[string]expr.Field{
		"provider": {Type: cel.StringType, Always: true},
		"region":   {Type: cel.StringType, Always: region},
	})
}

// resourcesType has the names of the objects that the class makes once, for
// references between them.
func (s *scope) resourcesType(resources []corev1alpha1.ResourceTemplate) *cel.Type {
	one := s.object("resources[]", map[string]*cel.Type{fieldName: cel.StringType})
	fields := map[string]*cel.Type{}
	for _, r := range resources {
		if r.ForEach == "" {
			fields[r.Name] = one
		}
	}
	return s.object(varResources, fields)
}

func (s *scope) targetType() *cel.Type {
	list := cel.ListType(cel.StringType)
	network := s.objects.Add("target.network", map[string]expr.Field{
		"id":          {Type: cel.StringType},
		"cidrs":       {Type: list, Always: true},
		"egressCIDRs": {Type: list, Always: true},
		"groups":      {Type: list, Always: true},
	})
	return s.object(varTarget, map[string]*cel.Type{
		fieldName: cel.StringType, fieldLabels: stringMap(), "network": network,
		"location": s.locationType("target.location", true),
	})
}

// values returns what the variables stand for in one rendering.
func (c *Compiled) values(in Input) map[string]any {
	out := maps.Clone(c.constants)
	out[varClaim] = claimValue(in.Claim, c.claim)
	out[varLocation] = locationValue(in.Location.Provider, in.Location.Region)
	out[varResources] = c.names(in)
	if in.Target != nil {
		out[varTarget] = targetValue(in.Target)
	}
	return out
}

func claimValue(claim map[string]any, schema *apiextensionsv1.JSONSchemaProps) map[string]any {
	metadata, _ := claim["metadata"].(map[string]any)
	spec, _ := typed(claim[fieldSpec], schemaOf(schema, fieldSpec)).(map[string]any)
	if spec == nil {
		spec = map[string]any{}
	}
	return map[string]any{
		"apiVersion": text(claim, "apiVersion"), "kind": text(claim, "kind"), fieldSpec: spec,
		"metadata": map[string]any{
			fieldName: text(metadata, fieldName), "namespace": text(metadata, "namespace"), "uid": text(metadata, "uid"),
			fieldLabels: texts(metadata, fieldLabels), fieldAnnotations: texts(metadata, fieldAnnotations),
		},
	}
}

func text(object map[string]any, field string) string {
	s, _ := object[field].(string)
	return s
}

func texts(object map[string]any, field string) map[string]any {
	given, _ := object[field].(map[string]any)
	out := make(map[string]any, len(given))
	for name, value := range given {
		if s, ok := value.(string); ok {
			out[name] = s
		}
	}
	return out
}

func locationValue(provider, region string) map[string]any {
	out := map[string]any{"provider": provider}
	if region != "" {
		out["region"] = region
	}
	return out
}

func targetValue(t *Target) map[string]any {
	network := map[string]any{
		"cidrs": nonNil(t.Network.CIDRs), "egressCIDRs": nonNil(t.Network.EgressCIDRs), "groups": nonNil(t.Network.Groups),
	}
	if t.Network.ID != "" {
		network["id"] = t.Network.ID
	}
	return map[string]any{
		fieldName: t.Name, fieldLabels: copied(t.Labels), "network": network,
		"location": locationValue(t.Location.Provider, t.Location.Region),
	}
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func copied(from map[string]string) map[string]string {
	out := make(map[string]string, len(from))
	maps.Copy(out, from)
	return out
}

// names returns the names of the objects that the class makes once.
func (c *Compiled) names(in Input) map[string]any {
	out := map[string]any{}
	for _, r := range c.resources {
		if r.forEach == nil {
			out[r.name] = map[string]any{fieldName: in.objectName(r.name)}
		}
	}
	return out
}
