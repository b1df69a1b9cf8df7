// SPDX-License-Identifier: Apache-2.0

package class

import (
	"slices"

	"github.com/google/cel-go/cel"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/crossplaneio/crossplane/core-operator/internal/expr"
)

// The types of schemas.
const (
	typeString  = "string"
	typeInteger = "integer"
	typeNumber  = "number"
	typeBoolean = "boolean"
	typeArray   = "array"
	typeObject  = "object"
)

// The fields that every template and every claim have.
const (
	fieldSpec        = "spec"
	fieldName        = "name"
	fieldLabels      = "labels"
	fieldAnnotations = "annotations"
)

// typeOf returns the type of values that have a schema. name is the path at
// which people find the value. What a schema says of a string's format makes no
// difference: a template passes it on as it is.
func typeOf(name string, s *apiextensionsv1.JSONSchemaProps, objects expr.Objects) *cel.Type {
	switch {
	case s == nil, s.XIntOrString, s.XEmbeddedResource, s.XPreserveUnknownFields != nil && *s.XPreserveUnknownFields:
		return cel.DynType
	case s.Type == typeString:
		return cel.StringType
	case s.Type == typeInteger:
		return cel.IntType
	case s.Type == typeNumber:
		return cel.DoubleType
	case s.Type == typeBoolean:
		return cel.BoolType
	case s.Type == typeArray && s.Items != nil:
		return cel.ListType(typeOf(name+"[]", s.Items.Schema, objects))
	case s.Type == typeObject && len(s.Properties) > 0:
		return objects.Add(name, fieldsOf(name, s, objects))
	case s.Type == typeObject && s.AdditionalProperties != nil:
		return cel.MapType(cel.StringType, typeOf(name+"{}", s.AdditionalProperties.Schema, objects))
	default:
		return cel.DynType
	}
}

func fieldsOf(name string, s *apiextensionsv1.JSONSchemaProps, objects expr.Objects) map[string]expr.Field {
	fields := make(map[string]expr.Field, len(s.Properties))
	for field, property := range s.Properties {
		fields[field] = expr.Field{
			Type:   typeOf(name+"."+field, &property, objects),
			Always: (slices.Contains(s.Required, field) || property.Default != nil) && !property.Nullable,
		}
	}
	return fields
}

// typed returns value as typeOf says that it is: JSON writes the number 2.0 as 2.
func typed(value any, s *apiextensionsv1.JSONSchemaProps) any {
	if s == nil {
		return value
	}
	switch v := value.(type) {
	case int64:
		if s.Type == typeNumber {
			return float64(v)
		}
	case []any:
		if s.Items != nil {
			out := make([]any, len(v))
			for i := range v {
				out[i] = typed(v[i], s.Items.Schema)
			}
			return out
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, field := range v {
			out[name] = typed(field, schemaOf(s, name))
		}
		return out
	}
	return value
}

// schemaOf returns the schema of an object's field; nil if there is none.
func schemaOf(s *apiextensionsv1.JSONSchemaProps, field string) *apiextensionsv1.JSONSchemaProps {
	if s == nil {
		return nil
	}
	if property, ok := s.Properties[field]; ok {
		return &property
	}
	if s.AdditionalProperties != nil {
		return s.AdditionalProperties.Schema
	}
	return nil
}
