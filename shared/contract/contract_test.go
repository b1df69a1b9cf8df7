// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

const (
	crates   = "shared/contract/testdata/crates"
	patience = time.Minute // of a machine that is busy
)

var (
	cluster *kubetest.Cluster
	box     = schema.GroupKind{Group: "testing.example.org", Kind: "Box"}
	crate   = schema.GroupKind{Group: "testing.example.org", Kind: "Crate"}
)

func TestMain(m *testing.M) {
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return nil
	}, "shared/contract/testdata/boxes", "shared/contract/testdata/orders"))
}

// follow returns Kinds that follow the cluster until the test ends.
func follow(t *testing.T, prepare ...func(*contract.Kinds)) *contract.Kinds {
	t.Helper()
	kinds, err := contract.New(cluster.Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range prepare {
		f(kinds)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- kinds.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	if err := kinds.WaitForSync(t.Context()); err != nil {
		t.Fatal(err)
	}
	return kinds
}

func eventually(t *testing.T, f func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	t.Fatal(err)
}

// create makes an object of a kind, with a spec and a status.
func create(t *testing.T, gk schema.GroupKind, name string, spec, status map[string]any) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	u.SetGroupVersionKind(gk.WithVersion("v1alpha1"))
	u.SetName(name)
	if err := cluster.Client.Create(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.Client.Delete(context.WithoutCancel(t.Context()), u) })
	u.Object["status"] = status
	if err := cluster.Client.Status().Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestDefinitions(t *testing.T) {
	kinds := follow(t)
	d, known := kinds.Definition(box)
	if !known || !d.Usable() || d.Name() != "boxes.testing.example.org" || d.Operator != "test-operator" || d.Contract != v1alpha1.ContractManaged {
		t.Fatalf("the definition is %+v", d)
	}
	schemas, err := json.Marshal(d.Schema("v1alpha1"))
	if err != nil || !strings.Contains(string(schemas), `"class"`) || strings.Contains(string(schemas), "prose") || strings.Contains(string(schemas), "more") {
		t.Errorf("the schema is %s, %v", schemas, err)
	}
	if d.Schema("v2") != nil {
		t.Error("there is a schema of a version that there is not")
	}
	order, known := kinds.Definition(schema.GroupKind{Group: "testing.example.org", Kind: "Order"})
	if !known || order.Contract != v1alpha1.ContractClaim {
		t.Errorf("the claim kind is %+v", order)
	}
	if kinds.Synced(order.Kind.GroupKind()) || len(kinds.Definitions()) < 2 {
		t.Error("claims are watched as if they were managed resources")
	}
}

func TestObjectsAreFoundByWhatClaimsLookFor(t *testing.T) {
	kinds := follow(t)
	ref := v1alpha1.ClaimReference{Group: "g", Kind: "K", Namespace: "ns", Name: "n", UID: "u"}
	boundSpec := map[string]any{
		"claimRef":    map[string]any{"group": "g", "kind": "K", "namespace": "ns", "name": "n", "uid": "u"},
		"forProvider": map[string]any{"class": "small"},
	}
	offer := map[string]any{"offers": map[string]any{"group": "g", "kind": "K"}}
	create(t, box, "bound", boundSpec, offer)
	create(t, box, "bindable", map[string]any{"bindableBy": map[string]any{"namespaces": []any{"ns"}}}, offer)
	create(t, box, "not-bindable", map[string]any{}, offer)
	eventually(t, func() error {
		if got := len(kinds.All(box)); got != 3 {
			return fmt.Errorf("%d boxes are known", got)
		}
		return nil
	})
	for what, c := range map[string]struct{ got, want []string }{
		"by uid":         {names(kinds.BoundTo("u")), []string{"bound"}},
		"by another uid": {names(kinds.BoundTo("v")), nil},
		"by name":        {names(kinds.Named(v1alpha1.ClaimReference{Group: "g", Kind: "K", Namespace: "ns", Name: "n", UID: "new"})), []string{"bound"}},
		"by offer":       {names(kinds.Offered("g", "K")), []string{"bindable"}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	if m := kinds.Get(box, "bound"); !m.BoundTo("u") || *m.Spec.ClaimRef != ref || m.Kind != "Box" {
		t.Errorf("the box is %+v", m)
	}
	if m := kinds.Get(box, "nothing"); m != nil || m.BoundTo("u") {
		t.Errorf("there is %+v", m)
	}
	if m := kinds.Get(crate, "nothing"); m != nil || kinds.All(crate) != nil {
		t.Errorf("there is %+v", m)
	}
}

func names(all []*contract.Managed) []string {
	var out []string
	for _, m := range all {
		out = append(out, m.Name)
	}
	return out
}

func TestAKindIsSeenWhenItComesAndWhenItReturns(t *testing.T) {
	var mu sync.Mutex
	events := map[string]int{}
	kinds := follow(t, func(k *contract.Kinds) {
		k.OnKind(func(gk schema.GroupKind) {
			mu.Lock()
			defer mu.Unlock()
			events["kind "+gk.Kind]++
		})
		k.OnManaged(func(before, now *contract.Managed) {
			mu.Lock()
			defer mu.Unlock()
			events[fmt.Sprintf("object %t %t", before != nil, now != nil)]++
		})
	})
	for round := range 2 {
		if _, err := kinds.Live(t.Context(), crate, "one"); !errors.Is(err, contract.ErrNoKind) {
			t.Errorf("round %d: without the kind the error is %v", round, err)
		}
		if err := cluster.InstallCRDs(t.Context(), crates); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		create(t, crate, "one", map[string]any{}, map[string]any{})
		eventually(t, func() error {
			if kinds.Get(crate, "one") == nil || !kinds.Synced(crate) {
				return errors.New("the object is not seen")
			}
			return nil
		})
		if took := time.Since(began); took > patience/2 {
			t.Errorf("round %d: it took %s", round, took)
		}
		if err := cluster.RemoveCRDs(t.Context(), crates); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() error {
			if _, known := kinds.Definition(crate); known || kinds.Synced(crate) {
				return errors.New("the kind is still known")
			}
			return nil
		})
	}
	mu.Lock()
	defer mu.Unlock()
	if events["kind Crate"] < 4 || events["object false true"] < 2 || events["object true false"] < 1 {
		t.Errorf("the events are %v", events)
	}
}

func TestLiveAccess(t *testing.T) {
	kinds := follow(t)
	u := create(t, box, "live", map[string]any{"forProvider": map[string]any{"class": "small", "count": int64(3)}}, map[string]any{})
	m, err := kinds.Confirmed(t.Context(), box, "live")
	if err != nil || m.UID != u.GetUID() {
		t.Fatalf("the box is %+v, %v", m, err)
	}
	changed, err := kinds.Patch(t.Context(), m, map[string]any{"metadata": map[string]any{"annotations": map[string]any{"a": "b"}}}, "test")
	if err != nil || changed.Annotations["a"] != "b" {
		t.Fatalf("the box is %+v, %v", changed, err)
	}
	if _, err := kinds.Patch(t.Context(), m, map[string]any{"spec": map[string]any{"x": "y"}}, "test"); !apierrors.IsConflict(err) {
		t.Errorf("a stale patch ends with %v", err)
	}
	if err := kinds.Delete(t.Context(), m); !apierrors.IsConflict(err) {
		t.Errorf("a stale deletion ends with %v", err)
	}
	whole, err := kinds.Live(t.Context(), box, "live")
	if err != nil {
		t.Fatal(err)
	}
	if count, _, _ := unstructured.NestedInt64(whole.Object, "spec", "forProvider", "count"); count != 3 {
		t.Error("a patch dropped what the contract does not know")
	}
	if err := kinds.Delete(t.Context(), changed); err != nil {
		t.Errorf("the deletion ends with %v", err)
	}
	if err := kinds.Delete(t.Context(), changed); err != nil {
		t.Errorf("the second deletion ends with %v", err)
	}
	if m, err := kinds.Confirmed(t.Context(), box, "live"); m != nil || err != nil {
		t.Errorf("there is %+v, %v", m, err)
	}
	if _, err := kinds.Confirmed(t.Context(), crate, "live"); !errors.Is(err, contract.ErrNoKind) {
		t.Errorf("without the kind the error is %v", err)
	}
}

func TestApplyNeverForces(t *testing.T) {
	kinds := follow(t)
	u := create(t, box, "applied", map[string]any{"forProvider": map[string]any{"class": "small"}}, map[string]any{})
	want := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"forProvider": map[string]any{"class": "large"}}}}
	want.SetGroupVersionKind(u.GroupVersionKind())
	want.SetName("applied")
	if _, err := kinds.Apply(t.Context(), want, "test"); !apierrors.IsConflict(err) {
		t.Errorf("taking another's field ends with %v", err)
	}
	unstructured.RemoveNestedField(want.Object, "spec", "forProvider", "class")
	_ = unstructured.SetNestedField(want.Object, int64(2), "spec", "forProvider", "count")
	got, err := kinds.Apply(t.Context(), want, "test")
	if err != nil {
		t.Fatal(err)
	}
	if class, _, _ := unstructured.NestedString(got.Object, "spec", "forProvider", "class"); class != "small" {
		t.Errorf("the class is %q", class)
	}
	want.SetGroupVersionKind(crate.WithVersion("v1alpha1"))
	if _, err := kinds.Apply(t.Context(), want, "test"); !errors.Is(err, contract.ErrNoKind) {
		t.Errorf("without the kind the error is %v", err)
	}
}

func TestAKindThatMayNotBeListedYet(t *testing.T) {
	config := cluster.ConfigAs("nobody-yet")
	kinds, err := contract.New(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = kinds.Start(ctx) }()
	allow(t, "crds", "nobody-yet", "apiextensions.k8s.io", "customresourcedefinitions")
	eventually(t, func() error {
		if _, known := kinds.Definition(box); !known {
			return errors.New("the kind is not known")
		}
		return nil
	})
	create(t, box, "hidden", map[string]any{}, map[string]any{})
	if kinds.Synced(box) {
		t.Error("what may not be listed counts as known")
	}
	allow(t, "boxes", "nobody-yet", box.Group, "boxes")
	eventually(t, func() error {
		if kinds.Get(box, "hidden") == nil {
			return errors.New("the object is not seen")
		}
		return nil
	})
}

// allow lets a user read a resource.
func allow(t *testing.T, name, user, group, resource string) {
	t.Helper()
	for _, u := range []map[string]any{
		{
			"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": map[string]any{"name": name},
			"rules": []any{map[string]any{"apiGroups": []any{group}, "resources": []any{resource}, "verbs": []any{"get", "list", "watch"}}},
		},
		{
			"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": map[string]any{"name": name},
			"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
			"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}},
		},
	} {
		if err := cluster.Client.Create(t.Context(), &unstructured.Unstructured{Object: u}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestManagedIsACopyOfItsOwn(t *testing.T) {
	t.Parallel()
	list := &contract.ManagedList{Items: []contract.Managed{{
		ObjectMeta: metav1.ObjectMeta{Name: "a", UID: types.UID("u"), Annotations: map[string]string{v1alpha1.AnnotationExternalName: "x"}},
		Spec:       v1alpha1.ManagedSpec{BindingSpec: v1alpha1.BindingSpec{ClaimRef: &v1alpha1.ClaimReference{UID: "c"}}},
	}}}
	copied, ok := list.DeepCopyObject().(*contract.ManagedList)
	if !ok {
		t.Fatal("the copy is of another type")
	}
	copied.Items[0].Spec.ClaimRef.UID = "changed"
	copied.Items[0].Annotations[v1alpha1.AnnotationExternalName] = "changed"
	if list.Items[0].Spec.ClaimRef.UID != "c" || list.Items[0].ExternalName() != "x" {
		t.Error("the copy shares memory with the original")
	}
	if c := list.Items[0].Condition(v1alpha1.ConditionReady); c.Status != metav1.ConditionUnknown || list.Items[0].Ready() {
		t.Errorf("a resource without conditions is %+v", c)
	}
	var _ client.Object = &list.Items[0]
}
