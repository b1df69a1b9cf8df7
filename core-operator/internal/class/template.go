// SPDX-License-Identifier: Apache-2.0

package class

import (
	"fmt"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/crossplaneio/crossplane/core-operator/internal/expr"
)

// Bounds of a class's templates.
const (
	maxTemplates   = 128 << 10 // bytes of all templates together
	maxExpressions = 512
	maxNesting     = 32
)

// checker walks a template along the schema of the kind that it makes.
type checker struct {
	environment *expr.Environment
	objects     expr.Objects
	judge       *judge
	regions     []string
	problems    *Problems
	expressions *int
	depth       int
}

func (c *checker) problemf(path, expression, format string, args ...any) {
	*c.problems = append(*c.problems, Problem{Path: path, Expression: expression, Message: fmt.Sprintf(format, args...)})
}

// root checks a whole template, whose kind was found to be gvk.
func (c *checker) root(path string, content map[string]any, s *apiextensionsv1.JSONSchemaProps) node {
	out := &object{fields: map[string]node{}}
	for _, name := range sortedKeys(content) {
		at := path + "." + name
		switch name {
		case "apiVersion", "kind":
			out.add(name, literal{content[name]})
		case "metadata":
			out.add(name, c.metadata(at, content[name]))
		case fieldSpec:
			c.forbid(at, content[name])
			out.add(name, c.field(at, content[name], schemaOf(s, name), true))
		default:
			c.problemf(at, "", "a template has apiVersion, kind, metadata and spec, and nothing else")
		}
	}
	if _, ok := content[fieldSpec]; !ok && s != nil && slices.Contains(s.Required, fieldSpec) {
		c.problemf(path, "", "%s", missingField(fieldSpec))
	}
	return out
}

func (o *object) add(name string, n node) {
	if n != nil {
		o.names = append(o.names, name)
		o.fields[name] = n
	}
}

// kindOf reads apiVersion and kind, which have to be there without expressions.
func (c *checker) kindOf(path string, content map[string]any) (schema.GroupVersionKind, bool) {
	apiVersion, kind := text(content, "apiVersion"), text(content, "kind")
	gv, err := schema.ParseGroupVersion(apiVersion)
	if err != nil || gv.Group == "" || gv.Version == "" || kind == "" || strings.ContainsAny(apiVersion+kind, "${} ") {
		c.problemf(path, "", "apiVersion and kind have to say which managed kind it makes, without expressions: "+
			`for example apiVersion: "database.example.org/v1alpha1", kind: "Database"`)
		return schema.GroupVersionKind{}, false
	}
	return gv.WithKind(kind), true
}

// contentOf parses a template.
func (c *checker) contentOf(path string, raw runtime.RawExtension) (map[string]any, bool) {
	content := map[string]any{}
	if err := utiljson.Unmarshal(raw.Raw, &content); err != nil || len(content) == 0 {
		c.problemf(path, "", "a template has to be an object with apiVersion, kind and spec")
		return nil, false
	}
	return content, true
}

// field checks what a template says of one field. It returns nil where there is
// nothing to render.
func (c *checker) field(path string, value any, s *apiextensionsv1.JSONSchemaProps, required bool) node {
	if c.depth++; c.depth > maxNesting {
		c.problemf(path, "", "templates can be nested %d levels deep", maxNesting)
		return nil
	}
	defer func() { c.depth-- }()
	switch v := value.(type) {
	case string:
		return c.text(path, v, s, required)
	case map[string]any:
		return c.object(path, v, s)
	case []any:
		return c.list(path, v, s)
	case nil:
		c.problemf(path, "", "is null: leave the field out instead")
		return nil
	default:
		c.literal(path, v, s)
		return literal{value: v}
	}
}

func (c *checker) literal(path string, value any, s *apiextensionsv1.JSONSchemaProps) {
	for _, fault := range c.judge.faults(s, value) {
		c.problemf(path, "", "%s", fault)
	}
}

func (c *checker) text(path, value string, s *apiextensionsv1.JSONSchemaProps, required bool) node {
	template, faults := c.compile(value, required)
	for _, f := range faults {
		c.problemf(path, f.Source, "%s", bounded(f.Error()))
	}
	if len(faults) > 0 {
		return nil
	}
	if plain, ok := template.Literal(); ok {
		c.literal(path, plain, s)
		return literal{value: plain}
	}
	if *c.expressions += len(template.Expressions()); *c.expressions > maxExpressions {
		c.problemf(path, "", "a class can have %d expressions", maxExpressions)
		return nil
	}
	c.result(path, template, s, required)
	return &computed{path: path, template: template, schema: s}
}

// compile compiles a text. What a target's network lacks is no fault of the class:
// where a field that is required is a fact about it, rendering fails until it is known.
func (c *checker) compile(value string, required bool) (*expr.Template, []*expr.PartError) {
	template, faults := c.environment.CompileText(value, expr.AbsencePasses)
	if len(faults) > 0 || !required {
		return template, faults
	}
	if x := template.Whole(); x != nil && x.MayBeAbsent && x.Path != nil && x.Path.Root == varTarget {
		return c.environment.CompileText(value, expr.AbsenceFails)
	}
	return template, faults
}

// result checks what the expressions of a text give.
func (c *checker) result(path string, template *expr.Template, s *apiextensionsv1.JSONSchemaProps, required bool) {
	x := template.Whole()
	if x == nil {
		if !untyped(s) && s.Type != typeString && !s.XIntOrString {
			c.problemf(path, "", "%s", mismatch(aString, s))
		}
		return
	}
	if fault := misfit(x.Type, s, c.objects); fault != "" {
		c.problemf(path, x.Source, "%s", fault)
	}
	if x.Path != nil && x.Path.String() == "location.region" {
		c.inRegions(path, x.Source, s)
	}
	if x.MayBeAbsent && required {
		c.problemf(path, x.Source, "may have no value, and the field is required: say with .?... and orValue(...) what it is then")
	}
}

// inRegions checks the regions that a class names where they will be put.
func (c *checker) inRegions(path, source string, s *apiextensionsv1.JSONSchemaProps) {
	for _, region := range c.regions {
		for _, fault := range c.judge.faults(s, region) {
			c.problemf(path, source, "%s: see regions of the class", fault)
		}
	}
}

func (c *checker) object(path string, value map[string]any, s *apiextensionsv1.JSONSchemaProps) node {
	if !untyped(s) && s.Type != typeObject {
		c.problemf(path, "", "%s", mismatch(anObject, s))
		return nil
	}
	out := &object{fields: map[string]node{}}
	for _, name := range sortedKeys(value) {
		at := path + "." + name
		if strings.Contains(name, "${") {
			c.problemf(at, "", "the name of a field can't have expressions")
			continue
		}
		if s != nil {
			if unknown := unknownField(s, name); unknown != "" {
				c.problemf(path, "", "%s", unknown)
				continue
			}
		}
		out.add(name, c.field(at, value[name], schemaOf(s, name), s != nil && slices.Contains(requiredFields(s), name)))
	}
	c.missing(path, value, s)
	return out
}

func (c *checker) missing(path string, value map[string]any, s *apiextensionsv1.JSONSchemaProps) {
	if s == nil {
		return
	}
	for _, name := range requiredFields(s) {
		if _, ok := value[name]; !ok {
			c.problemf(path, "", "%s", missingField(name))
		}
	}
}

func (c *checker) list(path string, value []any, s *apiextensionsv1.JSONSchemaProps) node {
	if !untyped(s) && s.Type != typeArray {
		c.problemf(path, "", "%s", mismatch(aList, s))
		return nil
	}
	if fault := countFault(s, len(value)); fault != "" {
		c.problemf(path, "", "%s", fault)
	}
	var items *apiextensionsv1.JSONSchemaProps
	if s != nil && s.Items != nil {
		items = s.Items.Schema
	}
	out := &list{path: path, schema: s}
	for i, item := range value {
		if n := c.field(fmt.Sprintf("%s[%d]", path, i), item, items, false); n != nil {
			out.items = append(out.items, n)
		}
	}
	return out
}
