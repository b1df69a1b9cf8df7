// SPDX-License-Identifier: Apache-2.0

package class

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/decls"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/api/resource"

	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/expr"
)

// errNoSize says that the claim asks for more than the class has.
var errNoSize = errors.New("no size of the class is large enough")

const smallest = "smallest"

func (s *scope) sizeType() *cel.Type {
	return s.objects.Add("sizes[]", map[string]expr.Field{
		fieldName:    {Type: cel.StringType, Always: true},
		"cpu":        {Type: cel.StringType},
		"memory":     {Type: cel.StringType},
		"attributes": {Type: stringMap(), Always: true},
	})
}

// sizeFunctions adds <sizes>.smallest(<requests>): the name of the smallest of
// these sizes that has the cpu and memory asked for. The smallest is the one
// with the least cpu; of those, the one with the least memory; of those, the
// first in the table. Requests that are absent ask for nothing: a path that
// leads to nothing is fine.
func sizeFunctions(size *cel.Type) []cel.EnvOption {
	return []cel.EnvOption{
		// The rows are plain maps at run time, which the guard would not let pass.
		cel.Function(smallest, decls.DisableTypeGuards(true), cel.MemberOverload("sizes_smallest_dyn",
			[]*cel.Type{cel.ListType(size), cel.DynType}, cel.StringType, cel.BinaryBinding(smallestOf))),
		cel.Macros(cel.ReceiverMacro(smallest, 1, lenient)),
	}
}

// lenient lets the argument of smallest be absent where it is a path.
func lenient(f cel.MacroExprFactory, target ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	p, ok := expr.PathOf(args[0])
	if !ok || len(p.Steps) == 0 {
		return nil, nil
	}
	return f.NewMemberCall(smallest, target, p.Expr(f)), nil
}

// sizeValues returns the table as expressions see it.
func sizeValues(sizes []corev1alpha1.Size) []any {
	out := make([]any, 0, len(sizes))
	for _, s := range sizes {
		row := map[string]any{fieldName: s.Name, "attributes": copied(s.Attributes)}
		if s.CPU != nil {
			row["cpu"] = s.CPU.String()
		}
		if s.Memory != nil {
			row["memory"] = s.Memory.String()
		}
		out = append(out, row)
	}
	return out
}

// power is an amount of computing power; nil parts are not given.
type power struct{ cpu, memory *resource.Quantity }

type row struct {
	power
	name string
}

func smallestOf(table, requests ref.Val) ref.Val {
	wanted, err := powerOf(requests)
	if err != nil {
		return types.WrapErr(err)
	}
	rows, err := rowsOf(table)
	if err != nil {
		return types.WrapErr(err)
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(compare(a.cpu, b.cpu), compare(a.memory, b.memory))
	})
	for _, r := range rows {
		if enough(r.cpu, wanted.cpu) && enough(r.memory, wanted.memory) {
			return types.String(r.name)
		}
	}
	return types.WrapErr(fmt.Errorf("%w: %s", errNoSize, wanted.missing(rows)))
}

func compare(a, b *resource.Quantity) int {
	var none resource.Quantity
	if a == nil {
		a = &none
	}
	if b == nil {
		b = &none
	}
	return a.Cmp(*b)
}

func enough(has, wanted *resource.Quantity) bool {
	return wanted == nil || has != nil && has.Cmp(*wanted) >= 0
}

// missing says what was asked for, and what there is.
func (p power) missing(rows []row) string {
	names := make([]string, 0, len(rows))
	for _, r := range rows {
		names = append(names, r.String())
	}
	if len(names) == 0 {
		names = append(names, "none")
	}
	return fmt.Sprintf("asked for %s, there are %s", p, bounded(strings.Join(names, ", ")))
}

// String implements fmt.Stringer.
func (p power) String() string {
	var parts []string
	if p.cpu != nil {
		parts = append(parts, "cpu "+p.cpu.String())
	}
	if p.memory != nil {
		parts = append(parts, "memory "+p.memory.String())
	}
	return strings.Join(parts, " and ")
}

// String implements fmt.Stringer.
func (r row) String() string { return fmt.Sprintf("%s (%s)", r.name, r.power) }

func rowsOf(table ref.Val) ([]row, error) {
	list, ok := table.(traits.Lister)
	if !ok {
		return nil, errNoSize
	}
	var rows []row
	for it := list.Iterator(); it.HasNext() == types.True; {
		item := it.Next()
		p, err := powerOf(item)
		if err != nil {
			return nil, err
		}
		name, _ := lookup(item, fieldName)
		rows = append(rows, row{power: p, name: fmt.Sprint(name)})
	}
	return rows, nil
}

// powerOf reads cpu and memory of an object.
func powerOf(object ref.Val) (power, error) {
	var p power
	for field, to := range map[string]**resource.Quantity{"cpu": &p.cpu, "memory": &p.memory} {
		value, ok := lookup(object, field)
		if !ok {
			continue
		}
		q, err := resource.ParseQuantity(fmt.Sprint(value))
		if err != nil {
			return power{}, fmt.Errorf("%s %v: %w", field, value, err)
		}
		*to = &q
	}
	return p, nil
}

func lookup(object ref.Val, field string) (any, bool) {
	if optional, ok := object.(*types.Optional); ok {
		if !optional.HasValue() {
			return nil, false
		}
		object = optional.GetValue()
	}
	fields, ok := object.(traits.Mapper)
	if !ok {
		return nil, false
	}
	value, ok := fields.Find(types.String(field))
	if !ok || value == types.NullValue {
		return nil, false
	}
	return value.Value(), true
}
