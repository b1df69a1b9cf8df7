// SPDX-License-Identifier: Apache-2.0

package stacktest

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// Programs fills a folder with the real control plane and the programs of this package.
func Programs(dir string) error {
	hyperkube, err := kubetest.Hyperkube()
	if err != nil {
		return fmt.Errorf("linking the control plane: %w", err)
	}
	programs := map[string]string{"hyperkube": hyperkube, "kubectl": hyperkube, "core-operator": os.Args[0], "workload-operator": os.Args[0]}
	for _, cloud := range []string{"aws", "gcp", "azure"} {
		programs["local-"+cloud], programs[cloud+"-operator"] = os.Args[0], os.Args[0]
	}
	for name, target := range programs {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("linking a program: %w", err)
		}
	}
	return nil
}

// Charts makes a folder one like the repository's root, with the charts of the operators: core may
// write ConfigMaps in its namespace, by a role in its chart; the others may everywhere, by their
// generated roles, and aws lets core read its connection secrets and create its kind.
func Charts(root string) error {
	for path, content := range map[string]string{
		"go.work": "",
		"charts/core-operator/generated/crds/claims.yaml":   crd("claims"),
		"charts/core-operator/rbac/role.yaml":               coreRole,
		"charts/aws-operator/generated/crds/dbs.yaml":       crd("dbs"),
		"charts/aws-operator/generated/rbac/role.yaml":      writerRole("aws-operator"),
		"charts/gcp-operator/generated/crds/nets.yaml":      crd("nets"),
		"charts/gcp-operator/generated/rbac/role.yaml":      writerRole("gcp-operator"),
		"charts/azure-operator/generated/crds/groups.yaml":  crd("groups"),
		"charts/azure-operator/generated/rbac/role.yaml":    writerRole("azure-operator"),
		"charts/workload-operator/generated/crds/apps.yaml": crd("apps"),
		"charts/workload-operator/generated/rbac/role.yaml": writerRole("workload-operator"),
		"charts/aws-operator/rbac/connection-secrets.yaml":  awsConnections,
		"charts/aws-operator/rbac/for-core.yaml":            awsForCore,
	} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("making the folder of a chart: %w", err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return fmt.Errorf("writing a part of a chart: %w", err)
		}
	}
	return nil
}

func writerRole(name string) string {
	return `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ` + name + `}
rules:
- {apiGroups: [""], resources: [configmaps], verbs: [create]}
`
}

func crd(plural string) string {
	return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ` + plural + `.stack.example.org}
spec:
  group: stack.example.org
  names: {kind: Kind` + plural + `, plural: ` + plural + `}
  scope: Cluster
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`
}

const (
	coreRole = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: crossplane-system, name: core-operator}
rules:
- {apiGroups: [""], resources: [configmaps], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: edit-everything
  labels: {rbac.authorization.k8s.io/aggregate-to-edit: "true"}
rules:
- {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: core-operator-providers}
aggregationRule:
  clusterRoleSelectors:
  - matchLabels: {stack.example.org/aggregate-to-core: "true"}
rules: []
`
	awsForCore = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: aws-for-core
  labels: {stack.example.org/aggregate-to-core: "true"}
rules:
- {apiGroups: [stack.example.org], resources: [dbs], verbs: [create]}
`
	awsConnections = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: crossplane-aws-connections, name: read-connections}
rules:
- {apiGroups: [""], resources: [secrets], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: crossplane-aws-connections, name: core-reads-connections}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read-connections}
subjects:
- {kind: ServiceAccount, namespace: crossplane-system, name: core-operator}
`
)
