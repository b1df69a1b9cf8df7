// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeTool stands for controller-gen and crd-ref-docs: it writes where it is told to.
const fakeTool = `#!/usr/bin/env bash
set -e
for arg; do
  case "$arg" in
  object:*) echo "package api" >api/zz_generated.deepcopy.go ;;
  paths=*) of="${arg//[^a-z]/}" ;;
  output:crd:dir=*) mkdir -p "${arg#*=}" && echo "kind: CustomResourceDefinition" >"${arg#*=}/$of.yaml" ;;
  rbac:roleName=*) role="${arg#*=}" ;;
  output:rbac:dir=*) mkdir -p "${arg#*=}" && echo "$role" >"${arg#*=}/role.yaml" ;;
  --output-path=*) printf '# Reference  \n\n\n\nof it\n' >"${arg#*=}" ;;
  esac
done
`

func TestAll(t *testing.T) {
	base := map[string]string{
		"go.work":             "go 1.26.0\n\nuse (\n\t./aws-operator\n\t./shared\n)\n",
		"aws-operator/go.mod": "module example.org/aws-operator\n",
		"shared/go.mod":       "module example.org/shared\n",
		"charts/aws-operator/generated/crds/old.yaml": "no longer generated\n",
		"docs/reference/aws-operator.md":              "no longer so\n",
	}
	api := map[string]string{"aws-operator/api/types.go": "package api\n"}
	made := map[string]string{
		"aws-operator/api/zz_generated.deepcopy.go":        "package api\n",
		"charts/aws-operator/generated/crds/pathsapi.yaml": "kind: CustomResourceDefinition\n",
		"docs/reference/aws-operator.md":                   "# Reference\n\nof it\n",
	}
	marked := map[string]string{"aws-operator/internal/it.go": "package it\n\n// +kubebuilder:rbac:groups=apps\n"}
	role := map[string]string{"charts/aws-operator/generated/rbac/role.yaml": "aws-operator\n"}
	writtenByTwo := map[string]string{"shared/api/aws/types.go": "package aws\n"}
	of := map[string]string{"shared/api/gcp/types.go": "package gcp\n"}
	copies := map[string]string{"shared/api/zz_generated.deepcopy.go": "package api\n"}
	tests := map[string]struct {
		tree, want []map[string]string
	}{
		"nothing yet":        {},
		"an API":             {tree: []map[string]string{api}, want: []map[string]string{made}},
		"an API and markers": {tree: []map[string]string{api, marked}, want: []map[string]string{made, role}},
		"an API in shared": {
			tree: []map[string]string{writtenByTwo},
			want: []map[string]string{copies, {
				"charts/aws-operator/generated/crds/pathsapiaws.yaml": "kind: CustomResourceDefinition\n",
				"docs/reference/aws-operator.md":                      "# Reference\n\nof it\n",
			}},
		},
		"an API of its own beside one in shared": {
			tree: []map[string]string{writtenByTwo, api},
			want: []map[string]string{copies, made, {
				"charts/aws-operator/generated/crds/pathsapiaws.yaml": "kind: CustomResourceDefinition\n",
				"docs/reference/aws-operator-managed.md":              "# Reference\n\nof it\n",
			}},
		},
		"another operator's API in shared": {tree: []map[string]string{of}, want: []map[string]string{copies}},
		"shared has deep copies": {
			tree: []map[string]string{{"shared/api/types.go": "package api\n"}},
			want: []map[string]string{{"shared/api/zz_generated.deepcopy.go": "package api\n"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tree := maps.Clone(base)
			for _, files := range test.tree {
				maps.Copy(tree, files)
			}
			root := folder(t, tree)
			want := maps.Clone(tree)
			delete(want, "charts/aws-operator/generated/crds/old.yaml")
			delete(want, "docs/reference/aws-operator.md")
			for _, files := range test.want {
				maps.Copy(want, files)
			}
			for range 2 { // The second time changes nothing.
				if err := generator(t, root).All(t.Context()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, content(t, root)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
		})
	}
}

func TestAToolThatFailsIsNamed(t *testing.T) {
	root := folder(t, map[string]string{"go.work": "go 1.26.0\n\nuse ./shared\n", "shared/go.mod": "module m\n", "shared/api/a.go": "package a\n"})
	failing := generator(t, root)
	failing.Tools = t.TempDir()
	if err := failing.All(t.Context()); err == nil {
		t.Error("want an error where the tools are not there")
	}
}

func generator(t *testing.T, root string) Generator {
	t.Helper()
	tools := t.TempDir()
	for _, name := range []string{"controller-gen", "crd-ref-docs"} {
		if err := os.WriteFile(filepath.Join(tools, name), []byte(fakeTool), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return Generator{Root: root, Tools: tools, Say: func(string, ...any) {}}
}
