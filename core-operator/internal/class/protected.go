// SPDX-License-Identifier: Apache-2.0

package class

import (
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// domain is that of the labels and annotations by which operators work together.
const domain = "crossplane.io"

// forbid finds what a template says of fields that are not the class's to set.
func (c *checker) forbid(path string, spec any) {
	fields, _ := spec.(map[string]any)
	why := map[string]string{
		"claimRef":      "core writes it, to bind the resource to the claim",
		"bindableBy":    "what is made for a claim can't be bound by another",
		"reclaimPolicy": "set reclaimPolicy of the class instead",
	}
	for _, name := range sortedKeys(why) {
		if _, ok := fields[name]; ok {
			c.problemf(path+"."+name, "", "a template can't set it: %s", why[name])
		}
	}
}

// metadata checks what a template says of an object's metadata: labels and
// annotations, and of those only such that mean nothing to the operators.
func (c *checker) metadata(path string, value any) node {
	fields, ok := value.(map[string]any)
	if !ok {
		c.problemf(path, "", "has to be an object")
		return nil
	}
	out := &object{fields: map[string]node{}}
	for _, name := range sortedKeys(fields) {
		at := path + "." + name
		if name != fieldLabels && name != fieldAnnotations {
			c.problemf(at, "", "a template can set labels and annotations only: the rest of metadata is the operators'")
			continue
		}
		c.keys(at, fields[name])
		out.add(name, c.field(at, fields[name], valuesOf(name), false))
	}
	return out
}

// keys checks the names of labels or annotations.
func (c *checker) keys(path string, value any) {
	fields, _ := value.(map[string]any)
	for _, key := range sortedKeys(fields) {
		prefix, _, _ := strings.Cut(key, "/")
		if prefix == domain || strings.HasSuffix(prefix, "."+domain) {
			c.problemf(path, "", "%s can't be set by a template: names of %s are the operators'", key, domain)
		}
		if faults := validation.IsQualifiedName(strings.ToLower(key)); len(faults) > 0 && !strings.Contains(key, "${") {
			c.problemf(path, "", "%s: %s", quoted(key), faults[0])
		}
	}
	if text, ok := value.(string); ok {
		c.problemf(path, "", "is %s, and has to be an object: give each label or annotation by its name", quoted(text))
	}
}

// valuesOf returns the schema of labels or annotations.
func valuesOf(name string) *apiextensionsv1.JSONSchemaProps {
	value := &apiextensionsv1.JSONSchemaProps{Type: typeString}
	if name == fieldLabels {
		longest := int64(validation.LabelValueMaxLength)
		value.MaxLength = &longest
		value.Pattern = `^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$`
	}
	return &apiextensionsv1.JSONSchemaProps{
		Type:                 typeObject,
		AdditionalProperties: &apiextensionsv1.JSONSchemaPropsOrBool{Schema: value},
	}
}
