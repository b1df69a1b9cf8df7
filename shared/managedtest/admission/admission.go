// SPDX-License-Identifier: Apache-2.0

// Package admission checks, on a real Kubernetes API, what is let in as an
// operator's objects: mistakes are refused in words that help, what is right is
// taken, and every kind is what the contract demands of its CRD.
package admission

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Case is a valid object as a person writes it, in YAML, the part of its spec
// that is changed, and words of the refusal. null takes a field away.
type Case [3]string

// Refused checks that the objects of cases can't be created.
func Refused(t *testing.T, kube client.Client, cases map[string]Case) {
	t.Helper()
	each(t, cases, func(t *testing.T, u *unstructured.Unstructured, change map[string]any, words string) {
		t.Helper()
		merge(spec(u), change)
		if err := kube.Create(t.Context(), u); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("got %v, want %q", err, words)
		}
	})
}

// ChangesRefused checks that the objects of cases can be created, and then not
// be changed so.
func ChangesRefused(t *testing.T, kube client.Client, cases map[string]Case) {
	t.Helper()
	each(t, cases, func(t *testing.T, u *unstructured.Unstructured, change map[string]any, words string) {
		t.Helper()
		if err := kube.Create(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		merge(spec(u), change)
		if err := kube.Update(t.Context(), u); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("got %v, want %q", err, words)
		}
	})
}

// Accepted checks that the objects of cases can be created, and that they do not
// count as healthy before anybody looked at them.
func Accepted(t *testing.T, kube client.Client, cases map[string]Case) {
	t.Helper()
	each(t, cases, func(t *testing.T, u *unstructured.Unstructured, change map[string]any, _ string) {
		t.Helper()
		merge(spec(u), change)
		if err := kube.Create(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = kube.Delete(t.Context(), u) })
		conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
		if len(conditions) != 2 { //nolint:mnd // Ready and Synced
			t.Fatalf("nothing new counts as healthy: conditions %v", conditions)
		}
		first, _ := conditions[0].(map[string]any)
		if first["type"] != v1alpha1.ConditionReady || first["status"] != "Unknown" || first["reason"] != v1alpha1.ReasonPending {
			t.Errorf("first condition: %v", first)
		}
	})
}

func each(t *testing.T, cases map[string]Case, check func(*testing.T, *unstructured.Unstructured, map[string]any, string)) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			u := &unstructured.Unstructured{}
			var change map[string]any
			read(t, c[0], &u.Object)
			read(t, c[1], &change)
			check(t, u, change, c[2])
		})
	}
}

func read(t *testing.T, text string, into *map[string]any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

func spec(u *unstructured.Unstructured) map[string]any {
	return u.Object["spec"].(map[string]any) //nolint:errcheck,forcetypeassert // as the case has it
}

func merge(into, from map[string]any) {
	for k, v := range from {
		inner, isMap := v.(map[string]any)
		old, wasMap := into[k].(map[string]any)
		switch {
		case v == nil:
			delete(into, k)
		case isMap && wasMap:
			merge(old, inner)
		default:
			into[k] = v
		}
	}
}

// TakesPart checks the CRDs of an operator's kinds: their scope, and the labels by
// which core finds them and whose they are.
func TakesPart(t *testing.T, kube client.Client, operator string, kinds []managed.Controller) {
	t.Helper()
	for _, k := range kinds {
		gvk, err := kube.GroupVersionKindFor(k.Object())
		if err != nil {
			t.Fatal(err)
		}
		t.Run(gvk.Kind, func(t *testing.T) {
			mapping, err := kube.RESTMapper().RESTMapping(gvk.GroupKind(), gvk.Version)
			if err != nil {
				t.Fatal(err)
			}
			if mapping.Scope.Name() != meta.RESTScopeNameRoot {
				t.Errorf("scope %s", mapping.Scope.Name())
			}
			crd := &metav1.PartialObjectMetadata{}
			crd.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"})
			if err := kube.Get(t.Context(), client.ObjectKey{Name: mapping.Resource.Resource + "." + gvk.Group}, crd); err != nil {
				t.Fatal(err)
			}
			want := v1alpha1.ContractManaged
			if gvk.Kind == "Provider" {
				want = "provider"
			}
			if crd.Labels[v1alpha1.LabelContract] != want || crd.Labels[v1alpha1.LabelOperator] != operator {
				t.Errorf("labels %v", crd.Labels)
			}
		})
	}
}
