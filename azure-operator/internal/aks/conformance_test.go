// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
	resources "github.com/crossplaneio/crossplane/azure-operator/api/resources/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/azure-operator/internal/armtest"
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
		for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, resources.AddToScheme} {
			if err := add(c.Scheme); err != nil {
				return err
			}
		}
		return nil
	}, "charts/azure-operator/generated/crds"))
}

// only is the one account there is.
type only struct{ cloud *armtest.Cloud }

func (o only) Connect(context.Context, string) (*account.Account, error) {
	return o.cloud.Account(), nil
}

// issuer issues tokens that say whose they are and until when they are good.
type issuer string

func (i issuer) Token(_ context.Context, scope string, now time.Time) (azcore.AccessToken, error) {
	expires := now.Add(time.Hour).Truncate(time.Second)
	return azcore.AccessToken{Token: string(i) + "|" + scope + "|" + strconv.FormatInt(expires.Unix(), 10), ExpiresOn: expires}, nil
}

func (i issuer) NewToken(ctx context.Context, scope string) (azcore.AccessToken, error) {
	return i.Token(ctx, scope, time.Now())
}

const (
	clusters = "/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/"
	pools    = clusters + "shop/agentpools/"
	inSub    = "/subscriptions/" + armtest.Subscription
)

// clusterView is the cloud's clusters, which take tokens for AKS until they expire.
type clusterView struct{ armtest.View }

func (v clusterView) Accepts(name string, details map[string][]byte, now time.Time) bool {
	parts := strings.Split(string(details[contract.KeyToken]), "|")
	if len(parts) != 3 || parts[0] != "own" || parts[1] != "6dae42f8-4368-4678-94ff-3960e28e3630/.default" {
		return false
	}
	expires, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || !now.Before(time.Unix(expires, 0)) {
		return false
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(details[contract.KeyKubeconfig])
	host, _ := armtest.Get(v.At(clusters+name), "properties", "fqdn").(string)
	return err == nil && config.BearerToken == string(details[contract.KeyToken]) && config.Host == "https://"+host+":443" &&
		string(config.CAData) == "PEM" && config.ExecProvider == nil
}

func aCluster() *v1alpha1.AKSCluster {
	return &v1alpha1.AKSCluster{Spec: v1alpha1.AKSClusterSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "azure"}},
		ForProvider: v1alpha1.AKSClusterParameters{
			Location: "westeurope", ResourceGroupName: "rg", KubernetesVersion: "1.33", SKUTier: "Standard",
			EnablePrivateCluster: new(false), AuthorizedIPRanges: []string{"192.0.2.0/24"},
			SystemPool: v1alpha1.SystemPool{Name: "system", NodePool: v1alpha1.NodePool{VMSize: "Standard_D2s_v5", Count: new(int32(1))}},
		},
	}}
}

// planted is a cluster that somebody else made.
func planted(name string) armtest.Body {
	return armtest.Body{
		"id": inSub + clusters + name, "name": name, "location": "westeurope", "eTag": "1", "sku": armtest.Body{"name": "Base", "tier": "Standard"},
		"identity": armtest.Body{"type": "SystemAssigned"},
		"properties": armtest.Body{
			"provisioningState": "Succeeded", "powerState": armtest.Body{"code": "Running"}, "fqdn": name + ".example.org",
			"kubernetesVersion": "1.33", "currentKubernetesVersion": "1.33.2",
			"apiServerAccessProfile": armtest.Body{"authorizedIPRanges": []any{"192.0.2.0/24"}},
			"agentPoolProfiles": []any{armtest.Body{
				"name": "system", "mode": "System", "vmSize": "Standard_D2s_v5", "count": 1.0, "currentOrchestratorVersion": "1.33.2",
			}},
		},
	}
}

func TestClusterConformance(t *testing.T) {
	managedtest.Conformance(t, apiServer, func(*testing.T) managedtest.Subject[*v1alpha1.AKSCluster, ClusterObservation] {
		c := armtest.New()
		view := armtest.View{Cloud: c, Prefix: clusters, Planted: planted, Drifting: []string{"sku", "tier"}, To: "Free"}
		kind := Cluster(only{c})
		connect := kind.Connect
		kind.Provider = nil // whose credentials' version is no matter here
		kind.Connect = func(ctx context.Context, mr *v1alpha1.AKSCluster) (managed.External[*v1alpha1.AKSCluster, ClusterObservation], error) {
			e, err := connect(ctx, mr)
			if own, ok := e.(cluster); ok {
				own.own = issuer("own")
				return own, err
			}
			return e, err
		}
		return managedtest.Subject[*v1alpha1.AKSCluster, ClusterObservation]{
			Kind: kind, Cloud: clusterView{view}, Object: aCluster,
			Change: func(mr *v1alpha1.AKSCluster) { mr.Spec.ForProvider.AuthorizedIPRanges = []string{"198.51.100.0/24"} },
			Changed: func(name string) bool {
				ranges, _ := armtest.Get(c.At(clusters+name), "properties", "apiServerAccessProfile", "authorizedIPRanges").([]any)
				return len(ranges) == 1 && ranges[0] == "198.51.100.0/24"
			},
		}
	})
}

// poolView is the pools of one cluster: their tags are among their properties.
type poolView struct{ armtest.View }

func (v poolView) Tags(name string) map[string]string {
	tags := map[string]string{}
	all, _ := armtest.Get(v.At(pools+name), "properties", "tags").(map[string]any)
	for k, value := range all {
		tags[k], _ = value.(string)
	}
	return tags
}

func (v poolView) Plant(name string, tags map[string]string) string {
	all := armtest.Body{}
	for k, value := range tags {
		all[k] = value
	}
	v.Put(pools+name, armtest.Body{"id": inSub + pools + name, "name": name, "properties": armtest.Body{
		"tags": all, "eTag": "1", "provisioningState": "Succeeded", "powerState": armtest.Body{"code": "Running"}, "mode": "User",
		"vmSize": "Standard_D2s_v5", "count": 2.0, "currentOrchestratorVersion": "1.33.2",
	}})
	return name
}

func aPool() *v1alpha1.AKSAgentPool {
	return &v1alpha1.AKSAgentPool{Spec: v1alpha1.AKSAgentPoolSpec{
		ManagedSpec: contract.ManagedSpec{ProviderRef: contract.Reference{Name: "azure"}},
		ForProvider: v1alpha1.AKSAgentPoolParameters{
			ResourceGroupName: "rg", ClusterName: "shop", NodePool: v1alpha1.NodePool{VMSize: "Standard_D2s_v5", Count: new(int32(2))},
		},
	}}
}

func TestAgentPoolConformance(t *testing.T) {
	managedtest.Conformance(t, apiServer, func(*testing.T) managedtest.Subject[*v1alpha1.AKSAgentPool, PoolObservation] {
		c := armtest.New()
		c.Put(clusters+"shop", planted("shop"))
		view := armtest.View{Cloud: c, Prefix: pools, Drifting: []string{"properties", "count"}, To: 7.0}
		return managedtest.Subject[*v1alpha1.AKSAgentPool, PoolObservation]{
			Kind: AgentPool(only{c}), Cloud: poolView{view}, Object: aPool,
			Change: func(mr *v1alpha1.AKSAgentPool) { mr.Spec.ForProvider.Count = new(int32(3)) },
			Changed: func(name string) bool {
				return armtest.Get(c.At(pools+name), "properties", "count") == 3.0
			},
		}
	})
}
