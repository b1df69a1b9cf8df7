// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"fmt"
	"maps"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	"k8s.io/apiserver/pkg/cel/library"
)

// Bounds of an expression. The cost is CEL's own measure, about one for each
// step of the evaluation; a class has some dozens of expressions, each of which
// usually costs less than a hundred.
const (
	MaxSource = 2048
	maxCost   = 100_000
	maxDepth  = 64
)

// base is the environment that all others extend: CEL with the libraries that
// Kubernetes has for its own expressions, and a few functions of ours. It is
// made once, since that is most of the work.
var base = sync.OnceValues(func() (*cel.Env, error) { //nolint:gochecknoglobals // made once, then never changed
	options := []cel.EnvOption{
		cel.EagerlyValidateDeclarations(true), cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true), cel.OptionalTypes(),
		cel.ParserRecursionLimit(maxDepth), cel.ParserExpressionSizeLimit(MaxSource),
		cel.ASTValidators(cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateRegexLiterals()),
		ext.Strings(ext.StringsVersion(2)), ext.Sets(), ext.Lists(ext.ListsVersion(3)), ext.Math(),
		ext.TwoVarComprehensions(), ext.Encoders(),
		library.URLs(), library.Regex(), library.Lists(), library.Quantity(), library.IP(), library.CIDR(),
		library.Format(), library.SemverLib(library.SemverVersion(1)),
	}
	return cel.NewEnv(append(options, functions()...)...)
})

// Environment is what expressions can refer to, with the types of it.
type Environment struct {
	env       *cel.Env
	objects   Objects
	variables map[string]*cel.Type
	explainer *explainer
}

// New returns an environment with these variables, whose types may be any of
// objects, and with what options add.
func New(objects Objects, variables map[string]*cel.Type, options ...cel.EnvOption) (*Environment, error) {
	env, err := base()
	if err != nil {
		return nil, fmt.Errorf("making the environment of expressions: %w", err)
	}
	types := &provider{Provider: env.CELTypeProvider(), objects: objects}
	if env, err = env.Extend(append([]cel.EnvOption{cel.CustomTypeProvider(types)}, options...)...); err != nil {
		return nil, fmt.Errorf("making the environment of expressions: %w", err)
	}
	out := &Environment{env: env, objects: objects, explainer: newExplainer()}
	return out.With(variables)
}

// With returns the environment with more variables.
func (e *Environment) With(variables map[string]*cel.Type) (*Environment, error) {
	options := make([]cel.EnvOption, 0, len(variables))
	for name, t := range variables {
		options = append(options, cel.Variable(name, t))
	}
	env, err := e.env.Extend(options...)
	if err != nil {
		return nil, fmt.Errorf("adding variables: %w", err)
	}
	all := maps.Clone(e.variables)
	if all == nil {
		all = map[string]*cel.Type{}
	}
	maps.Copy(all, variables)
	return &Environment{env: env, objects: e.objects, variables: all, explainer: e.explainer}, nil
}
