// SPDX-License-Identifier: Apache-2.0

package class

import (
	"errors"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/core-operator/internal/expr"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// node is a part of a template that was checked.
type node interface {
	// render returns the node's value; present is false where it has none.
	render(p *pass) (value any, present bool)
}

// pass is one rendering of one template.
type pass struct {
	variables map[string]any
	judge     *judge
	problems  Problems
	// developer is true while nothing was found that is not for the developer.
	developer bool
}

func newPass(variables map[string]any, j *judge) *pass {
	return &pass{variables: variables, judge: j, developer: true}
}

// blame notes a problem, and who can act on it.
func (p *pass) blame(developer bool, problem Problem) {
	p.problems = append(p.problems, problem)
	p.developer = p.developer && developer
}

// err returns what was found, if anything.
func (p *pass) err() error {
	if len(p.problems) == 0 {
		return nil
	}
	actor := v1alpha1.ActorAdministrator
	if p.developer {
		actor = v1alpha1.ActorDeveloper
	}
	return &RenderError{Problems: p.problems, Actor: actor}
}

// literal is a value without expressions.
type literal struct{ value any }

func (l literal) render(*pass) (any, bool) { return runtime.DeepCopyJSONValue(l.value), true }

// object has fields, in the order of their names.
type object struct {
	names  []string
	fields map[string]node
}

func (o *object) render(p *pass) (any, bool) {
	out := make(map[string]any, len(o.names))
	for _, name := range o.names {
		if value, present := o.fields[name].render(p); present {
			out[name] = value
		}
	}
	return out, true
}

// list has items; those without a value are left out.
type list struct {
	path   string
	schema *apiextensionsv1.JSONSchemaProps
	items  []node
}

func (l *list) render(p *pass) (any, bool) {
	out := make([]any, 0, len(l.items))
	for _, item := range l.items {
		if value, present := item.render(p); present {
			out = append(out, value)
		}
	}
	if fault := countFault(l.schema, len(out)); fault != "" {
		p.blame(false, Problem{Path: l.path, Message: fault})
	}
	return out, true
}

// computed is a text with expressions, and the schema of the field it stands in.
type computed struct {
	path     string
	template *expr.Template
	schema   *apiextensionsv1.JSONSchemaProps
}

func (c *computed) render(p *pass) (any, bool) {
	value, present, fault := c.template.Eval(p.variables)
	if fault != nil {
		p.blame(errors.Is(fault, errNoSize), Problem{Path: c.path, Expression: fault.Source, Message: bounded(fault.Error())})
		return nil, false
	}
	if !present {
		return nil, false
	}
	for _, found := range p.judge.faults(c.schema, value) {
		p.blame(c.fromClaim(), Problem{Path: c.path, Expression: c.source(), Message: found})
	}
	return value, true
}

// fromClaim reports whether the value is one that the claim gives as it is, and
// so the developer's to change.
func (c *computed) fromClaim() bool {
	x := c.template.Whole()
	return x != nil && x.Path != nil && x.Path.Root == varClaim
}

func (c *computed) source() string {
	sources := make([]string, 0, 1)
	for _, x := range c.template.Expressions() {
		sources = append(sources, x.Source)
	}
	return strings.Join(sources, "}${")
}
