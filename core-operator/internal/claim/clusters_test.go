// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// A cluster's kubeconfig is good for some minutes: the claim's secret has to
// follow each time, and at once.
func TestAKubernetesCluster(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("cluster", func(c *core.ResourceClass) {
		c.Spec.Claim = core.ClaimKind{Group: compute.Group, Kind: "KubernetesCluster"}
		c.Spec.Resources = []core.ResourceTemplate{
			{Name: "cluster", Primary: true, Template: template("Server", map[string]any{"region": "${location.region}", "version": "${claim.spec.version}"})},
			{Name: "pool", ForEach: "${claim.spec.nodePools}", Template: template("Part", map[string]any{
				"region": "${location.region}", "server": "${resources.cluster.name}", "size": "${item.name}",
			})},
		}
	})
	c := newCluster(s.namespace, func(k *compute.KubernetesCluster) { k.Spec.ClassRef = &v1alpha1.Reference{Name: rc.Name} })
	s.must(world.Client.Create(s.ctx, c))
	s.eventually(func() error {
		if n := len(get(s, c).Status.Resources); n != 3 {
			return fmt.Errorf("%d resources, want a cluster and two pools: %+v", n, c.Status)
		}
		return nil
	})
	for _, made := range c.Status.Resources {
		u := named(made.Kind, made.Name)
		s.eventually(func() error { return world.Client.Get(s.ctx, clientKey(u), u) })
		s.ready(u, map[string]any{"connection": map[string]any{"type": "kubernetes", "endpoint": "https://k.example.org", "ca.crt": "PEM"}})
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "edge-connection"}}
	s.eventually(func() error { return world.Client.Get(s.ctx, clientKey(secret), secret) })
	if endpoint := string(secret.Data["endpoint"]); secret.Type != "servicebinding.io/kubernetes" || endpoint != "https://k.example.org" {
		t.Errorf("the secret is of type %s, the endpoint %s", secret.Type, endpoint)
	}

	server := named("Server", c.Status.ResourceRef.Name)
	s.password(get(s, server), "renewed")
	s.statusPatch(server, map[string]any{"connectionRevision": 2})
	s.eventually(func() error {
		if got := string(get(s, secret).Data["password"]); got != "renewed" {
			return fmt.Errorf("the secret still has %q", got)
		}
		return nil
	})
}

func newCluster(namespace string, change func(*compute.KubernetesCluster)) *compute.KubernetesCluster {
	c := &compute.KubernetesCluster{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "edge"}}
	c.Spec.Version = "1.35"
	c.Spec.NodePools = []compute.NodePool{{Name: "general", Count: new(int32(2))}, {Name: "large", Autoscaling: &compute.Autoscaling{Min: 0, Max: 5}}}
	c.Spec.WriteConnectionSecretToRef = &claimapi.LocalSecret{Name: "edge-connection"}
	change(c)
	return c
}

func TestAdmissionOfKubernetesClusters(t *testing.T) {
	t.Parallel()
	public := func(cidrs ...string) func(*compute.KubernetesCluster) {
		return func(k *compute.KubernetesCluster) {
			k.Spec.Endpoint = &compute.Endpoint{Access: "Public", AllowedCIDRs: cidrs}
		}
	}
	cases := map[string]struct {
		change func(*compute.KubernetesCluster)
		says   string // empty: it is admitted
	}{
		"as it is":                       {change: func(*compute.KubernetesCluster) {}},
		"no pools":                       {change: func(k *compute.KubernetesCluster) { k.Spec.NodePools = nil }},
		"a patch":                        {change: func(k *compute.KubernetesCluster) { k.Spec.Version = "1.35.2" }},
		"no version of Kubernetes":       {change: func(k *compute.KubernetesCluster) { k.Spec.Version = "latest" }, says: "spec.version"},
		"a name that a cloud can't have": {change: func(k *compute.KubernetesCluster) { k.Spec.NodePools[0].Name = "general-purpose" }, says: "nodePools[0].name"},
		"two pools of a name":            {change: func(k *compute.KubernetesCluster) { k.Spec.NodePools[1].Name = "general" }, says: "Duplicate"},
		"count and autoscaling": {change: func(k *compute.KubernetesCluster) {
			k.Spec.NodePools[1].Count = new(int32(1))
		}, says: "either count or autoscaling"},
		"bounds that cross": {change: func(k *compute.KubernetesCluster) { k.Spec.NodePools[1].Autoscaling.Min = 6 }, says: "min is larger than max"},
		"public":            {change: public("192.0.2.0/24", "2001:db8::/32")},
		"open to nobody":    {change: public(), says: "needs allowedCIDRs"},
		"no range":          {change: public("192.0.2.1"), says: "not a range"},
		"private with addresses": {change: func(k *compute.KubernetesCluster) {
			k.Spec.Endpoint = &compute.Endpoint{Access: "Private", AllowedCIDRs: []string{"192.0.2.0/24"}}
		}, says: "goes with access Public"},
	}
	all := newScene(t)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := all.on(t)
			s.admits(newCluster(s.namespace, test.change), test.says)
		})
	}
}

// A control plane goes up one minor at a time, and never down.
func TestUpgradesOfKubernetesClusters(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := newCluster(s.namespace, func(*compute.KubernetesCluster) {})
	s.must(world.Client.Create(s.ctx, c))
	for _, step := range []struct{ version, says string }{
		{"1.37", "one minor at a time"}, {"1.34.9", "can't be lowered"}, {"1.35.4", ""}, {"1.36", ""}, {"1.35", "can't be lowered"},
	} {
		body := client.RawPatch("application/merge-patch+json", []byte(fmt.Sprintf(`{"spec":{"version":%q}}`, step.version)))
		err := world.Client.Patch(s.ctx, c, body)
		if step.says == "" {
			s.must(err)
			continue
		}
		if err == nil {
			t.Fatalf("%s was admitted", step.version)
		}
		contains(t, err.Error(), step.says)
	}
}
