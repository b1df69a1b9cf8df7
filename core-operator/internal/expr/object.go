// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
)

// objectPrefix keeps names of types apart from the paths that expressions
// consist of: no identifier has a space in it.
const objectPrefix = "object "

// Field of an object.
type Field struct {
	// Type of the field's value.
	Type *cel.Type
	// Always is true where every such object has the field.
	Always bool
}

// Objects are the types of values that have named fields, by name. A name is
// the path at which people find such a value: "claim.spec.requests".
type Objects map[string]map[string]Field

// Add adds a type and returns it.
func (o Objects) Add(name string, fields map[string]Field) *cel.Type {
	o[name] = fields
	return cel.ObjectType(objectPrefix + name)
}

// FieldOf returns the field that objects of type t have under that name.
func (o Objects) FieldOf(t *cel.Type, name string) (Field, bool) {
	f, ok := o[objectName(t.TypeName())][name]
	return f, ok
}

// Fields returns the fields of objects of type t; nil if t is no such type.
func (o Objects) Fields(t *cel.Type) map[string]Field { return o[objectName(t.TypeName())] }

func objectName(typeName string) string {
	name, ok := strings.CutPrefix(typeName, objectPrefix)
	if !ok {
		return ""
	}
	return name
}

// provider makes Objects known to CEL. That expressions make new ones needs no
// thought: they can't write such a name.
type provider struct {
	types.Provider
	objects Objects
}

func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.objects[objectName(name)]; ok {
		return types.NewTypeTypeWithParam(cel.ObjectType(name)), true
	}
	return p.Provider.FindStructType(name)
}

func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	fields, ok := p.objects[objectName(name)]
	if !ok {
		return p.Provider.FindStructFieldType(name, field)
	}
	f, ok := fields[field]
	if !ok {
		return nil, false
	}
	return &types.FieldType{Type: f.Type}, true
}
