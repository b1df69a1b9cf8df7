// SPDX-License-Identifier: Apache-2.0

package house

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// everything is the category of all kinds.
const everything = "crossplane"

// definition is what kubectl makes use of in a CRD.
type definition struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Labels map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		Group string `json:"group"`
		Names struct {
			Kind       string   `json:"kind"`
			Categories []string `json:"categories"`
			ShortNames []string `json:"shortNames"`
		} `json:"names"`
		Versions []struct {
			Columns []struct {
				Name string `json:"name"`
			} `json:"additionalPrinterColumns"`
			Schema struct {
				Root struct {
					Description string `json:"description"`
					Properties  map[string]struct {
						Properties map[string]any `json:"properties"`
					} `json:"properties"`
				} `json:"openAPIV3Schema"`
			} `json:"schema"`
		} `json:"versions"`
	} `json:"spec"`
}

// kubectl sees that people find what they look for: each kind has a short name of its own, is in the
// categories that it belongs to, and shows whether it is ready, and why not.
func kubectl(tree *Tree) []Finding {
	var found []Finding
	taken := map[string]string{}
	for _, file := range tree.Files {
		if !file.Under("charts") || !strings.Contains(file.Path, "/generated/crds/") {
			continue
		}
		var d definition
		if yaml.Unmarshal([]byte(file.Text), &d) != nil || !strings.HasSuffix(d.Spec.Group, "crossplane.io") {
			continue
		}
		for _, text := range append(d.unreadable(chartOf(file)), d.doubles(taken)...) {
			found = append(found, Finding{Path: file.Path, Text: d.Spec.Names.Kind + ": " + text})
		}
	}
	return found
}

func (d definition) unreadable(chart string) []string {
	var faults []string
	for _, category := range d.wantedCategories(chart) {
		if !slices.Contains(d.Spec.Names.Categories, category) {
			faults = append(faults, "is not in category "+category)
		}
	}
	if len(d.Spec.Names.ShortNames) == 0 {
		faults = append(faults, "has no short name")
	}
	for _, version := range d.Spec.Versions {
		var columns []string
		for _, column := range version.Columns {
			columns = append(columns, column.Name)
		}
		wanted := []string{"Age"}
		if version.Schema.Root.Properties["status"].Properties["conditions"] != nil {
			wanted = append(wanted, "Reason")
		}
		if d.Metadata.Labels["crossplane.io/contract"] != "" {
			wanted = append(wanted, "Ready")
		}
		for _, name := range wanted {
			if !slices.Contains(columns, name) {
				faults = append(faults, "has no column "+name)
			}
		}
		if version.Schema.Root.Description == "" {
			faults = append(faults, "says nothing to kubectl explain")
		}
	}
	return faults
}

// wantedCategories: both words for claims, because kubectl knows no plural of a category.
func (d definition) wantedCategories(chart string) []string {
	cloud := strings.TrimSuffix(chart, "-operator")
	managed := d.Metadata.Labels["crossplane.io/contract"] == "managed"
	switch {
	case d.Metadata.Labels["crossplane.io/contract"] == "claim":
		return []string{everything, "claim", "claims"}
	case managed && cloud == "workload": // clusters that are in no cloud of ours
		return []string{everything, "managed"}
	case managed:
		return []string{everything, "managed", cloud}
	case d.Spec.Names.Kind == "Provider":
		return []string{everything, cloud}
	}
	return []string{everything}
}

func (d definition) doubles(taken map[string]string) []string {
	var faults []string
	for _, name := range d.Spec.Names.ShortNames {
		if other := taken[name]; other != "" {
			faults = append(faults, fmt.Sprintf("short name %s is %s's", name, other))
		}
		taken[name] = d.Spec.Names.Kind + "." + d.Spec.Group
	}
	return faults
}
