// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"encoding/json"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

// width is where comments are broken.
const width = 110

// valuesOf returns a chart's values.yaml: each option with its default, below what it means.
func valuesOf(name string, options []option) string {
	var out strings.Builder
	fmt.Fprintf(&out, "# SPDX-License-Identifier: Apache-2.0\n#\n# Generated from charts/common/options.yaml and charts/%s/options.yaml.\n", name)
	for _, o := range options {
		out.WriteString("\n")
		o.writeValue(&out, "")
	}
	return out.String()
}

func (o option) writeValue(out *strings.Builder, indent string) {
	for _, line := range wrap(o.Description, width-len(indent)) {
		fmt.Fprintf(out, "%s# %s\n", indent, line)
	}
	if len(o.Options) > 0 {
		fmt.Fprintf(out, "%s%s:\n", indent, o.Name)
		for _, inner := range o.Options {
			inner.writeValue(out, indent+"  ")
		}
		return
	}
	text, err := yaml.Marshal(map[string]any{o.Name: o.Default})
	if err != nil {
		panic(err) // it has just been read as YAML
	}
	for line := range strings.Lines(string(text)) {
		out.WriteString(indent + line)
	}
}

// wrap breaks a text into lines.
func wrap(text string, length int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > length-len("# ") {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

// pageOf returns the page about a chart.
func pageOf(name string, options []option) string {
	var out strings.Builder
	fmt.Fprintf(&out, `# The chart of %[1]s

<!-- Generated from charts/common/options.yaml and charts/%[1]s/options.yaml. -->

What can be set with `+"`--set`"+` or in a file of values. How to install it: [installation](../../operations/install.md).
Values that are not here are refused.

| Value | Default | Meaning |
|---|---|---|
`, name)
	for _, o := range options {
		o.writeRow(&out, "")
	}
	return out.String()
}

func (o option) writeRow(out *strings.Builder, prefix string) {
	if len(o.Options) > 0 {
		fmt.Fprintf(out, "| `%s%s` | | %s |\n", prefix, o.Name, cell(o.Description))
		for _, inner := range o.Options {
			inner.writeRow(out, prefix+o.Name+".")
		}
		return
	}
	text, err := json.Marshal(o.Default)
	if err != nil {
		panic(err) // it has just been read as YAML
	}
	fmt.Fprintf(out, "| `%s%s` | `%s` | %s |\n", prefix, o.Name, text, cell(o.Description+o.bounds()))
}

// bounds returns in words what an option's schema allows beside its type.
func (o option) bounds() string {
	values, ok := o.Schema["enum"].([]any)
	if !ok {
		return ""
	}
	words := make([]string, 0, len(values))
	for _, value := range values {
		words = append(words, fmt.Sprintf("`%v`", value))
	}
	return " One of " + strings.Join(words, ", ") + "."
}

// cell makes a text fit into a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
