// SPDX-License-Identifier: Apache-2.0

package class

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// judge compares values with schemas, as the API server will. It leaves out
// what the API server says well enough itself: rules in CEL, formats, anyOf.
type judge struct {
	// patterns holds compiled regular expressions by their source.
	patterns sync.Map
}

// faults returns what is wrong with a value where a schema applies. It looks
// into lists and objects; their fields are named in the message.
func (j *judge) faults(s *apiextensionsv1.JSONSchemaProps, value any) []string {
	if untyped(s) {
		return nil
	}
	switch v := value.(type) {
	case []any:
		return j.list(s, v)
	case map[string]any:
		return j.object(s, v)
	}
	if !scalarFits(s, value) {
		return []string{mismatch(nameOfValue(value), s)}
	}
	if fault := j.scalar(s, value); fault != "" {
		return []string{fault}
	}
	return nil
}

// untyped reports whether a schema lets anything pass.
func untyped(s *apiextensionsv1.JSONSchemaProps) bool {
	return s == nil || s.Type == "" && !s.XIntOrString ||
		s.XPreserveUnknownFields != nil && *s.XPreserveUnknownFields && len(s.Properties) == 0
}

func scalarFits(s *apiextensionsv1.JSONSchemaProps, value any) bool {
	switch v := value.(type) {
	case string:
		return s.Type == typeString || s.XIntOrString
	case int64:
		return s.Type == typeInteger || s.Type == typeNumber || s.XIntOrString
	case float64:
		return s.Type == typeNumber || s.Type == typeInteger && v == math.Trunc(v) && math.Abs(v) < 1<<53
	case bool:
		return s.Type == typeBoolean
	default:
		return s.Nullable
	}
}

func (j *judge) scalar(s *apiextensionsv1.JSONSchemaProps, value any) string {
	if len(s.Enum) > 0 && !enumerated(s.Enum, value) {
		return fmt.Sprintf("is %s, and has to be one of %s", quoted(value), enumText(s.Enum))
	}
	switch v := value.(type) {
	case string:
		return j.text(s, v)
	case int64:
		return number(s, float64(v))
	case float64:
		return number(s, v)
	}
	return ""
}

func enumerated(enum []apiextensionsv1.JSON, value any) bool {
	text, err := json.Marshal(value)
	if err != nil {
		return false
	}
	for _, e := range enum {
		if bytes.Equal(e.Raw, text) {
			return true
		}
	}
	return false
}

func enumText(enum []apiextensionsv1.JSON) string {
	names := make([]string, 0, len(enum))
	for _, e := range enum {
		names = append(names, string(e.Raw))
	}
	return bounded(strings.Join(names, ", "))
}

func (j *judge) text(s *apiextensionsv1.JSONSchemaProps, v string) string {
	length := int64(utf8.RuneCountInString(v))
	switch {
	case s.MinLength != nil && length < *s.MinLength:
		return fmt.Sprintf("is %s, and has to have at least %d characters", quoted(v), *s.MinLength)
	case s.MaxLength != nil && length > *s.MaxLength:
		return fmt.Sprintf("is %s, and can have at most %d characters", quoted(v), *s.MaxLength)
	case s.Pattern != "" && !j.matches(s.Pattern, v):
		return fmt.Sprintf("is %s, and has to match %s", quoted(v), s.Pattern)
	}
	return ""
}

// matches also reports true for a pattern that is none: it is not ours to judge.
func (j *judge) matches(pattern, v string) bool {
	if known, ok := j.patterns.Load(pattern); ok {
		re, ok := known.(*regexp.Regexp)
		return !ok || re.MatchString(v)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return true
	}
	j.patterns.Store(pattern, re)
	return re.MatchString(v)
}

func number(s *apiextensionsv1.JSONSchemaProps, v float64) string {
	switch {
	case s.Minimum != nil && (v < *s.Minimum || s.ExclusiveMinimum && v == *s.Minimum):
		return fmt.Sprintf("is %v, and has to be %s %v", v, orMore(s.ExclusiveMinimum, "at least", "more than"), *s.Minimum)
	case s.Maximum != nil && (v > *s.Maximum || s.ExclusiveMaximum && v == *s.Maximum):
		return fmt.Sprintf("is %v, and has to be %s %v", v, orMore(s.ExclusiveMaximum, "at most", "less than"), *s.Maximum)
	case s.MultipleOf != nil && *s.MultipleOf != 0 && math.Mod(v, *s.MultipleOf) != 0:
		return fmt.Sprintf("is %v, and has to be a multiple of %v", v, *s.MultipleOf)
	}
	return ""
}

func orMore(exclusive bool, inclusiveWords, exclusiveWords string) string {
	if exclusive {
		return exclusiveWords
	}
	return inclusiveWords
}

func (j *judge) list(s *apiextensionsv1.JSONSchemaProps, v []any) []string {
	if s.Type != typeArray {
		return []string{mismatch(aList, s)}
	}
	var out []string
	if fault := countFault(s, len(v)); fault != "" {
		out = append(out, fault)
	}
	if s.Items == nil {
		return out
	}
	for i, item := range v {
		for _, fault := range j.faults(s.Items.Schema, item) {
			out = append(out, fmt.Sprintf("[%d] %s", i, fault))
		}
	}
	return out
}

func countFault(s *apiextensionsv1.JSONSchemaProps, count int) string {
	switch {
	case s == nil:
	case s.MinItems != nil && int64(count) < *s.MinItems:
		return fmt.Sprintf("has %d items, and has to have at least %d", count, *s.MinItems)
	case s.MaxItems != nil && int64(count) > *s.MaxItems:
		return fmt.Sprintf("has %d items, and can have at most %d", count, *s.MaxItems)
	}
	return ""
}

func (j *judge) object(s *apiextensionsv1.JSONSchemaProps, v map[string]any) []string {
	if s.Type != typeObject {
		return []string{mismatch(anObject, s)}
	}
	var out []string
	for _, name := range sortedKeys(v) {
		if unknown := unknownField(s, name); unknown != "" {
			out = append(out, unknown)
			continue
		}
		for _, fault := range j.faults(schemaOf(s, name), v[name]) {
			out = append(out, fmt.Sprintf("%s %s", name, fault))
		}
	}
	for _, name := range requiredFields(s) {
		if _, ok := v[name]; !ok {
			out = append(out, missingField(name))
		}
	}
	return out
}

// requiredFields returns those that the API server will not fill in by itself.
func requiredFields(s *apiextensionsv1.JSONSchemaProps) []string {
	var out []string
	for _, name := range s.Required {
		if property, ok := s.Properties[name]; !ok || property.Default == nil {
			out = append(out, name)
		}
	}
	return out
}
