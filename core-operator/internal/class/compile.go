// SPDX-License-Identifier: Apache-2.0

package class

import (
	"fmt"
	"maps"
	"slices"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/expr"
)

// Compiled is a class that was checked and can be rendered any number of times,
// also by several goroutines at once.
type Compiled struct {
	name      string
	spec      *corev1alpha1.ResourceClassSpec
	claim     *apiextensionsv1.JSONSchemaProps
	constants map[string]any
	resources []*entry
	access    []*entry
	judge     *judge
}

// entry is one template, ready to render.
type entry struct {
	name     string
	primary  bool
	path     string
	kind     schema.GroupVersionKind
	schema   *apiextensionsv1.JSONSchemaProps
	forEach  *expr.Expression
	template node
}

// Compile checks a class and prepares it for rendering. Where it finds
// problems, there is no Compiled. A class whose managed kinds are not all
// installed is checked as far as that goes; Missing says which are not, and as
// long as there are any it can't be rendered.
func Compile(class *corev1alpha1.ResourceClass, schemas Schemas) (*Compiled, Problems) {
	spec := &class.Spec
	claim := schemas.Claim(schema.GroupKind{Group: spec.Claim.Group, Kind: spec.Claim.Kind})
	if claim == nil {
		return nil, Problems{{Path: "spec.claim", Message: fmt.Sprintf("there is no claim kind %s in %s", spec.Claim.Kind, spec.Claim.Group)}}
	}
	if size := templateBytes(spec); size > maxTemplates {
		return nil, Problems{{Path: fieldSpec, Message: fmt.Sprintf("the templates have %d bytes, and can have %d", size, maxTemplates)}}
	}
	scope, err := newScope(class, claim)
	if err != nil {
		return nil, Problems{{Path: fieldSpec, Message: err.Error()}}
	}
	c := &compiler{scope: scope, schemas: schemas, judge: &judge{}, regions: spec.Regions}
	out := &Compiled{name: class.Name, spec: spec, claim: claim, constants: constants(class), judge: c.judge}
	environment := scope.always
	if spec.BindingMode == corev1alpha1.BindingWaitForWorkload {
		environment = scope.target
	}
	for i := range spec.Resources {
		r := &spec.Resources[i]
		out.resources = append(out.resources, c.resource("spec.resources", r, environment))
	}
	for _, a := range spec.Access {
		r := &corev1alpha1.ResourceTemplate{Name: a.Name, Template: a.Template}
		out.access = append(out.access, c.resource("spec.access", r, scope.target))
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return out, nil
}

func templateBytes(spec *corev1alpha1.ResourceClassSpec) int {
	size := 0
	for _, r := range spec.Resources {
		size += len(r.Template.Raw)
	}
	for _, a := range spec.Access {
		size += len(a.Template.Raw)
	}
	return size
}

// constants returns the variables that do not depend on the claim.
func constants(class *corev1alpha1.ResourceClass) map[string]any {
	return map[string]any{
		varClass: map[string]any{fieldName: class.Name, fieldLabels: copied(class.Labels), fieldAnnotations: copied(class.Annotations)},
		varSizes: sizeValues(class.Spec.Sizes),
	}
}

// compiler compiles the templates of one class.
type compiler struct {
	scope       *scope
	schemas     Schemas
	judge       *judge
	regions     []string
	problems    Problems
	expressions int
}

func (c *compiler) checker(environment *expr.Environment) *checker {
	return &checker{
		environment: environment, objects: c.scope.objects, judge: c.judge, regions: c.regions,
		problems: &c.problems, expressions: &c.expressions,
	}
}

func (c *compiler) resource(list string, r *corev1alpha1.ResourceTemplate, environment *expr.Environment) *entry {
	path := fmt.Sprintf("%s[%s]", list, r.Name)
	out := &entry{name: r.Name, primary: r.Primary, path: path}
	if r.ForEach != "" {
		out.forEach, environment = c.forEach(path+".forEach", r.ForEach, environment)
	}
	c.template(out, r.Template, c.checker(environment))
	return out
}

func (c *compiler) template(out *entry, raw runtime.RawExtension, check *checker) {
	path := out.path + ".template"
	content, ok := check.contentOf(path, raw)
	if !ok {
		return
	}
	if out.kind, ok = check.kindOf(path, content); !ok {
		return
	}
	out.schema = c.schemas.Managed(out.kind)
	out.template = check.root(path, content, out.schema)
}

// forEach compiles the expression that gives the items, and returns with it the
// environment that the template is in.
func (c *compiler) forEach(path, source string, environment *expr.Environment) (*expr.Expression, *expr.Environment) {
	check := c.checker(environment)
	template, faults := environment.CompileText(source, expr.AbsencePasses)
	for _, f := range faults {
		check.problemf(path, f.Source, "%s", bounded(f.Error()))
	}
	item := cel.DynType
	var x *expr.Expression
	if len(faults) == 0 {
		if x = template.Whole(); x == nil {
			check.problemf(path, "", "has to be one expression, ${...}, that gives a list")
		} else {
			item = c.itemType(check, path, x)
		}
	}
	c.expressions++
	with, err := environment.With(map[string]*cel.Type{varItem: item})
	if err != nil {
		check.problemf(path, "", "%s", err.Error())
		return x, environment
	}
	return x, with
}

func (c *compiler) itemType(check *checker, path string, x *expr.Expression) *cel.Type {
	switch x.Type.Kind() {
	case types.ListKind:
		return x.Type.Parameters()[0]
	case types.DynKind:
	default:
		check.problemf(path, x.Source, "gives %s, and has to give a list", expr.TypeName(x.Type))
	}
	return cel.DynType
}

// ClassName returns the name of the class that was compiled. Who gets a revision
// by a name that a tenant gave has to compare it.
func (c *Compiled) ClassName() string { return c.name }

// Spec returns the class that was compiled. Read only.
func (c *Compiled) Spec() *corev1alpha1.ResourceClassSpec { return c.spec }

// Missing returns the kinds of templates for which there was no schema, each once.
func (c *Compiled) Missing() []schema.GroupVersionKind {
	return c.kinds(func(r *entry) bool { return r.schema == nil })
}

// Kinds returns the kinds that the templates make, each once.
func (c *Compiled) Kinds() []schema.GroupVersionKind {
	return c.kinds(func(*entry) bool { return true })
}

func (c *Compiled) kinds(which func(*entry) bool) []schema.GroupVersionKind {
	found := map[string]schema.GroupVersionKind{}
	for _, r := range slices.Concat(c.resources, c.access) {
		if which(r) {
			found[r.kind.String()] = r.kind
		}
	}
	out := make([]schema.GroupVersionKind, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[name])
	}
	return out
}
