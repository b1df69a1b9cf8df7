// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

const maxCRDs = 25

var documentBreak = regexp.MustCompile(`(?m)^---\s*$`)

// crds counts what the charts carry: a CRD that no chart carries reaches no cluster.
func crds(tree *Tree) []Finding {
	var found []Finding
	owner, count := map[string]string{}, map[string]int{}
	for _, file := range tree.Files {
		chart := chartOf(file)
		if chart == "" {
			continue
		}
		for _, name := range crdNames(file.Text) {
			if other := owner[name]; other != "" && other != chart {
				found = append(found, Finding{Path: file.Path, Text: fmt.Sprintf("%s is in %s's chart already", name, other)})
				continue
			}
			owner[name] = chart
			count[chart]++
			if count[chart] == maxCRDs+1 {
				found = append(found, Finding{Path: file.Path, Text: fmt.Sprintf("%s has more than %d custom resources", chart, maxCRDs)})
			}
		}
	}
	return found
}

func chartOf(file File) string {
	if !file.Under("charts") || !strings.HasSuffix(file.Path, ".yaml") {
		return ""
	}
	chart, _, _ := strings.Cut(strings.TrimPrefix(file.Path, "charts/"), "/")
	return chart
}

// crdNames leaves out what is no YAML: a chart's templates are not, before they are rendered.
func crdNames(text string) []string {
	var names []string
	for _, document := range documentBreak.Split(text, -1) {
		var object struct {
			Kind     string `json:"kind"`
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
		}
		if yaml.Unmarshal([]byte(document), &object) == nil && object.Kind == "CustomResourceDefinition" {
			names = append(names, object.Metadata.Name)
		}
	}
	return names
}
