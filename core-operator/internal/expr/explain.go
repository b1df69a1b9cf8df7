// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// maxExplained is how many faults of one expression are told.
const maxExplained = 3

// IssueError says what is wrong with an expression, by position, counted in
// characters from 1.
type IssueError struct{ Issues []string }

// Error implements error.
func (e *IssueError) Error() string { return strings.Join(e.Issues, "; ") }

// explainer knows what CEL says of the two most frequent mistakes.
type explainer struct{ field, reference *regexp.Regexp }

func newExplainer() *explainer {
	return &explainer{
		field:     regexp.MustCompile(`^undefined field '(.*)'$`),
		reference: regexp.MustCompile(`^undeclared reference to '(.*?)' \(in container ''\)$`),
	}
}

// explain puts what CEL says of an expression into words that say what to do.
// parsed is nil where it could not even be parsed.
func (e *Environment) explain(parsed *cel.Ast, issues *cel.Issues) error {
	out := &IssueError{}
	for _, issue := range issues.Errors() {
		if len(out.Issues) == maxExplained {
			break
		}
		text := fmt.Sprintf("position %d: %s", issue.Location.Column()+1, e.words(parsed, issue))
		if !slices.Contains(out.Issues, text) {
			out.Issues = append(out.Issues, text)
		}
	}
	return out
}

func (e *Environment) words(parsed *cel.Ast, issue *common.Error) string {
	if m := e.explainer.field.FindStringSubmatch(issue.Message); m != nil && parsed != nil {
		return e.undefined(parsed, issue.ExprID, m[1])
	}
	if m := e.explainer.reference.FindStringSubmatch(issue.Message); m != nil {
		return fmt.Sprintf("there is no %s%s", m[1], Hint(m[1], slices.Sorted(maps.Keys(e.variables))))
	}
	text, _, _ := strings.Cut(issue.Message, "\n")
	return text
}

// undefined says which fields there are where one was asked for that is not.
func (e *Environment) undefined(parsed *cel.Ast, id int64, field string) string {
	for _, found := range ast.MatchDescendants(ast.NavigateAST(parsed.NativeRep()), func(n ast.NavigableExpr) bool { return n.ID() == id }) {
		p, ok := PathOf(operand(found))
		if !ok {
			break
		}
		if fields := e.objects.Fields(e.typeAt(p)); fields != nil {
			return fmt.Sprintf("%s has no field %s%s", p, field, Hint(field, slices.Sorted(maps.Keys(fields))))
		}
	}
	return "there is no field " + field
}

// operand returns what a field is selected of.
func operand(e ast.Expr) ast.Expr {
	switch {
	case e.Kind() == ast.SelectKind:
		return e.AsSelect().Operand()
	case e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.OptSelect:
		return e.AsCall().Args()[0]
	default:
		return e
	}
}

// typeAt returns the type of what is at a path; dyn where it is not known.
func (e *Environment) typeAt(p Path) *cel.Type {
	t, ok := e.variables[p.Root]
	if !ok {
		return cel.DynType
	}
	for _, s := range p.Steps {
		switch t.Kind() {
		case types.StructKind:
			f, known := e.objects.FieldOf(t, s.Field)
			if !known {
				return cel.DynType
			}
			t = f.Type
		case types.MapKind, types.ListKind:
			t = t.Parameters()[len(t.Parameters())-1]
		default:
			return cel.DynType
		}
	}
	return t
}
