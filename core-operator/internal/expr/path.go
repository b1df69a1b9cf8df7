// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// Path is an expression that only looks a value up: a.b["c"][0]. Whether it
// does so with .? makes no difference.
type Path struct {
	// Root is the variable.
	Root string
	// Steps from there: the names of fields, keys of maps, or indexes of lists.
	Steps []Step
}

// Step of a path.
type Step struct {
	// Field, if the step is .field.
	Field string
	// Index, if the step is ["key"] or [0].
	Index ref.Val
}

// Name of the field or key; empty for the index of a list.
func (s Step) Name() string {
	if key, ok := s.Index.(types.String); ok {
		return string(key)
	}
	return s.Field
}

// PathOf returns e as a path, if it is one.
func PathOf(e ast.Expr) (Path, bool) {
	switch e.Kind() {
	case ast.IdentKind:
		return Path{Root: e.AsIdent()}, true
	case ast.SelectKind:
		s := e.AsSelect()
		p, ok := PathOf(s.Operand())
		return p.then(Step{Field: s.FieldName()}), ok && !s.IsTestOnly()
	case ast.CallKind:
		return pathOfCall(e.AsCall())
	default:
		return Path{}, false
	}
}

// pathOfCall knows the steps that are calls to CEL: a[b], a.?b and a[?b].
func pathOfCall(call ast.CallExpr) (Path, bool) {
	steps := []string{operators.Index, operators.OptIndex, operators.OptSelect}
	if !slices.Contains(steps, call.FunctionName()) || call.Args()[1].Kind() != ast.LiteralKind {
		return Path{}, false
	}
	p, ok := PathOf(call.Args()[0])
	switch index := call.Args()[1].AsLiteral().(type) {
	case types.String:
		if call.FunctionName() == operators.OptSelect {
			return p.then(Step{Field: string(index)}), ok
		}
		return p.then(Step{Index: index}), ok
	case types.Int:
		return p.then(Step{Index: index}), ok
	default:
		return Path{}, false
	}
}

// pathsIn returns the paths of which an expression consists, the beginnings of
// longer ones among them.
func pathsIn(checked *ast.AST) []Path {
	var out []Path
	ast.PreOrderVisit(checked.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if p, ok := PathOf(e); ok && len(p.Steps) > 0 {
			out = append(out, p)
		}
	}))
	return out
}

func (p Path) then(s Step) Path {
	return Path{Root: p.Root, Steps: append(slices.Clip(p.Steps), s)}
}

// String returns the path as an expression.
func (p Path) String() string { return p.text("") }

// Optional returns the expression for what is at the path, if anything is.
func (p Path) Optional() string { return p.text("?") }

func (p Path) text(mark string) string {
	var b strings.Builder
	b.WriteString(p.Root)
	for _, s := range p.Steps {
		switch index := s.Index.(type) {
		case nil:
			b.WriteString("." + mark + s.Field)
		case types.String:
			b.WriteString("[" + mark + strconv.Quote(string(index)) + "]")
		case types.Int:
			b.WriteString("[" + mark + strconv.FormatInt(int64(index), 10) + "]")
		}
	}
	return b.String()
}

// Expr returns the expression for what is at the path, if anything is, as a
// macro wants it.
func (p Path) Expr(f cel.MacroExprFactory) ast.Expr {
	e := f.NewIdent(p.Root)
	for _, s := range p.Steps {
		if s.Index == nil {
			e = f.NewCall(operators.OptSelect, e, f.NewLiteral(types.String(s.Field)))
		} else {
			e = f.NewCall(operators.OptIndex, e, f.NewLiteral(s.Index))
		}
	}
	return e
}

// passing returns the expression for what is at a path that was found to have
// right types, such that its absence is no error.
func (e *Environment) passing(p Path) string {
	t, known := e.variables[p.Root]
	if !known {
		return p.Optional()
	}
	for _, s := range p.Steps {
		if t.Kind() != types.StructKind || s.Index != nil {
			return p.Optional()
		}
		field, known := e.objects.FieldOf(t, s.Field)
		if !known || !field.Always {
			return p.Optional()
		}
		t = field.Type
	}
	return p.String()
}
