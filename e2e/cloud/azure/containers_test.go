// SPDX-License-Identifier: Apache-2.0

package azure_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	aks "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v8"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure"
	"github.com/crossplaneio/crossplane/e2e/cloud/azure/entra"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// aksWorld is a world with clients of clusters and pools.
type aksWorld struct {
	*world

	clusters *aks.ManagedClustersClient
	pools    *aks.AgentPoolsClient
}

func startAKS(t *testing.T, o program.Options) *aksWorld {
	t.Helper()
	w := startWith(t, o)
	credential := w.secret(t, entra.DefaultTenant, entra.DefaultClient, entra.DefaultSecret)
	f := must(aks.NewClientFactory(azure.DefaultSubscription, credential, w.options))(t)
	return &aksWorld{w, f.NewManagedClustersClient(), f.NewAgentPoolsClient()}
}

func aPool(name string, mode aks.AgentPoolMode, count int32) *aks.ManagedClusterAgentPoolProfile {
	return &aks.ManagedClusterAgentPoolProfile{Name: &name, Mode: &mode, Count: &count, VMSize: new("Standard_D2s_v5")}
}

func aCluster() aks.ManagedCluster {
	return aks.ManagedCluster{
		Location: new("westeurope"), Identity: &aks.ManagedClusterIdentity{Type: new(aks.ResourceIdentityTypeSystemAssigned)},
		Tags: map[string]*string{"team": new("blue")},
		Properties: &aks.ManagedClusterProperties{
			DNSPrefix: new("shop"), KubernetesVersion: new("1.33"), DisableLocalAccounts: new(true),
			AADProfile:        &aks.ManagedClusterAADProfile{Managed: new(true), EnableAzureRBAC: new(true)},
			AgentPoolProfiles: []*aks.ManagedClusterAgentPoolProfile{aPool("system", aks.AgentPoolModeSystem, 1)},
		},
	}
}

// put asks for a cluster; where nothing takes time it is there when looked at.
func (w *aksWorld) put(t *testing.T, c aks.ManagedCluster) error {
	t.Helper()
	_, err := w.clusters.BeginCreateOrUpdate(t.Context(), "rg", "shop", c, nil)
	return err
}

func (w *aksWorld) get(t *testing.T) aks.ManagedCluster {
	t.Helper()
	return must(w.clusters.Get(t.Context(), "rg", "shop", nil))(t).ManagedCluster
}

// made waits until the cluster is there.
func (w *aksWorld) made(t *testing.T) aks.ManagedCluster {
	t.Helper()
	eventually(t, "the cluster is made", func() bool { return *w.get(t).Properties.ProvisioningState != "Creating" })
	return w.get(t)
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: ", what)
		}
	}
}

func (w *aksWorld) putPool(t *testing.T, name string, p *aks.ManagedClusterAgentPoolProfileProperties) error {
	t.Helper()
	_, err := w.pools.BeginCreateOrUpdate(t.Context(), "rg", "shop", name, aks.AgentPool{Properties: p}, nil)
	return err
}

func (w *aksWorld) pool(t *testing.T, name string) *aks.ManagedClusterAgentPoolProfileProperties {
	t.Helper()
	return must(w.pools.Get(t.Context(), "rg", "shop", name, nil))(t).Properties
}

func userPool() *aks.ManagedClusterAgentPoolProfileProperties {
	return &aks.ManagedClusterAgentPoolProfileProperties{
		Count: new(int32(2)), VMSize: new("Standard_D4s_v5"), NodeLabels: map[string]*string{"pool": new("general")},
		NodeTaints: []*string{new("only=jobs:NoSchedule")}, Tags: map[string]*string{"team": new("blue")},
	}
}

func TestClustersLifeCycle(t *testing.T) {
	w := startAKS(t, program.Options{})
	check(t, w.put(t, aCluster()))
	c := w.made(t)
	p := c.Properties
	if *p.ProvisioningState != "Succeeded" || *p.CurrentKubernetesVersion != "1.33.2" || *p.KubernetesVersion != "1.33" || *p.Fqdn == "" || *p.PowerState.Code != aks.CodeRunning {
		t.Errorf("got %+v", p)
	}
	if system := p.AgentPoolProfiles[0]; *system.Name != "system" || *system.CurrentOrchestratorVersion != "1.33.2" || *system.MaxPods != 110 {
		t.Errorf("got %+v", system)
	}
	check(t, w.putPool(t, "general", userPool()))
	if got := w.pool(t, "general"); *got.ProvisioningState != "Succeeded" || *got.Mode != aks.AgentPoolModeUser || *got.NodeLabels["pool"] != "general" {
		t.Errorf("got %+v", got)
	}
	if names := poolNames(w.get(t)); !slices.Equal(names, []string{"general", "system"}) {
		t.Errorf("pools %v", names)
	}
	// What a PUT leaves out is gone.
	changed := userPool()
	changed.NodeLabels, changed.Count = map[string]*string{"tier": new("back")}, new(int32(3))
	check(t, w.putPool(t, "general", changed))
	if got := w.pool(t, "general"); *got.Count != 3 || got.NodeLabels["pool"] != nil || *got.NodeLabels["tier"] != "back" {
		t.Errorf("got %+v", got)
	}
	next := w.get(t)
	next.Properties.AgentPoolProfiles[1].Count, next.SKU.Tier = new(int32(2)), new(aks.ManagedClusterSKUTierStandard)
	check(t, w.put(t, next))
	if got := w.get(t); *got.Properties.AgentPoolProfiles[1].Count != 2 || *got.Properties.AgentPoolProfiles[0].Count != 3 || *got.SKU.Tier != "Standard" {
		t.Errorf("got %+v", got)
	}
	must(w.clusters.BeginUpdateTags(t.Context(), "rg", "shop", aks.TagsObject{Tags: map[string]*string{"a": new("b")}}, nil))(t)
	if got := w.get(t); len(got.Tags) != 1 || len(got.Properties.AgentPoolProfiles) != 2 {
		t.Errorf("got %+v", got)
	}
	must(w.clusters.BeginDelete(t.Context(), "rg", "shop", nil))(t)
	_, err := w.clusters.Get(t.Context(), "rg", "shop", nil)
	wantCode(t, err, "ResourceNotFound")
	_, err = w.pools.Get(t.Context(), "rg", "shop", "general", nil)
	wantCode(t, err, "ParentResourceNotFound")
}

func poolNames(c aks.ManagedCluster) []string {
	var names []string
	for _, p := range c.Properties.AgentPoolProfiles {
		names = append(names, *p.Name)
	}
	return names
}

func TestClustersDoOneThingAtATime(t *testing.T) {
	w := startAKS(t, program.Options{})
	check(t, w.put(t, aCluster()))
	before := w.made(t)
	w.slow(t)
	check(t, w.putPool(t, "general", userPool()))
	if state := *w.pool(t, "general").ProvisioningState; state != "Creating" {
		t.Error(state)
	}
	wantCode(t, w.put(t, w.get(t)), "OperationNotAllowed")
	wantCode(t, w.putPool(t, "other", userPool()), "OperationNotAllowed")
	_, err := w.clusters.BeginDelete(t.Context(), "rg", "shop", nil)
	wantCode(t, err, "OperationNotAllowed")
	w.advance(t)
	_, err = w.clusters.BeginCreateOrUpdate(t.Context(), "rg", "shop", w.get(t), &aks.ManagedClustersClientBeginCreateOrUpdateOptions{IfMatch: before.ETag})
	wantCode(t, err, "PreconditionFailed")
	_, err = w.clusters.BeginCreateOrUpdate(t.Context(), "rg", "shop", aCluster(), &aks.ManagedClustersClientBeginCreateOrUpdateOptions{IfNoneMatch: new("*")})
	wantCode(t, err, "PreconditionFailed")
	upgraded := w.get(t)
	upgraded.Properties.KubernetesVersion = new("1.34")
	check(t, w.put(t, upgraded))
	if p := w.get(t).Properties; *p.ProvisioningState != "Upgrading" || *p.CurrentKubernetesVersion != "1.33.2" {
		t.Errorf("got %+v", p)
	}
	w.advance(t)
	if p := w.get(t).Properties; *p.ProvisioningState != "Succeeded" || *p.CurrentKubernetesVersion != "1.34.2" || *p.AgentPoolProfiles[0].CurrentOrchestratorVersion != "1.33.2" {
		t.Errorf("got %+v", p)
	}
}

func TestClustersRules(t *testing.T) {
	w := startAKS(t, program.Options{})
	type change = func(*aks.ManagedCluster)
	for name, tc := range map[string]struct {
		change change
		code   string
	}{
		"no such version":        {func(c *aks.ManagedCluster) { c.Properties.KubernetesVersion = new("1.20") }, "K8sVersionNotSupported"},
		"no system pool":         {func(c *aks.ManagedCluster) { c.Properties.AgentPoolProfiles[0].Mode = new(aks.AgentPoolModeUser) }, "MustDefineAtLeastOneSystemPool"},
		"no identity":            {func(c *aks.ManagedCluster) { c.Identity = nil }, "BadRequest"},
		"no host name":           {func(c *aks.ManagedCluster) { c.Properties.DNSPrefix = nil }, "InvalidParameter"},
		"no way in":              {func(c *aks.ManagedCluster) { c.Properties.AADProfile = nil }, "BadRequest"},
		"no such machines":       {func(c *aks.ManagedCluster) { c.Properties.AgentPoolProfiles[0].VMSize = new("db.t4g.small") }, "VMSizeNotSupported"},
		"no nodes":               {func(c *aks.ManagedCluster) { c.Properties.AgentPoolProfiles[0].Count = new(int32(0)) }, "InvalidParameter"},
		"private, from anywhere": {func(c *aks.ManagedCluster) { c.Properties.APIServerAccessProfile = ranges(true, "0.0.0.0/0") }, "BadRequest"},
		"a range that is none":   {func(c *aks.ManagedCluster) { c.Properties.APIServerAccessProfile = ranges(false, "home") }, "InvalidParameter"},
	} {
		c := aCluster()
		tc.change(&c)
		t.Run(name, func(t *testing.T) { wantCode(t, w.put(t, c), tc.code) })
	}
	check(t, w.put(t, aCluster()))
	w.made(t)
	for name, tc := range map[string]struct {
		change change
		code   string
	}{
		"two minors":         {func(c *aks.ManagedCluster) { c.Properties.KubernetesVersion = new("1.35") }, "BadRequest"},
		"back":               {func(c *aks.ManagedCluster) { c.Properties.KubernetesVersion = new("1.32") }, "BadRequest"},
		"another host name":  {func(c *aks.ManagedCluster) { c.Properties.DNSPrefix = new("other") }, "PropertyChangeNotAllowed"},
		"private":            {func(c *aks.ManagedCluster) { c.Properties.APIServerAccessProfile = ranges(true) }, "PropertyChangeNotAllowed"},
		"other machines":     {func(c *aks.ManagedCluster) { c.Properties.AgentPoolProfiles[0].VMSize = new("Standard_D8s_v5") }, "PropertyChangeNotAllowed"},
		"nodes ahead":        {func(c *aks.ManagedCluster) { c.Properties.AgentPoolProfiles[0].OrchestratorVersion = new("1.34") }, "NodePoolMcVersionIncompatible"},
		"without the pools":  {func(c *aks.ManagedCluster) { c.Properties.AgentPoolProfiles = nil }, "BadRequest"},
		"the last of System": {func(c *aks.ManagedCluster) { c.Properties.AgentPoolProfiles[0].Mode = new(aks.AgentPoolModeUser) }, "OperationNotAllowed"},
	} {
		c := w.get(t)
		tc.change(&c)
		t.Run(name, func(t *testing.T) { wantCode(t, w.put(t, c), tc.code) })
	}
	_, err := w.pools.BeginDelete(t.Context(), "rg", "shop", "system", nil)
	wantCode(t, err, "OperationNotAllowed")
	old := userPool()
	old.OrchestratorVersion = new("1.30")
	wantCode(t, w.putPool(t, "old", old), "AgentPoolK8sVersionNotSupported")
	scaled := userPool()
	scaled.EnableAutoScaling, scaled.MinCount, scaled.MaxCount = new(true), new(int32(3)), new(int32(5))
	wantCode(t, w.putPool(t, "scaled", scaled), "InvalidParameter")
	wantCode(t, w.putPool(t, "Bad-Name", userPool()), "InvalidParameter")
	w.settings(t, local.Settings{Quotas: map[string]int{"Microsoft.ContainerService:managedClusters": 1, "Microsoft.ContainerService:agentPools": 1}})
	wantCode(t, w.putPool(t, "general", userPool()), "QuotaExceeded")
	_, err = w.clusters.BeginCreateOrUpdate(t.Context(), "rg", "second", aCluster(), nil)
	wantCode(t, err, "QuotaExceeded")
}

func ranges(private bool, cidrs ...string) *aks.ManagedClusterAPIServerAccessProfile {
	p := &aks.ManagedClusterAPIServerAccessProfile{EnablePrivateCluster: &private}
	for _, c := range cidrs {
		p.AuthorizedIPRanges = append(p.AuthorizedIPRanges, &c)
	}
	return p
}

// A pool that is held back ends the way of its control plane after two minors.
func TestNodesMayBeTwoMinorsBehind(t *testing.T) {
	w := startAKS(t, program.Options{})
	c := aCluster()
	c.Properties.KubernetesVersion = new("1.31")
	check(t, w.put(t, c))
	w.made(t)
	for _, step := range []struct{ version, code string }{{"1.32", ""}, {"1.33", ""}, {"1.34", "NodePoolMcVersionIncompatible"}} {
		next := w.get(t)
		next.Properties.KubernetesVersion = &step.version
		wantCode(t, w.put(t, next), step.code)
	}
	next := w.get(t)
	next.Properties.AgentPoolProfiles[0].OrchestratorVersion = new("1.33")
	check(t, w.put(t, next))
	if got := *w.get(t).Properties.AgentPoolProfiles[0].CurrentOrchestratorVersion; got != "1.33.2" {
		t.Error(got)
	}
}

func TestClustersPowers(t *testing.T) {
	w := startAKS(t, program.Options{})
	check(t, w.put(t, aCluster()))
	w.made(t)
	check(t, w.Force(t.Context(), local.Target{Kind: "managedClusters", ID: "shop"}, "Failed"))
	if p := w.get(t).Properties; *p.ProvisioningState != "Failed" {
		t.Errorf("got %s", *p.ProvisioningState)
	}
	check(t, w.Force(t.Context(), local.Target{Kind: "managedClusters", ID: "shop"}, ""))
	check(t, w.Change(t.Context(), local.Target{Kind: "managedClusters/agentPools", ID: "shop/system"}, map[string]any{"properties": map[string]any{"count": 4}}))
	if got := *w.get(t).Properties.AgentPoolProfiles[0].Count; got != 4 {
		t.Errorf("count %d", got)
	}
	must(w.clusters.BeginStop(t.Context(), "rg", "shop", nil))(t)
	if p := w.get(t).Properties; *p.PowerState.Code != aks.CodeStopped || *p.ProvisioningState != "Succeeded" {
		t.Errorf("got %+v", p)
	}
	wantCode(t, w.putPool(t, "general", userPool()), "BadRequest")
	must(w.clusters.BeginStart(t.Context(), "rg", "shop", nil))(t)
	check(t, w.putPool(t, "general", userPool()))
	w.fault(t, local.Rule{Service: "Microsoft.ContainerService", Operation: "managedClusters/listClusterUserCredential/action", Effect: local.Effect{
		Error: &local.Error{Code: "TooManyRequests", Status: 429},
	}})
	_, err := w.clusters.ListClusterUserCredentials(t.Context(), "rg", "shop", nil)
	wantCode(t, err, "TooManyRequests")
	_, err = w.clusters.ListClusterAdminCredentials(t.Context(), "rg", "shop", nil)
	wantCode(t, err, "BadRequest")
}

// TestClustersAreReal logs in to a real API server by all that may, and by what
// may not.
func TestClustersAreReal(t *testing.T) {
	binary, err := kubetest.Hyperkube()
	if err != nil {
		t.Skip("no Kubernetes to run: ", err)
	}
	w := startAKS(t, program.Options{ControlPlane: binary})
	began := time.Now()
	named := aCluster()
	named.Properties.NodeResourceGroup = new("MC_" + strings.Repeat("n", 59) + "_" + strings.Repeat("o", 17))
	check(t, w.put(t, named))
	w.made(t)
	t.Logf("made after %s", time.Since(began).Round(time.Millisecond))
	out := must(w.clusters.ListClusterUserCredentials(t.Context(), "rg", "shop", nil))(t)
	config := must(clientcmd.Load(out.Kubeconfigs[0].Value))(t)
	if user := config.AuthInfos[config.Contexts[config.CurrentContext].AuthInfo]; user.Exec == nil || user.Token != "" {
		t.Errorf("people log in by %+v", user)
	}
	at := *config.Clusters["shop"]
	login := func(token string) *kubernetes.Clientset {
		return must(kubernetes.NewForConfig(&rest.Config{Host: at.Server, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{CAData: at.CertificateAuthorityData}}))(t)
	}
	const reader, stranger = "11111111-0000-0000-0000-000000000000", "22222222-0000-0000-0000-000000000000"
	for id, roles := range map[string][]string{reader: {"Azure Kubernetes Service RBAC Reader"}, stranger: {}} {
		check(t, w.Ask(t.Context(), "keys", map[string]any{"id": id, "secret": "s", "roles": roles}))
	}
	admin := w.clusterToken(t, entra.DefaultClient, entra.DefaultSecret, "6dae42f8-4368-4678-94ff-3960e28e3630")
	readers := w.clusterToken(t, reader, "s", "6dae42f8-4368-4678-94ff-3960e28e3630")
	may := func(token, resource string) error {
		c := login(token).CoreV1()
		var err error
		if resource == "secrets" {
			_, err = c.Secrets("").List(t.Context(), metav1.ListOptions{})
		} else {
			_, err = c.ConfigMaps("").List(t.Context(), metav1.ListOptions{})
		}
		return err
	}
	eventually(t, "the reader's role counts", func() bool { return may(readers, "configmaps") == nil })
	tampered := strings.Split(admin, ".")
	tampered[1] = base64.RawURLEncoding.EncodeToString([]byte(`{"appid":"` + entra.DefaultClient + `"}`))
	for name, tc := range map[string]struct {
		token, resource string
		want            func(error) bool
	}{
		"an administrator":       {admin, "secrets", func(err error) bool { return err == nil }},
		"a reader, of secrets":   {readers, "secrets", apierrors.IsForbidden},
		"somebody with no role":  {w.clusterToken(t, stranger, "s", "6dae42f8-4368-4678-94ff-3960e28e3630"), "configmaps", apierrors.IsForbidden},
		"for another API":        {w.clusterToken(t, entra.DefaultClient, entra.DefaultSecret, "https://management.azure.com"), "secrets", apierrors.IsUnauthorized},
		"signed by nobody":       {strings.Join(tampered, "."), "secrets", apierrors.IsUnauthorized},
		"no token of any system": {"x", "secrets", apierrors.IsUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			if err := may(tc.token, tc.resource); !tc.want(err) {
				t.Errorf("got %v", err)
			}
		})
	}

	check(t, w.putPool(t, "general", userPool()))
	w.pool(t, "general")
	nodes := func() []corev1.Node {
		return must(login(admin).CoreV1().Nodes().List(t.Context(), metav1.ListOptions{LabelSelector: "pool=general"}))(t).Items
	}
	eventually(t, "two nodes", func() bool { return len(nodes()) == 2 && len(nodes()[0].Spec.Taints) == 1 })
	n := nodes()[0]
	labelled := n.Labels["agentpool"] == "general" && n.Labels["kubernetes.azure.com/cluster"] == "MC_"+strings.Repeat("n", 59)
	if !labelled || n.Status.Allocatable.Cpu().String() != "4" || n.Status.NodeInfo.KubeletVersion != "v1.33.2" {
		t.Errorf("got %+v", n)
	}
	must(w.pools.BeginDelete(t.Context(), "rg", "shop", "general", nil))(t)
	eventually(t, "no node is left", func() bool {
		_, _ = w.pools.Get(t.Context(), "rg", "shop", "general", nil)
		return len(nodes()) == 0
	})

	check(t, w.Ask(t.Context(), "keys", map[string]any{"id": reader, "roles": []string{}}))
	eventually(t, "the role is gone", func() bool { return apierrors.IsForbidden(may(readers, "configmaps")) })
	check(t, w.Ask(t.Context(), "keys", map[string]any{"id": reader, "revoked": true}))
	eventually(t, "a revoked identity is refused", func() bool { return apierrors.IsUnauthorized(may(readers, "configmaps")) })
	check(t, w.Advance(t.Context(), 2*time.Hour))
	eventually(t, "an expired token is refused", func() bool { return apierrors.IsUnauthorized(may(admin, "secrets")) })
}

// clusterToken gets a token for an API, as an application.
func (w *aksWorld) clusterToken(t *testing.T, client, secret, api string) string {
	t.Helper()
	return must(w.secret(t, entra.DefaultTenant, client, secret).GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{api + "/.default"}}))(t).Token
}
