// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"sigs.k8s.io/yaml"
)

// grant is a role by which another operator may use an operator's managed kinds.
type grant struct {
	file string
	to   string // the other operator's short name
	role string // of the other operator, that the label adds it to
	what string // in words
	// kinds says of which of them it is.
	kinds func(definition) bool
	verbs string
}

func grants() []grant {
	managed := func(d definition) bool { return d.Metadata.Labels["crossplane.io/contract"] == "managed" }
	return []grant{{
		file: "core-access.yaml", to: "core", role: "core-operator-providers", what: "this operator's managed resources",
		kinds: managed, verbs: "get, list, watch, create, patch, delete",
	}, {
		file: "workload-access.yaml", to: "workload", role: "workload-operator-providers", what: "this operator's clusters",
		kinds: func(d definition) bool {
			return managed(d) && d.Metadata.Labels["crossplane.io/offers"] == "KubernetesCluster"
		},
		verbs: "get",
	}}
}

//nolint:gochecknoglobals // a text, never changed
var access = template.Must(template.New("access").Parse(`# What {{.To}} may do with {{.What}}. The label adds it to {{.To}}'s own role,
# {{.Role}}.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{.Operator}}-{{.To}}-access
  labels:
    crossplane.io/aggregate-to-{{.To}}: "true"
rules:{{range .Groups}}
- apiGroups: [{{.Name}}]
  resources: [{{range $i, $r := .Resources}}{{if $i}}, {{end}}{{$r}}{{end}}]
  verbs: [{{$.Verbs}}]{{end}}
---
# Their connection details, which {{.To}} reads by name.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{.Operator}}-{{.To}}-access
  namespace: crossplane-{{.Cloud}}-connections
rules:
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{.Operator}}-{{.To}}-access
  namespace: crossplane-{{.Cloud}}-connections
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{.Operator}}-{{.To}}-access
subjects:
- kind: ServiceAccount
  name: {{.To}}-operator
  namespace: crossplane-system
`))

// definition is the part of a CRD that matters here.
type definition struct {
	Metadata struct {
		Labels map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		Group string `json:"group"`
		Scope string `json:"scope"`
		Names struct {
			Plural string `json:"plural"`
		} `json:"names"`
	} `json:"spec"`
}

type groupAccess struct {
	Name      string
	Resources []string
}

// accessOfOthers writes the roles of other operators for the kinds among the CRDs in crds into the
// folder rbac. What an operator has none of gets no role.
func accessOfOthers(operator, crds, rbac string) error {
	for _, g := range grants() {
		if err := g.write(operator, crds, rbac); err != nil {
			return err
		}
	}
	return nil
}

func (g grant) write(operator, crds, rbac string) error {
	groups, err := kindsOf(crds, g.kinds)
	if err != nil || len(groups) == 0 {
		return err
	}
	var out bytes.Buffer
	if err := access.Execute(&out, struct {
		Operator, Cloud, To, Role, What, Verbs string
		Groups                                 []groupAccess
	}{operator, strings.TrimSuffix(operator, "-operator"), g.to, g.role, g.what, g.verbs, groups}); err != nil {
		return fmt.Errorf("writing %s: %w", g.file, err)
	}
	if err := os.MkdirAll(rbac, 0o755); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(rbac, g.file), out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", g.file, err)
	}
	return nil
}

// kindsOf returns the kinds that fit among the CRDs in a folder.
func kindsOf(crds string, fits func(definition) bool) ([]groupAccess, error) {
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
		if fits(crd) {
			found[crd.Spec.Group] = append(found[crd.Spec.Group], crd.Spec.Names.Plural)
		}
	}
	var groups []groupAccess
	for _, group := range slices.Sorted(maps.Keys(found)) {
		groups = append(groups, groupAccess{Name: group, Resources: slices.Sorted(slices.Values(found[group]))})
	}
	return groups, nil
}
