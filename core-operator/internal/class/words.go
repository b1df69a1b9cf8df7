// SPDX-License-Identifier: Apache-2.0

package class

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/crossplaneio/crossplane/core-operator/internal/expr"
)

// maxQuoted bounds what is quoted in a message, in bytes.
const maxQuoted = 300

// What people call the types of JSON; expr.TypeName says it alike.
const (
	aString   = "a string"
	anInteger = "an integer"
	aNumber   = "a number"
	aBoolean  = "a boolean"
	aList     = "a list"
	anObject  = "an object"
)

func bounded(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	return s[:maxQuoted] + "..."
}

func quoted(value any) string {
	if s, ok := value.(string); ok {
		return bounded(strconv.Quote(s))
	}
	return fmt.Sprint(value)
}

func nameOfValue(value any) string {
	switch value.(type) {
	case string:
		return aString
	case int64:
		return anInteger
	case float64:
		return aNumber
	case bool:
		return aBoolean
	case []any:
		return aList
	case map[string]any:
		return anObject
	default:
		return "null"
	}
}

func nameOfSchema(s *apiextensionsv1.JSONSchemaProps) string {
	if s.XIntOrString {
		return "an integer or a string"
	}
	switch s.Type {
	case typeInteger:
		return anInteger
	case typeNumber:
		return aNumber
	case typeBoolean:
		return aBoolean
	case typeArray:
		return aList
	case typeObject:
		return anObject
	default:
		return "a " + s.Type
	}
}

// mismatch says that something of one type stands where a schema wants another,
// and how to put it right where that is easy.
func mismatch(is string, s *apiextensionsv1.JSONSchemaProps) string {
	text := fmt.Sprintf("is %s, and has to be %s", is, nameOfSchema(s))
	switch {
	case s.Type == typeString && (is == anInteger || is == aNumber || is == aBoolean):
		text += ": put it in quotes, or an expression in string(...)"
	case s.Type == typeInteger && (is == aString || is == aNumber):
		text += ": write it without quotes or fraction, or an expression in int(...)"
	case is == "null":
		text += ": leave the field out instead"
	}
	return text
}

func unknownField(s *apiextensionsv1.JSONSchemaProps, name string) string {
	_, known := s.Properties[name]
	if known || s.AdditionalProperties != nil || s.XPreserveUnknownFields != nil && *s.XPreserveUnknownFields {
		return ""
	}
	return fmt.Sprintf("has no field %s%s", name, expr.Hint(name, sortedKeys(s.Properties)))
}

func missingField(name string) string {
	return fmt.Sprintf("lacks the field %s, which is required", name)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
