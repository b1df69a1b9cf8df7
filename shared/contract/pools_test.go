// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/shared/contract"
)

// TestMade: a claim is a pool's by its namespace, its name and its uid, all three.
func TestMade(t *testing.T) {
	t.Parallel()
	p := &contract.Pool{
		Spec: contract.PoolSpec{Namespace: "clusters", Templates: []contract.PoolTemplate{{Name: "small", Capacity: map[string]resource.Quantity{"cpu": resource.MustParse("4")}}}},
		Status: contract.PoolStatus{Clusters: []contract.PoolCluster{
			{Name: "burst-1", UID: "u1", Template: "small"}, {Name: "burst-2", Template: "small"}, {Name: "burst-3", UID: "u3", Template: "gone"},
		}},
	}
	copied, ok := p.DeepCopyObject().(*contract.Pool)
	if !ok || !cmp.Equal(p, copied) {
		t.Errorf("a copy differs: %s", cmp.Diff(p, copied))
	}
	copied.Spec.Templates[0].Capacity["cpu"] = resource.MustParse("5")
	for name, test := range map[string]struct{ namespace, name, uid, want string }{
		"its own":                     {"clusters", "burst-1", "u1", "small"},
		"of another namespace":        {"shop", "burst-1", "u1", ""},
		"of another uid":              {"clusters", "burst-1", "u2", ""},
		"of another name":             {"clusters", "burst-4", "u1", ""},
		"not known to be there":       {"clusters", "burst-2", "u2", ""},
		"without a uid":               {"clusters", "burst-2", "", ""},
		"of a template that is gone":  {"clusters", "burst-3", "u3", "gone"},
		"of a uid that another's has": {"clusters", "burst-3", "u1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := p.Made(test.namespace, test.name, types.UID(test.uid))
			if (made == nil) != (test.want == "") || made != nil && made.Name != test.want {
				t.Errorf("got %+v, want %q", made, test.want)
			}
			if test.want == "small" && made.Capacity["cpu"] != resource.MustParse("4") {
				t.Errorf("the copy was none: %+v", made)
			}
		})
	}
}

// TestPools are seen as they come and change, from when their kind is there.
func TestPools(t *testing.T) {
	pools, err := contract.NewPools(cluster.Config)
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 100)
	pools.OnChange(func(p *contract.Pool) { told <- fmt.Sprintf("%s %d", p.Name, len(p.Status.Clusters)) })
	if _, err := pools.All(); !errors.Is(err, contract.ErrNotSynced) {
		t.Errorf("before it starts: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- pools.Start(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	if err := pools.WaitForSync(ctx); err != nil {
		t.Fatal(err)
	}
	if all, err := pools.All(); err != nil || len(all) != 0 {
		t.Errorf("without the kind: %v, %v", all, err)
	}
	if err := cluster.InstallCRDs(ctx, "charts/core-operator/generated/crds"); err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"namespace": "clusters", "min": int64(0), "max": int64(1), "target": map[string]any{"allowedNamespaces": map[string]any{}},
		"templates": []any{map[string]any{"name": "small", "version": "1.35", "classRef": map[string]any{"name": "c"}, "location": map[string]any{"provider": "aws", "region": "r"}}},
	}}}
	u.SetAPIVersion("compute.crossplane.io/v1alpha1")
	u.SetKind("ClusterPool")
	u.SetName("burst")
	if err := cluster.Client.Create(ctx, u); err != nil {
		t.Fatal(err)
	}
	u.Object["status"] = map[string]any{"clusters": []any{map[string]any{
		"name": "burst-1", "uid": "u1", "template": "small", "state": "Pending", "since": "2026-01-01T00:00:00Z", "target": "clusters.burst-1",
	}}}
	if err := cluster.Client.Status().Update(ctx, u); err != nil {
		t.Fatal(err)
	}
	got := ""
	for got != "burst 1" {
		got = <-told
	}
	all, err := pools.All()
	if err != nil || len(all) != 1 || all[0].Made("clusters", "burst-1", "u1").Location.Region != "r" {
		t.Errorf("%+v, %v", all, err)
	}
	if err := cluster.Client.Delete(ctx, u); err != nil {
		t.Fatal(err)
	}
	for all, err = pools.All(); err == nil && len(all) > 0; all, err = pools.All() {
		<-told
	}
	if err != nil {
		t.Error(err)
	}
}
