// SPDX-License-Identifier: Apache-2.0

package backup

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func object(kind, namespace, typ string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"kind": kind, "type": typ, "spec": map[string]any{"a": "b"}, "status": map[string]any{"c": "d"},
		"metadata": map[string]any{
			"namespace": namespace, "name": "x", "uid": "1", "resourceVersion": "2", "annotations": map[string]any{"k": "v"},
			"ownerReferences": []any{}, "managedFields": []any{}, "generation": int64(1), "creationTimestamp": "now", "finalizers": []any{"f"},
		},
	}}
}

func TestWhatIsKept(t *testing.T) {
	for name, tc := range map[string]struct {
		kind, namespace, typ string
		want                 bool
	}{
		"a claim":                  {"MySQLInstance", "shop", "", true},
		"a resource":               {"RDSInstance", "", "", true},
		"a class as it was":        {"ControllerRevision", operators, "", true},
		"what a connection needs":  {"Secret", "crossplane-aws-connections", "Opaque", true},
		"what a Provider needs":    {"Secret", operators, "Opaque", true},
		"certificates":             {"ConfigMap", operators, "", true},
		"what a claim wrote":       {"Secret", "shop", "servicebinding.io/mysql", false},
		"what Helm knows":          {"Secret", operators, "helm.sh/release.v1", false},
		"a tenant's secret":        {"Secret", "shop", "Opaque", false},
		"a tenant's settings":      {"ConfigMap", "shop", "", false},
		"somebody else's revision": {"ControllerRevision", "shop", "", false},
	} {
		if got := isKept(object(tc.kind, tc.namespace, tc.typ)); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func TestWhatIsKeptOfAnObject(t *testing.T) {
	want := map[string]any{
		"kind": "Secret", "type": "Opaque", "spec": map[string]any{"a": "b"},
		"metadata": map[string]any{"namespace": "n", "name": "x", "annotations": map[string]any{"k": "v"}, "finalizers": []any{"f"}},
	}
	if diff := cmp.Diff(want, bare(object("Secret", "n", "Opaque")).Object); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A claim that came before its resource would find none.
func TestClaimsComeLast(t *testing.T) {
	if rank("provider") >= rank("") || rank("") >= rank("managed") || rank("managed") >= rank("claim") || rank("claim") >= rank("pool") {
		t.Error("another order")
	}
}
