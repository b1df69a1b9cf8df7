// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	groupDoc = "// Package v1alpha1 has kinds.\n//\n// +groupName=example.org\npackage v1alpha1\n"
	kinds    = "package v1alpha1\n\n// DB is one.\n//\n// +kubebuilder:object:root=true\ntype DB struct{}\n\n" +
		"// DBList has many.\n//\n// +kubebuilder:object:root=true\ntype DBList struct{}\n\n// Spec is no kind.\ntype Spec struct{}\n"
)

func TestRegister(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		want  []string // in the generated file; none: there is no such file
	}{
		"kinds": {
			map[string]string{"v1alpha1/doc.go": groupDoc, "v1alpha1/db_types.go": kinds},
			[]string{`Group: "example.org", Version: "v1alpha1"`, "&DB{},\n\t\t&DBList{},\n\t)"},
		},
		"no group":           {map[string]string{"v1alpha1/db_types.go": kinds}, nil},
		"no kinds":           {map[string]string{"v1alpha1/doc.go": groupDoc}, nil},
		"kinds of tests":     {map[string]string{"v1alpha1/doc.go": groupDoc, "v1alpha1/db_test.go": kinds}, nil},
		"its own":            {map[string]string{"v1alpha1/doc.go": groupDoc + "func AddToScheme() {}\n", "v1alpha1/db_types.go": kinds}, nil},
		"no longer any kind": {map[string]string{"v1alpha1/doc.go": groupDoc, "v1alpha1/" + registerFile: kinds}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := folder(t, test.files)
			if err := register(root); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(root, "v1alpha1", registerFile))
			if (err == nil) != (test.want != nil) {
				t.Fatalf("got %v:\n%s", err, got)
			}
			for _, text := range test.want {
				if !strings.Contains(string(got), text) {
					t.Errorf("%q is not in\n%s", text, got)
				}
			}
			if strings.Contains(string(got), "Spec") {
				t.Errorf("Spec is no kind:\n%s", got)
			}
		})
	}
	if err := register(folder(t, map[string]string{"bad.go": "no Go"})); err == nil {
		t.Error("want an error for what is no Go")
	}
}

func TestCoreAccess(t *testing.T) {
	crd := func(group, plural, contract string) string {
		return "metadata: {labels: {crossplane.io/contract: " + contract + "}}\nspec: {group: " + group + ", names: {plural: " + plural + "}}\n"
	}
	crds := folder(t, map[string]string{
		"a.yaml": crd("b.example.org", "dbs", "managed"), "b.yaml": crd("a.example.org", "nets", "managed"),
		"c.yaml": crd("b.example.org", "caches", "managed"), "d.yaml": crd("example.org", "providers", "provider"),
	})
	rbac := filepath.Join(t.TempDir(), "rbac")
	if err := accessOfOthers("x-operator", crds, rbac); err != nil {
		t.Fatal(err)
	}
	got := content(t, rbac)["core-access.yaml"]
	want := "rules:\n- apiGroups: [a.example.org]\n  resources: [nets]\n  verbs: [get, list, watch, create, patch, delete]\n" +
		"- apiGroups: [b.example.org]\n  resources: [caches, dbs]\n  verbs: [get, list, watch, create, patch, delete]\n"
	if !strings.Contains(got, want+"---\n") || !strings.Contains(got, "name: x-operator-core-access\n") {
		t.Errorf("got\n%s", got)
	}
	none := filepath.Join(t.TempDir(), "rbac")
	if err := accessOfOthers("core-operator", t.TempDir(), none); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a role for no kinds")
	}
	if err := accessOfOthers("x", folder(t, map[string]string{"a.yaml": "\tno YAML"}), none); err == nil {
		t.Error("want an error for what is no YAML")
	}
}
