// SPDX-License-Identifier: Apache-2.0

package class

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/crossplaneio/crossplane/core-operator/internal/expr"
)

// misfit says why values of type t can't stand where a schema applies; empty if
// they can, or if only a value will show.
func misfit(t *cel.Type, s *apiextensionsv1.JSONSchemaProps, objects expr.Objects) string {
	if fault := notJSON(t, objects); fault != "" || untyped(s) {
		return fault
	}
	switch t.Kind() {
	case types.DynKind, types.AnyKind, types.TypeParamKind:
		return ""
	case types.StringKind:
		return wants(t, s, s.Type == typeString || s.XIntOrString)
	case types.IntKind, types.UintKind:
		return wants(t, s, s.Type == typeInteger || s.Type == typeNumber || s.XIntOrString)
	case types.DoubleKind:
		return wants(t, s, s.Type == typeNumber)
	case types.BoolKind:
		return wants(t, s, s.Type == typeBoolean)
	case types.ListKind:
		return misfitOfList(t, s, objects)
	case types.MapKind:
		return misfitOfMap(t, s, objects)
	case types.StructKind:
		return misfitOfObject(t, s, objects)
	default:
		return ""
	}
}

func wants(t *cel.Type, s *apiextensionsv1.JSONSchemaProps, ok bool) string {
	if ok {
		return ""
	}
	return mismatch(expr.TypeName(t), s)
}

// notJSON says how a type that JSON does not have becomes one that it has.
func notJSON(t *cel.Type, objects expr.Objects) string {
	if t.Kind() == types.StructKind && objects.Fields(t) == nil {
		return fmt.Sprintf("gives a %s, which no field can have", t)
	}
	switch t.Kind() {
	case types.NullTypeKind:
		return "gives null: leave the field out instead"
	case types.TimestampKind, types.DurationKind:
		return fmt.Sprintf("gives %s, which no field can have: write string(...)", expr.TypeName(t))
	case types.BytesKind:
		return "gives bytes, which no field can have: write string(...) or base64.encode(...)"
	case types.OpaqueKind, types.TypeKind:
		return fmt.Sprintf("gives %s, which no field can have", expr.TypeName(t))
	default:
		return ""
	}
}

func misfitOfList(t *cel.Type, s *apiextensionsv1.JSONSchemaProps, objects expr.Objects) string {
	if s.Type != typeArray {
		return wants(t, s, false)
	}
	if s.Items == nil {
		return ""
	}
	return within("its items", misfit(t.Parameters()[0], s.Items.Schema, objects))
}

// misfitOfMap can't see the keys: which of an object's fields a map has, only a
// value will show.
func misfitOfMap(t *cel.Type, s *apiextensionsv1.JSONSchemaProps, objects expr.Objects) string {
	if key := t.Parameters()[0].Kind(); key != types.StringKind && key != types.DynKind && key != types.TypeParamKind {
		return "gives a map whose keys are not strings, which no field can have"
	}
	if s.Type != typeObject {
		return wants(t, s, false)
	}
	if s.AdditionalProperties == nil {
		return ""
	}
	return within("its values", misfit(t.Parameters()[1], s.AdditionalProperties.Schema, objects))
}

func misfitOfObject(t *cel.Type, s *apiextensionsv1.JSONSchemaProps, objects expr.Objects) string {
	if s.Type != typeObject {
		return wants(t, s, false)
	}
	fields := objects.Fields(t)
	for _, name := range sortedKeys(fields) {
		if unknown := unknownField(s, name); unknown != "" {
			return unknown
		}
		if fault := within(name, misfit(fields[name].Type, schemaOf(s, name), objects)); fault != "" {
			return fault
		}
	}
	for _, name := range requiredFields(s) {
		if !fields[name].Always {
			return missingField(name)
		}
	}
	return ""
}

func within(what, fault string) string {
	if fault == "" {
		return ""
	}
	return what + ": " + fault
}
