// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"context"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"google.golang.org/api/container/v1"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/managedtest"
)

var apiServer *kubetest.Cluster

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		apiServer = c
		return v1alpha1.AddToScheme(c.Scheme)
	}, "charts/gcp-operator/generated/crds"))
}

// clusters is the fake's clusters as the conformance suite sees them.
type clusters struct{ *fakeGKE }

func (c clusters) Names() []string    { return slices.Sorted(maps.Keys(c.clusters)) }
func (c clusters) Vanish(name string) { delete(c.clusters, name) }
func (c clusters) Mutations() int     { return c.mutations }
func (c clusters) Tags(name string) map[string]string {
	return maps.Clone(c.clusters[name].ResourceLabels)
}

func (c clusters) Drift(name string) {
	ip := c.clusters[name].ControlPlaneEndpointsConfig.IpEndpointsConfig
	ip.AuthorizedNetworksConfig = &container.MasterAuthorizedNetworksConfig{Enabled: true, CidrBlocks: []*container.CidrBlock{{CidrBlock: "0.0.0.0/0"}}}
}

func (c clusters) Drifted(name string) bool {
	return ipOf(&c.clusters[name].Cluster).AuthorizedNetworksConfig.CidrBlocks[0].CidrBlock == "0.0.0.0/0"
}

func (c clusters) Plant(name string, tags map[string]string) string {
	in := describe(aCluster().Spec.ForProvider, managed.Intent{Name: name})
	in.ResourceLabels, in.NodePools = account.Labels(tags), nil
	if err := c.CreateCluster(context.Background(), "europe-west1", in); err != nil {
		panic(err)
	}
	c.Settle()
	return name
}

// Accepts takes the tokens that were given, until they end.
func (c clusters) Accepts(name string, details map[string][]byte, now time.Time) bool {
	token, ok := c.issued[string(details[contract.KeyToken])]
	config, err := clientcmd.RESTConfigFromKubeConfig(details[contract.KeyKubeconfig])
	return ok && err == nil && config.BearerToken == string(details[contract.KeyToken]) && config.Host == "https://"+c.clusters[name].Endpoint &&
		string(config.CAData) == "PEM" && now.Before(token.expires)
}

func aCluster() *v1alpha1.GKECluster {
	return &v1alpha1.GKECluster{Spec: v1alpha1.GKEClusterSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "gcp"}},
		ForProvider: v1alpha1.GKEClusterParameters{
			Location: "europe-west1", Version: "1.33", EndpointPublicAccess: new(true),
			AuthorizedNetworks: []v1alpha1.AuthorizedNetwork{{CIDR: "192.0.2.0/24", Name: "office"}},
		},
	}}
}

// punctual is a cluster whose tokens are given by the suite's clock.
type punctual struct {
	cluster
	fake *fakeGKE
}

func (p punctual) Issue(ctx context.Context, mr *v1alpha1.GKECluster, at map[string]string, now time.Time) (managed.Issued, error) {
	p.fake.now = now
	return p.cluster.Issue(ctx, mr, at, now)
}

func TestClusterConformance(t *testing.T) {
	managedtest.Conformance(t, apiServer, func(*testing.T) managedtest.Subject[*v1alpha1.GKECluster, container.Cluster] {
		f := newFakeGKE()
		kind := Cluster(nil)
		kind.Provider = nil // whose credentials' version is no matter here
		kind.Connect = func(context.Context, *v1alpha1.GKECluster) (managed.External[*v1alpha1.GKECluster, container.Cluster], error) {
			return punctual{cluster{api: f, tokens: f, now: func() time.Time { return f.now }}, f}, nil
		}
		return managedtest.Subject[*v1alpha1.GKECluster, container.Cluster]{
			Kind: kind, Cloud: clusters{f}, Object: aCluster, Steps: 1, // its initial node goes
			Change:  func(mr *v1alpha1.GKECluster) { mr.Spec.ForProvider.Version = "1.34" },
			Changed: func(name string) bool { return minor(f.clusters[name].CurrentMasterVersion) == 34 },
		}
	})
}

// pools is the fake's node pools of one cluster as the conformance suite sees them.
type pools struct{ *fakeGKE }

func (c pools) all() []*container.NodePool { return c.clusters["shop"].NodePools }

func (c pools) named(name string) *container.NodePool {
	return c.all()[slices.IndexFunc(c.all(), func(p *container.NodePool) bool { return p.Name == name })]
}

func (c pools) Names() []string {
	return each(c.all(), func(p *container.NodePool) string { return p.Name })
}

func (c pools) Vanish(name string) {
	c.clusters["shop"].NodePools = slices.DeleteFunc(c.all(), func(p *container.NodePool) bool { return p.Name == name })
}

func (c pools) Mutations() int { return c.mutations }

func (c pools) Tags(name string) map[string]string {
	return maps.Clone(c.named(name).Config.ResourceLabels)
}

func (c pools) Drift(name string) { c.named(name).Config.Labels = map[string]string{"pool": "other"} }

func (c pools) Drifted(name string) bool { return c.named(name).Config.Labels["pool"] == "other" }

func (c pools) Plant(name string, tags map[string]string) string {
	in := describePool(aPool().Spec.ForProvider, managed.Intent{Name: name})
	in.Config.ResourceLabels = account.Labels(tags)
	if err := c.CreatePool(context.Background(), place{"europe-west1", "shop"}, in); err != nil {
		panic(err)
	}
	c.Settle()
	return name
}

func aPool() *v1alpha1.GKENodePool {
	return &v1alpha1.GKENodePool{Spec: v1alpha1.GKENodePoolSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "gcp"}},
		ForProvider: v1alpha1.GKENodePoolParameters{
			Location: "europe-west1", ClusterName: "shop", NodeCount: new(int64(2)), MachineType: "e2-standard-2",
			Labels: map[string]v1alpha1.NodeLabel{"pool": "general"},
		},
	}}
}

func TestNodePoolConformance(t *testing.T) {
	managedtest.Conformance(t, apiServer, func(*testing.T) managedtest.Subject[*v1alpha1.GKENodePool, ObservedPool] {
		f := newFakeGKE()
		clusters{f}.Plant("shop", nil)
		f.mutations = 0
		kind := NodePool(nil)
		kind.Connect = func(context.Context, *v1alpha1.GKENodePool) (managed.External[*v1alpha1.GKENodePool, ObservedPool], error) {
			return nodePool{f, func() time.Time { return f.now }}, nil
		}
		return managedtest.Subject[*v1alpha1.GKENodePool, ObservedPool]{
			Kind: kind, Cloud: pools{f}, Object: aPool,
			Change:  func(mr *v1alpha1.GKENodePool) { mr.Spec.ForProvider.NodeCount = new(int64(3)) },
			Changed: func(name string) bool { return pools{f}.named(name).InitialNodeCount == 3 },
		}
	})
}
