// SPDX-License-Identifier: Apache-2.0

package clusters_test

import (
	_ "embed"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/stack"
)

//go:embed aks.yaml
var aksManifest string

var aks = cloud{
	operator: stack.AzureOperator, local: stack.LocalAzure, size: "count",
	kinds: map[string]schema.GroupVersionKind{
		"cluster": {Group: "compute.azure.crossplane.io", Version: "v1alpha1", Kind: "AKSCluster"},
		"nodes":   {Group: "compute.azure.crossplane.io", Version: "v1alpha1", Kind: "AKSAgentPool"},
		"group":   {Group: "resources.azure.crossplane.io", Version: "v1alpha1", Kind: "ResourceGroup"},
	},
}

// TestAKS makes a cluster by its parts, then by a claim.
func TestAKS(t *testing.T) {
	s := begin(t, aks)
	began := time.Now()
	s.identities()
	s.manifest(aksManifest)
	s.until("group", "shop-clusters", "True Available")
	s.until("cluster", "shop", "True Available")
	s.until("nodes", "shop-general", "True Available")
	t.Logf("cluster and nodes are ready after %s", time.Since(began).Round(100*time.Millisecond))

	admin := s.login()
	s.eventually("two ready nodes of the first version", func() bool { return s.nodes(admin, "general", "v1.33.2") == 2 })

	s.patch("cluster", "shop", `{"spec":{"forProvider":{"kubernetesVersion":"1.34","systemPool":{"count":2}}}}`)
	s.eventually("the nodes follow the control plane", func() bool {
		return s.nodes(admin, "general", "v1.34.2") == 2 && s.nodes(admin, "system", "v1.34.2") == 2
	})

	s.lesser(`{"tokenProviderRef":{"name":"azure-viewers"}}`)
	s.renewed()

	s.patch("cluster", "shop", `{"spec":{"forProvider":{"deletionProtection":true}}}`)
	s.delete("cluster", "shop")
	s.says("cluster", "shop", "deletionProtection is on")
	s.patch("cluster", "shop", `{"spec":{"forProvider":{"deletionProtection":false}}}`)
	s.says("cluster", "shop", "agent pools to be deleted: shopge")
	s.delete("nodes", "shop-general")
	s.gone("nodes", "shop-general")
	s.gone("cluster", "shop")

	s.claimed("examples/azure/clusters.yaml", "azure-developers", "azure-viewers")
	for _, name := range []string{"shop-clusters", "clusters"} {
		s.delete("group", name)
		s.gone("group", name)
	}
	cloud, err := s.Control(stack.LocalAzure)
	s.must(err)
	live, err := cloud.Live(t.Context())
	s.must(err)
	if len(live) > 0 {
		t.Errorf("left in the cloud: %v", live)
	}
}

// identities makes the one that may only look, and the secrets of both.
func (s story) identities() {
	const viewer, secret = "00000000-0000-0000-0000-00000000000c", "viewersecret"
	cloud, err := s.Control(stack.LocalAzure)
	s.must(err)
	s.must(cloud.Ask(s.Context(), "keys", entra.Change{ID: viewer, Secret: new(secret), Roles: &[]string{"Azure Kubernetes Service RBAC Reader"}}))
	for name, value := range map[string]string{"azure-credentials": entra.DefaultSecret, "azure-viewers": secret} {
		s.must(s.Client.Create(s.Context(), &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: name}, StringData: map[string]string{"clientSecret": value},
		}))
	}
}
