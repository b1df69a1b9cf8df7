// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

// userRole is what people may do with an operator's kinds.
type userRole struct {
	suffix, label string
	kinds         func(definition) bool
	verbs         string
}

// userRoles returns the roles for people. Developers have their rights in namespaces; what is not in
// one belongs to the administrators of the control plane.
func userRoles() []userRole {
	namespaced := func(d definition) bool { return d.Spec.Scope == "Namespaced" }
	const read, change = "get, list, watch", "create, update, patch, delete, deletecollection"
	return []userRole{
		{"view", "rbac.authorization.k8s.io/aggregate-to-view", namespaced, read},
		{"edit", "rbac.authorization.k8s.io/aggregate-to-edit", namespaced, change},
		{"admin", "crossplane.io/aggregate-to-admin", func(d definition) bool { return d.Spec.Group != "" }, read + ", " + change},
	}
}

//nolint:gochecknoglobals // a text, never changed
var userAccess = template.Must(template.New("users").Parse(`# What people may do with this operator's kinds, who have the role that the label adds it to.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{.Operator}}-{{.Suffix}}
  labels:
    {{.Label}}: "true"
rules:{{range .Groups}}
- apiGroups: [{{.Name}}]
  resources: [{{range $i, $r := .Resources}}{{if $i}}, {{end}}{{$r}}{{end}}]
  verbs: [{{$.Verbs}}]{{end}}
`))

// accessOfUsers writes the roles for people into the folder users, from the CRDs in crds.
func accessOfUsers(operator, crds, users string) error {
	for _, role := range userRoles() {
		groups, err := kindsOf(crds, role.kinds)
		if err != nil {
			return err
		}
		if len(groups) == 0 {
			continue
		}
		var out bytes.Buffer
		if err := userAccess.Execute(&out, struct {
			Operator, Suffix, Label, Verbs string
			Groups                         []groupAccess
		}{operator, role.suffix, role.label, role.verbs, groups}); err != nil {
			return fmt.Errorf("writing the role of users: %w", err)
		}
		if err := os.MkdirAll(users, 0o755); err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
		if err := os.WriteFile(filepath.Join(users, role.suffix+".yaml"), out.Bytes(), 0o644); err != nil {
			return fmt.Errorf("writing the role of users: %w", err)
		}
	}
	return nil
}
