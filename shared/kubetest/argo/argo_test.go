// SPDX-License-Identifier: Apache-2.0

package argo_test

import (
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/kubetest/argo"
	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

func with(conditions ...string) map[string]any {
	list := []any{}
	for i := 0; i+1 < len(conditions); i += 2 {
		list = append(list, map[string]any{"type": conditions[i], "status": conditions[i+1]})
	}
	return map[string]any{"status": map[string]any{"conditions": list}}
}

// TestHealth: the rules, and what comes of our conditions by them.
func TestHealth(t *testing.T) {
	for name, test := range map[string]struct {
		object map[string]any
		want   string
	}{
		"without status":           {map[string]any{}, argo.Healthy},
		"without conditions":       {map[string]any{"status": map[string]any{"users": int64(1)}}, argo.Progressing},
		"new":                      {with("Ready", "Unknown"), argo.Progressing},
		"creating":                 {with("Ready", "False", "Synced", "True", "Reconciling", "True"), argo.Progressing},
		"at rest":                  {with("Ready", "True", "Synced", "True"), argo.Healthy},
		"a change under way":       {with("Ready", "True", "Synced", "True", "Reconciling", "True"), argo.Healthy},
		"usable, not to be looked": {with("Ready", "True", "Synced", "False", "Reconciling", "True"), argo.Healthy},
		"usable, can't be changed": {with("Ready", "True", "Synced", "False", "Stalled", "True"), argo.Healthy},
		"not usable, and why":      {with("Ready", "False", "Synced", "False", "Reconciling", "True"), argo.Degraded},
		"failed":                   {with("Ready", "False", "Synced", "False", "Stalled", "True"), argo.Degraded},
		"Synced before Ready":      {with("Synced", "False", "Ready", "True"), argo.Degraded},
		"of no type that counts":   {with("Valid", "True", "Available", "True"), argo.Progressing},
	} {
		if got := argo.Health(test.object); got != test.want {
			t.Errorf("%s: want %s, got %s", name, test.want, got)
		}
	}
}

// TestNothingNewIsHealthy: every kind that has a status has one from the beginning,
// and it is not healthy. One that never gets a status would be healthy at once.
func TestNothingNewIsHealthy(t *testing.T) {
	root, err := kubetest.Root()
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(filepath.Join(root, "charts", "*", "generated", "crds"))
	if err != nil || len(folders) < 5 {
		t.Fatal(folders, err)
	}
	kinds := 0
	for _, folder := range folders {
		crds, err := manifest.Read(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, crd := range crds {
			kinds++
			begins(t, crd)
		}
	}
	if kinds < 30 {
		t.Errorf("found %d kinds: fewer than there are", kinds)
	}
}

func begins(t *testing.T, crd *unstructured.Unstructured) {
	t.Helper()
	versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
	for _, one := range versions {
		version, _ := one.(map[string]any)
		status, there, err := unstructured.NestedMap(version, "schema", "openAPIV3Schema", "properties", "status")
		if crd.GetName() == "chartsources.workload.crossplane.io" {
			continue // used as it is written; what is wrong with it is told on the applications
		}
		if err != nil || !there {
			t.Errorf("%s has no status: Argo CD takes it for healthy from the beginning (%v)", crd.GetName(), err)
			continue
		}
		if got := argo.Health(map[string]any{"status": status["default"]}); got != argo.Progressing {
			t.Errorf("%s is %s before anybody has looked at it: its status needs a default", crd.GetName(), got)
		}
	}
}
