// SPDX-License-Identifier: Apache-2.0

package clusters_test

import (
	_ "embed"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

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
	s.delete("network", "shop")
	s.gone("network", "shop")
	s.nothingLeft()
}

// applyGKE makes the objects, with the key of the project's service account, and the
// account that may only look.
func (s story) applyGKE() {
	key, err := os.ReadFile(filepath.Join(s.CloudDir(stack.LocalGCP), gcp.KeyFile))
	s.must(err)
	s.must(s.Client.Create(s.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: "gcp-credentials"}, Data: map[string][]byte{"key.json": key},
	}))
	s.must(control.New(s.CloudURL(stack.LocalGCP)).Ask(s.Context(), "keys", gcpiam.Change{Email: viewer, Roles: &[]string{"roles/container.viewer"}}))
	s.manifest(gkeManifest)
}
