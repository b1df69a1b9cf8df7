// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"

	"github.com/santhosh-tekuri/jsonschema/v6"
	helm "helm.sh/helm/v4/pkg/chart/v2"
)

// validate sees that values are as the schemas of a chart, and of those in it, want
// them to be.
func validate(c *helm.Chart, values map[string]any) error {
	if len(c.Schema) > 0 {
		if err := validateBy(c.Schema, values); err != nil {
			return invalid("the values are not as values.schema.json of chart %s wants: %s", c.Name(), unquoted(err))
		}
	}
	for _, d := range c.Dependencies() {
		if own, ok := values[d.Name()].(map[string]any); ok {
			if err := validate(d, own); err != nil {
				return err
			}
		}
	}
	return nil
}

func validateBy(schema []byte, values map[string]any) error {
	const here = "values.schema.json"
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return err //nolint:wrapcheck // the caller says what was being done
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(nowhere{})
	if err := compiler.AddResource(here, parsed); err != nil {
		return err //nolint:wrapcheck // likewise
	}
	compiled, err := compiler.Compile(here)
	if err != nil {
		return err //nolint:wrapcheck // likewise
	}
	return compiled.Validate(values) //nolint:wrapcheck // likewise
}

// nowhere is what a schema reaches outside of itself: no file and no server, only
// a schema that everything is good for.
type nowhere struct{}

// Load implements jsonschema.URLLoader.
func (nowhere) Load(string) (any, error) { return true, nil }
