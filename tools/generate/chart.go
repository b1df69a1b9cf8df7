// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// option is a value of a chart, or a group of them. values.yaml, values.schema.json and the page
// about the chart are three views of a chart's options.
type option struct {
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Default     any            `json:"default"`
	Schema      map[string]any `json:"schema"`
	Options     []option       `json:"options"`
}

// chart writes what all charts have in common into an operator's, and what follows from its
// options. An operator without a chart gets nothing.
func (g Generator) chart(name, temp string) error {
	charts := filepath.Join(g.Root, "charts")
	dir := filepath.Join(charts, name)
	if _, err := os.Stat(filepath.Join(dir, "Chart.yaml")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	options, err := readOptions(name, filepath.Join(charts, "common", "options.yaml"), filepath.Join(dir, "options.yaml"))
	if err != nil {
		return err
	}
	cloud := strings.TrimSuffix(name, "-operator")
	schema, err := schemaOf(name, options)
	if err != nil {
		return err
	}
	for to, text := range map[string]string{
		filepath.Join(dir, "values.yaml"):                                valuesOf(name, options),
		filepath.Join(dir, "values.schema.json"):                         schema,
		filepath.Join(g.Root, "docs", "reference", "charts", name+".md"): pageOf(name, options),
	} {
		file := filepath.Join(temp, "file")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", to, err)
		}
		if err := move(file, to); err != nil {
			return err
		}
	}
	if err := sync(filepath.Join(charts, "common", "templates"), filepath.Join(dir, "templates", "generated")); err != nil {
		return err
	}
	return move(filepath.Join(g.Root, "examples", cloud, "classes.yaml"), filepath.Join(dir, "generated", "classes", "databases.yaml"))
}

// readOptions returns the options of an operator's chart: its own in the place of common ones of
// the same name, the others in front of those about pods, which few people change.
func readOptions(name, common, own string) ([]option, error) {
	all, err := readOptionsFile(name, common)
	if err != nil {
		return nil, err
	}
	more, err := readOptionsFile(name, own)
	if err != nil {
		return nil, err
	}
	var first []option
	for _, o := range more {
		if at := slices.IndexFunc(all, func(c option) bool { return c.Name == o.Name }); at >= 0 {
			all[at] = o
			continue
		}
		first = append(first, o)
	}
	return append(first, all...), nil
}

func readOptionsFile(name, file string) ([]option, error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a chart's options: %w", err)
	}
	text := strings.NewReplacer("${operator}", name, "${cloud}", strings.TrimSuffix(name, "-operator")).Replace(string(content))
	var options []option
	if err := yaml.UnmarshalStrict([]byte(text), &options); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return options, nil
}

// schemaOf returns the JSON schema of a chart's values. A value that no option is for is refused,
// but for global, which Helm adds.
func schemaOf(name string, options []option) (string, error) {
	global := option{Name: "global", Description: "Values that Helm shares between charts; not used.", Schema: map[string]any{"type": "object"}}
	schema := objectSchema(append(slices.Clone(options), global))
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	schema["title"] = "Values of " + name
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return "", fmt.Errorf("writing the schema of values: %w", err)
	}
	return string(text) + "\n", nil
}

func objectSchema(options []option) map[string]any {
	properties := make(map[string]any, len(options))
	for _, o := range options {
		schema := o.Schema
		if len(o.Options) > 0 {
			schema = objectSchema(o.Options)
		}
		described := map[string]any{"description": o.Description}
		maps.Copy(described, schema)
		properties[o.Name] = described
	}
	return map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
}
