// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
)

// Template is a text that was cut and whose expressions were checked.
type Template struct {
	parts []piece
}

type piece struct {
	literal    string
	expression *Expression
	offset     int
}

// PartError says which expression of a text has a fault. Err may quote values
// where it comes from Eval.
type PartError struct {
	// Source of the expression; empty if the text could not even be cut.
	Source string
	// Offset of the expression in the text, in bytes.
	Offset int
	// Err is the fault.
	Err error
}

// Error implements error.
func (e *PartError) Error() string { return e.Err.Error() }

// Unwrap implements the errors package's convention.
func (e *PartError) Unwrap() error { return e.Err }

// errNoText says that an expression within text gives something else than text.
var errNoText = errors.New("within text an expression has to give a string, a number or a boolean")

// CompileText checks a text. absence applies where the text is one expression;
// within other text a path has to lead to something. Errors are *PartErrors, one
// for each expression that has a fault.
func (e *Environment) CompileText(text string, absence Absence) (*Template, []*PartError) {
	parts, err := Split(text)
	if err != nil {
		return nil, []*PartError{{Err: err}}
	}
	if len(parts) > 1 {
		absence = AbsenceFails
	}
	out, faults := &Template{}, []*PartError(nil)
	for _, p := range parts {
		if !p.IsExpression() {
			out.parts = append(out.parts, piece{literal: p.Literal})
			continue
		}
		x, err := e.Compile(p.Source, absence)
		if err == nil && len(parts) > 1 {
			err = textual(x)
		}
		if err != nil {
			faults = append(faults, &PartError{Source: p.Source, Offset: p.Offset, Err: err})
		}
		out.parts = append(out.parts, piece{expression: x, offset: p.Offset})
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return out, nil
}

func textual(x *Expression) error {
	if x.MayBeAbsent {
		return fmt.Errorf("%w: say with orValue what is written where there is nothing", errNoText)
	}
	switch x.Type.Kind() {
	case types.StringKind, types.IntKind, types.UintKind, types.DoubleKind, types.BoolKind, types.DynKind:
		return nil
	default:
		return fmt.Errorf("%w, not %s", errNoText, TypeName(x.Type))
	}
}

// Literal returns the text, if there is no expression in it.
func (t *Template) Literal() (string, bool) {
	switch {
	case len(t.parts) == 0:
		return "", true
	case len(t.parts) == 1 && t.parts[0].expression == nil:
		return t.parts[0].literal, true
	default:
		return "", false
	}
}

// Whole returns the expression that is all of the text; nil if it is not one.
func (t *Template) Whole() *Expression {
	if len(t.parts) != 1 {
		return nil
	}
	return t.parts[0].expression
}

// Expressions returns those in the text, in order.
func (t *Template) Expressions() []*Expression {
	var out []*Expression
	for _, p := range t.parts {
		if p.expression != nil {
			out = append(out, p.expression)
		}
	}
	return out
}

// Eval returns the value of the expression that is all of the text, or else the
// text with the values of the expressions in it. An error is a *PartError.
func (t *Template) Eval(variables map[string]any) (value any, present bool, fault *PartError) {
	if x := t.Whole(); x != nil {
		value, present, err := x.Eval(variables)
		if err != nil {
			return nil, false, &PartError{Source: x.Source, Err: err}
		}
		return value, present, nil
	}
	var b strings.Builder
	for _, p := range t.parts {
		text := p.literal
		if p.expression != nil {
			value, _, err := p.expression.Eval(variables)
			if err == nil {
				text, err = Text(value)
			}
			if err != nil {
				return nil, false, &PartError{Source: p.expression.Source, Offset: p.offset, Err: err}
			}
		}
		b.WriteString(text)
	}
	return b.String(), true, nil
}

// Text returns a value as text: a string, a number or a boolean.
func Text(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case bool:
		return strconv.FormatBool(v), nil
	default:
		return "", errNoText
	}
}

// TypeName returns what people call a type.
func TypeName(t *cel.Type) string {
	switch t.Kind() {
	case types.IntKind, types.UintKind:
		return "an integer"
	case types.DoubleKind:
		return "a number"
	case types.BoolKind:
		return "a boolean"
	case types.StringKind:
		return "a string"
	case types.ListKind:
		return "a list"
	case types.MapKind, types.StructKind:
		return "an object"
	case types.NullTypeKind:
		return "null"
	case types.DynKind, types.AnyKind:
		return "a value of unknown type"
	default:
		return "a " + t.String()
	}
}
