// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

// binding are the fields of a claim that say how it is bound, not what is needed.
var binding = []string{"classRef", "classSelector", "resourceRef", "resourceSelector", "writeConnectionSecretToRef", "connectionTemplate"}

// used finds the claim's fields in an expression, as in claim.spec.?restoreFrom.?time.
var used = regexp.MustCompile(`claim\.spec((?:\.\??[a-zA-Z]+\b)+)(\()?`)

// TestWhatAClaimBecomes compares the table with the example classes of each
// cloud, and with the fields that claims have.
func TestWhatAClaimBecomes(t *testing.T) {
	root, document := document(t, "docs/clouds.md")
	rows := document.Named("what-becomes-of-a-claim", "Field of the claim")
	if diff := cmp.Diff(claimFields(t, root), names(rows)); diff != "" {
		t.Errorf("claims - document +:\n%s", diff)
	}
	for column, cloud := range []string{"aws", "gcp", "azure"} {
		made := rendered(t, root, cloud)
		for field, row := range rows {
			if len(row) <= column+1 {
				t.Fatalf("%s: the row has no column for %s", field, cloud)
			}
			got := slices.Sorted(slices.Values(codes(row[column+1])))
			if diff := cmp.Diff(made[field], got); diff != "" {
				t.Errorf("%s on %s: classes - document +:\n%s", field, cloud, diff)
			}
		}
	}
}

// codes returns what stands between backticks.
func codes(cell string) []string {
	var found []string
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		found = append(found, m[1])
	}
	return found
}

// claimFields returns the fields that say what is needed, of all claims for databases.
func claimFields(t *testing.T, root string) []string {
	t.Helper()
	found := map[string]bool{}
	for _, crd := range objects(t, root, "charts/core-operator/generated/crds") {
		if group, _, _ := unstructured.NestedString(crd.Object, "spec", "group"); group != "database.crossplane.io" {
			continue
		}
		versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
		for _, version := range versions {
			schema, _ := version.(map[string]any)
			properties, _, _ := unstructured.NestedMap(schema, "schema", "openAPIV3Schema", "properties", "spec", "properties")
			for field := range properties {
				found[field] = true
			}
		}
	}
	for _, field := range binding {
		delete(found, field)
	}
	return slices.Sorted(maps.Keys(found))
}

// rendered returns, for each field of a claim, the fields below forProvider that
// the example classes of a cloud make of it.
func rendered(t *testing.T, root, cloud string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, class := range objects(t, root, "examples/"+cloud+"/classes.yaml") {
		resources, _, _ := unstructured.NestedSlice(class.Object, "spec", "resources")
		for _, r := range resources {
			resource, _ := r.(map[string]any)
			parameters, _, _ := unstructured.NestedMap(resource, "template", "spec", "forProvider")
			collectFields(found, "", parameters)
		}
	}
	for field, paths := range found {
		slices.Sort(paths)
		found[field] = slices.Compact(paths)
	}
	return found
}

func collectFields(found map[string][]string, path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, below := range v {
			collectFields(found, strings.TrimPrefix(path+"."+key, "."), below)
		}
	case []any:
		for _, below := range v {
			collectFields(found, path, below)
		}
	case string:
		for _, m := range used.FindAllStringSubmatch(v, -1) {
			field, _, _ := strings.Cut(strings.NewReplacer("?", "").Replace(strings.TrimPrefix(m[1], ".")), ".")
			found[field] = append(found[field], path)
		}
	}
}

func objects(t *testing.T, root, path string) []*unstructured.Unstructured {
	t.Helper()
	found, err := manifest.Read(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
