// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"text/template"

	"sigs.k8s.io/yaml"
)

// accessFile is the role by which core may use an operator's managed kinds.
const accessFile = "core-access.yaml"

//nolint:gochecknoglobals // a text, never changed
var access = template.Must(template.New("access").Parse(`# What core may do with this operator's managed resources. The label adds it to core's own role,
# core-operator-providers.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{.Operator}}-core-access
  labels:
    crossplane.io/aggregate-to-core: "true"
rules:{{range .Groups}}
- apiGroups: [{{.Name}}]
  resources: [{{range $i, $r := .Resources}}{{if $i}}, {{end}}{{$r}}{{end}}]
  verbs: [get, list, watch, create, patch, delete]{{end}}
`))

// definition is the part of a CRD that matters here.
type definition struct {
	Metadata struct {
		Labels map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		Group string `json:"group"`
		Names struct {
			Plural string `json:"plural"`
		} `json:"names"`
	} `json:"spec"`
}

type groupAccess struct {
	Name      string
	Resources []string
}

// coreAccess writes the role of core for the managed kinds among the CRDs in crds into the folder
// rbac. An operator that has none gets no role.
func coreAccess(operator, crds, rbac string) error {
	groups, err := managedKinds(crds)
	if err != nil || len(groups) == 0 {
		return err
	}
	var out bytes.Buffer
	if err := access.Execute(&out, struct {
		Operator string
		Groups   []groupAccess
	}{operator, groups}); err != nil {
		return fmt.Errorf("writing core's role: %w", err)
	}
	if err := os.MkdirAll(rbac, 0o755); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(rbac, accessFile), out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing core's role: %w", err)
	}
	return nil
}

func managedKinds(crds string) ([]groupAccess, error) {
	files, err := names(crds)
	if err != nil {
		return nil, err
	}
	found := map[string][]string{}
	for file := range files {
		content, err := os.ReadFile(filepath.Join(crds, file))
		if err != nil {
			return nil, fmt.Errorf("reading a CRD: %w", err)
		}
		var crd definition
		if err := yaml.Unmarshal(content, &crd); err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		if crd.Metadata.Labels["crossplane.io/contract"] == "managed" {
			found[crd.Spec.Group] = append(found[crd.Spec.Group], crd.Spec.Names.Plural)
		}
	}
	var groups []groupAccess
	for _, group := range slices.Sorted(maps.Keys(found)) {
		groups = append(groups, groupAccess{Name: group, Resources: slices.Sorted(slices.Values(found[group]))})
	}
	return groups, nil
}
