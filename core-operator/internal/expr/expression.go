// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"k8s.io/apiserver/pkg/cel/library"
)

// Expression is one that was checked and can be evaluated any number of times,
// also by several goroutines at once.
type Expression struct {
	// Source of the expression.
	Source string
	// Type of its value.
	Type *cel.Type
	// MayBeAbsent is true where it is possible that there is no value, and that
	// is no error.
	MayBeAbsent bool
	// Path is set where the expression only looks a value up.
	Path *Path
	// Refers lists what the expression looks up anywhere in it.
	Refers []Path

	program cel.Program
}

// Absence says what becomes of a path that leads to nothing.
type Absence bool

// What can become of it.
const (
	AbsenceFails  Absence = false // evaluating fails
	AbsencePasses Absence = true  // there is no value
)

// Compile checks an expression. absence is about paths alone: any other
// expression has to handle what may be absent itself, with .? and orValue.
func (e *Environment) Compile(source string, absence Absence) (*Expression, error) {
	if len(source) > MaxSource {
		return nil, fmt.Errorf("%w: it has %d bytes, and can have %d", ErrTooLong, len(source), MaxSource)
	}
	if strings.TrimSpace(source) == "" {
		return nil, ErrEmpty
	}
	checked, err := e.check(source)
	if err != nil {
		return nil, err
	}
	out := &Expression{Source: source, Refers: pathsIn(checked.NativeRep())}
	if p, ok := PathOf(checked.NativeRep().Expr()); ok {
		out.Path = &p
		if want := e.passing(p); absence == AbsencePasses && want != source {
			if checked, err = e.check(want); err != nil {
				return nil, err
			}
		}
	}
	out.Type, out.MayBeAbsent = unwrap(checked.OutputType())
	program, err := e.env.Program(checked, cel.CostLimit(maxCost), cel.CostTracking(&library.CostEstimator{}),
		cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	out.program = program
	return out, nil
}

// check parses and checks; its error is an *IssueError.
func (e *Environment) check(source string) (*cel.Ast, error) {
	parsed, issues := e.env.Parse(source)
	if issues.Err() != nil {
		return nil, e.explain(nil, issues)
	}
	checked, issues := e.env.Check(parsed)
	if issues.Err() != nil {
		return nil, e.explain(parsed, issues)
	}
	return checked, nil
}

// Errors of Compile, beside what CEL says.
var (
	ErrTooLong = errors.New("the expression is too long")
	ErrEmpty   = errors.New("the expression is empty")
)

func unwrap(t *cel.Type) (inner *cel.Type, optional bool) {
	if t.Kind() != types.OpaqueKind || t.TypeName() != types.OptionalType.TypeName() {
		return t, false
	}
	inner, _ = unwrap(t.Parameters()[0])
	return inner, true
}

// Eval returns the expression's value as JSON has it; present is false where
// there is none. Errors may quote values.
func (x *Expression) Eval(variables map[string]any) (value any, present bool, err error) {
	result, _, err := x.program.Eval(variables)
	if err != nil {
		return nil, false, hint(err)
	}
	if types.IsUnknown(result) {
		return nil, false, errNotJSON
	}
	return Native(result)
}

// hint adds what to do to CEL's own words.
func hint(err error) error {
	if key, ok := strings.CutPrefix(err.Error(), "no such key: "); ok {
		return fmt.Errorf("%w: handle its absence, for example with .?%s.orValue(...)", err, key)
	}
	return err
}
