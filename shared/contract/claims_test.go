// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/contract"
)

// TestClaims: whoever uses claims sees them come, change and go, whatever their
// kind, and kinds as well.
func TestClaims(t *testing.T) {
	claims, err := contract.NewClaims(cluster.Config)
	if err != nil {
		t.Fatal(err)
	}
	told := atomic.Int32{}
	claims.OnChange(func(c *contract.Claim) {
		if c.Kind == "Order" && c.Name == "one" {
			told.Add(1)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- claims.Start(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	if err := claims.WaitForSync(t.Context()); err != nil {
		t.Fatal(err)
	}
	order := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "testing.example.org/v1alpha1", "kind": "Order"}}
	order.SetNamespace(metav1.NamespaceDefault)
	order.SetName("one")
	if err := cluster.Client.Create(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	want := func(group string, what string, good func(*contract.Claim) bool) {
		t.Helper()
		eventually(t, func() error {
			c, err := claims.Get(group, "Order", metav1.NamespaceDefault, "one")
			if err != nil || !good(c) {
				return fmt.Errorf("not %s: %+v %w", what, c, err)
			}
			return nil
		})
	}
	want("", "there", func(c *contract.Claim) bool {
		return c != nil && !c.Bound() && c.Ready().Status == metav1.ConditionUnknown
	})
	want("testing.example.org", "found by its group", func(c *contract.Claim) bool { return c != nil })

	before := told.Load()
	patch := `{"status":{"conditions":[{"type":"Ready","status":"True","reason":"Bound","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}],"binding":{"name":"s","revision":3}}}`
	if err := cluster.Client.Status().Patch(t.Context(), order, client.RawPatch("application/merge-patch+json", []byte(patch))); err != nil {
		t.Fatal(err)
	}
	want("", "bound", func(c *contract.Claim) bool { return c.Bound() && c.Status.Binding.Revision == 3 })
	if err := cluster.Client.Delete(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	want("", "gone", func(c *contract.Claim) bool { return c == nil })
	eventually(t, func() error {
		if told.Load() < before+2 {
			return fmt.Errorf("told of %d changes", told.Load()-before)
		}
		return nil
	})
	if _, err := claims.Get("", "Box", metav1.NamespaceDefault, "one"); !errors.Is(err, contract.ErrNoKind) {
		t.Errorf("a managed kind is no claim kind: %v", err)
	}
	if _, err := claims.Get("other.example.org", "Order", metav1.NamespaceDefault, "one"); !errors.Is(err, contract.ErrNoKind) {
		t.Errorf("the group counts: %v", err)
	}
	anotherGroup(t)
	eventually(t, func() error {
		if _, err := claims.Get("", "Order", metav1.NamespaceDefault, "one"); !errors.Is(err, contract.ErrAmbiguous) {
			return fmt.Errorf("two groups have the kind: %w", err)
		}
		return nil
	})
}

// anotherGroup has a claim kind Order too, until the test ends.
func anotherGroup(t *testing.T) {
	t.Helper()
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := cluster.Client.Get(t.Context(), client.ObjectKey{Name: "orders.testing.example.org"}, crd); err != nil {
		t.Fatal(err)
	}
	crd.ObjectMeta = metav1.ObjectMeta{Name: "orders.other.example.org", Labels: crd.Labels}
	crd.Spec.Group, crd.Status = "other.example.org", apiextensionsv1.CustomResourceDefinitionStatus{}
	crd.Spec.Names.ShortNames, crd.Spec.Names.Categories = nil, nil
	if err := cluster.Client.Create(t.Context(), crd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.Client.Delete(context.WithoutCancel(t.Context()), crd) })
}
