// SPDX-License-Identifier: Apache-2.0

package clusters_test

import (
	_ "embed"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp"
	gcpiam "github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/stack"
)

//go:embed gke.yaml
var gkeManifest string

var gke = cloud{
	operator: stack.GCPOperator, local: stack.LocalGCP, size: "nodeCount",
	kinds: map[string]schema.GroupVersionKind{
		"cluster": {Group: "compute.gcp.crossplane.io", Version: "v1alpha1", Kind: "GKECluster"},
		"nodes":   {Group: "compute.gcp.crossplane.io", Version: "v1alpha1", Kind: "GKENodePool"},
		"network": {Group: "network.gcp.crossplane.io", Version: "v1alpha1", Kind: "Network"},
	},
}

// viewer is a service account that may only look into clusters.
const viewer = "viewer@local-project.iam.gserviceaccount.com"

// TestGKE makes a cluster by its parts, then by a claim.
func TestGKE(t *testing.T) {
	s := begin(t, gke)
	began := time.Now()
	s.applyGKE()
	s.until("network", "shop", "True Available")
	s.until("cluster", "shop", "True Available")
	s.until("nodes", "shop-general", "True Available")
	t.Logf("cluster and nodes are ready after %s", time.Since(began).Round(100*time.Millisecond))

	admin := s.login()
	s.eventually("a ready node of the first version in each zone", func() bool { return s.nodes(admin, "general", "v1.33.4-gke.1200") == 2 })

	s.patch("cluster", "shop", `{"spec":{"forProvider":{"version":"1.34"}}}`)
	s.eventually("the nodes follow the control plane", func() bool { return s.nodes(admin, "general", "v1.34.1-gke.1300") == 2 })

	s.lesser(`{"tokenServiceAccount":"` + viewer + `"}`)
	s.renewed()

	s.delete("cluster", "shop")
	s.says("cluster", "shop", "shop-general-")
	s.delete("nodes", "shop-general")
	s.gone("nodes", "shop-general")
	s.gone("cluster", "shop")

	s.claimed("examples/gcp/clusters.yaml", "developers@my-project.iam.gserviceaccount.com", viewer)
	s.pooled()
	s.mapped()
	s.delete("network", "shop")
	s.gone("network", "shop")
	s.nothingLeft()
}

// applyGKE makes the objects.
func (s story) applyGKE() {
	s.Helper()
	s.prepareGCP()
	s.manifest(gkeManifest)
}

// connectGCP makes the Provider alone.
func (s story) connectGCP() {
	s.Helper()
	s.prepareGCP()
	provider, _, _ := strings.Cut(gkeManifest, "\n---\n")
	s.manifest(provider)
}

// prepareGCP hands over the key of the project's service account, and makes the
// account that may only look.
func (s story) prepareGCP() {
	s.Helper()
	key, err := os.ReadFile(filepath.Join(s.CloudDir(stack.LocalGCP), gcp.KeyFile))
	s.must(err)
	s.must(s.Client.Create(s.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: "gcp-credentials"}, Data: map[string][]byte{"key.json": key},
	}))
	s.must(control.New(s.CloudURL(stack.LocalGCP)).Ask(s.Context(), "keys", gcpiam.Change{Email: viewer, Roles: &[]string{"roles/container.viewer"}}))
}

// everything is a claim that says all that a claim can say.
const everything = `
apiVersion: compute.crossplane.io/v1alpha1
kind: KubernetesCluster
metadata: {name: all, namespace: shop}
spec:
  version: "1.33"
  endpoint: {access: Public, allowedCIDRs: [192.0.2.0/24]}
  nodePools:
  - {name: fixed, requests: {cpu: "3", memory: 8Gi}, count: 1, taints: [{key: only, value: jobs, effect: NoSchedule}, {key: slow, effect: NoExecute}]}
  - {name: scaled, requests: {cpu: "2"}, autoscaling: {min: 1, max: 3}, labels: {tier: web}}
  - {name: plain, requests: {cpu: "2"}}
  writeConnectionSecretToRef: {name: all-cluster}
`

// mapped checks what the example class makes of every field of a claim.
func (s story) mapped() {
	s.manifest(everything)
	claim := object("compute.crossplane.io/v1alpha1", "KubernetesCluster", "shop", "all")
	key := client.ObjectKeyFromObject(claim)
	s.read(claim)
	var clusters, pools []map[string]any
	s.eventually("a cluster and three pools", func() bool {
		clusters, pools = s.made(claim, "cluster"), s.made(claim, "nodes")
		return len(clusters) == 1 && len(pools) == 3
	})
	s.wants(clusters[0], map[string]any{
		"location": "us-central1", "version": "1.33", "endpointPublicAccess": true, "authorizedNetworks": []any{map[string]any{"cidr": "192.0.2.0/24"}},
		"tokenServiceAccount": viewer,
	})
	pool := func(machine string, more map[string]any) map[string]any {
		more["location"], more["machineType"], more["nodeLocations"], more["clusterRef"] = "us-central1", machine, []any{"us-central1-b"}, pools[0]["clusterRef"]
		return more
	}
	for _, want := range []map[string]any{
		pool("e2-standard-4", map[string]any{"nodeCount": int64(1), "taints": []any{
			map[string]any{"key": "only", "value": "jobs", "effect": "NO_SCHEDULE"}, map[string]any{"key": "slow", "value": "", "effect": "NO_EXECUTE"},
		}}),
		pool("e2-standard-2", map[string]any{
			"autoscaling": map[string]any{"totalMinNodeCount": int64(1), "totalMaxNodeCount": int64(3)}, "labels": map[string]any{"tier": "web"},
		}),
		pool("e2-standard-2", map[string]any{"nodeCount": int64(2)}),
	} {
		if !slices.ContainsFunc(pools, func(have map[string]any) bool { return cmp.Equal(want, have) }) {
			s.Errorf("no pool is %v: %v", want, pools)
		}
	}
	s.must(s.Client.Delete(s.Context(), claim))
	s.eventually("the claim is gone", func() bool { return apierrors.IsNotFound(s.Client.Get(s.Context(), key, claim)) })
}

// wants compares what an object asks its cloud for.
func (s story) wants(have, want map[string]any) {
	s.Helper()
	if diff := cmp.Diff(want, have); diff != "" {
		s.Error(diff)
	}
}

// made returns what the objects of a kind that were made for a claim ask their cloud
// for.
func (s story) made(claim *unstructured.Unstructured, kind string) []map[string]any {
	s.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(s.kinds[kind].GroupVersion().WithKind(s.kinds[kind].Kind + "List"))
	s.must(s.Client.List(s.Context(), list, client.MatchingLabels{"crossplane.io/claim-uid": string(claim.GetUID())}))
	var out []map[string]any
	for _, o := range list.Items {
		wanted, _, _ := unstructured.NestedMap(o.Object, "spec", "forProvider")
		out = append(out, wanted)
	}
	return out
}
