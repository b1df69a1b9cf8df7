// SPDX-License-Identifier: Apache-2.0

package gcp_test

import (
	"encoding/base64"
	"slices"
	"testing"
	"time"

	"google.golang.org/api/container/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// client returns a client of a cluster that has a token.
func client(t *testing.T, c *container.Cluster, token string) *kubernetes.Clientset {
	t.Helper()
	ca, err := base64.StdEncoding.DecodeString(c.MasterAuth.ClusterCaCertificate)
	check(t, err)
	return must(kubernetes.NewForConfig(&rest.Config{Host: "https://" + c.Endpoint, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{CAData: ca}}))(t)
}

// TestClustersAreReal logs in to a real API server by all that may, and by what may
// not.
func TestClustersAreReal(t *testing.T) {
	binary, err := kubetest.Hyperkube()
	if err != nil {
		t.Skip("no Kubernetes to run: ", err)
	}
	w := startWith(t, program.Options{ControlPlane: binary})
	began := time.Now()
	c := w.cluster(t, "shop")
	t.Logf("running after %s", time.Since(began).Round(time.Millisecond))

	t.Run("tokens", func(t *testing.T) { w.tryTokens(t, c) })
	t.Run("nodes", func(t *testing.T) { w.tryNodes(t, c) })
	t.Run("deletion", func(t *testing.T) {
		admin := client(t, c, w.tokenOf(t, iam.DefaultEmail))
		w.ended(t, must(w.clusters().Delete(shop).Do())(t))
		eventually(t, "the API server ends", func() bool { return second(admin.Discovery().ServerVersion()) != nil })
	})
}

// tokenOf returns an access token of a service account.
func (w *world) tokenOf(t *testing.T, email string) string {
	t.Helper()
	return must(w.tokens(t, email).Token())(t).AccessToken
}

func account(name string) string { return name + "@local-project.iam.gserviceaccount.com" }

func (w *world) tryTokens(t *testing.T, c *container.Cluster) {
	t.Helper()
	for name, roles := range map[string][]string{
		"dev": {"roles/container.developer"}, "eye": {"roles/container.viewer"}, "manager": {"roles/container.clusterAdmin"}, "gone": {"roles/container.admin"},
	} {
		w.change(t, iam.Change{Email: account(name), Roles: &roles})
	}
	w.change(t, iam.Change{Email: account("stranger"), Project: "other-project", Roles: &[]string{"roles/container.admin"}})
	gone := w.tokenOf(t, account("gone"))
	w.change(t, iam.Change{Email: account("gone"), Revoked: new(true)})
	for name, tc := range map[string]struct {
		token               string
		in                  bool
		maps, secrets, make bool
	}{
		"who administers":    {w.tokenOf(t, iam.DefaultEmail), true, true, true, true},
		"a developer":        {w.tokenOf(t, account("dev")), true, true, true, true},
		"a viewer":           {w.tokenOf(t, account("eye")), true, true, false, false},
		"who makes clusters": {w.tokenOf(t, account("manager")), true, false, false, false},
		"another project's":  {w.tokenOf(t, account("stranger")), true, false, false, false},
		"revoked":            {token: gone},
		"made up":            {token: "ya29.guess"},
	} {
		t.Run(name, func(t *testing.T) {
			k := client(t, c, tc.token)
			api := k.CoreV1()
			if tc.maps { // rights are there a moment after the cluster is
				eventually(t, "it may look", func() bool { return second(api.ConfigMaps("default").List(t.Context(), metav1.ListOptions{})) == nil })
			}
			wantRight(t, tc.in, tc.maps, second(api.ConfigMaps("default").List(t.Context(), metav1.ListOptions{})))
			wantRight(t, tc.in, tc.secrets, second(api.Secrets("default").List(t.Context(), metav1.ListOptions{})))
			wantRight(t, tc.in, tc.make, second(api.ConfigMaps("default").Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "x-"}}, metav1.CreateOptions{})))
		})
	}
	old := w.tokenOf(t, iam.DefaultEmail)
	check(t, w.Advance(t.Context(), time.Hour))
	wantRight(t, false, false, second(client(t, c, old).CoreV1().Secrets("default").List(t.Context(), metav1.ListOptions{})))
	w.login(t, w.tokens(t, iam.DefaultEmail))
}

// wantRight checks whether a client is let in, and may.
func wantRight(t *testing.T, in, may bool, err error) {
	t.Helper()
	if may && err != nil || !in && !apierrors.IsUnauthorized(err) || in && !may && !apierrors.IsForbidden(err) {
		t.Errorf("let in %v, may %v: got %v", in, may, err)
	}
}

func (w *world) tryNodes(t *testing.T, c *container.Cluster) {
	t.Helper()
	admin := client(t, c, w.tokenOf(t, iam.DefaultEmail))
	nodes := func() []corev1.Node {
		return must(admin.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{LabelSelector: "cloud.google.com/gke-nodepool=jobs"}))(t).Items
	}
	pools := w.clusters().NodePools
	w.ended(t, must(pools.Create(shop, newPool()).Do())(t))
	eventually(t, "two nodes are ready", func() bool {
		return len(nodes()) == 2 && !slices.ContainsFunc(nodes(), func(n corev1.Node) bool { return !ready(n) || len(n.Spec.Taints) != 1 })
	})
	if n := nodes()[0]; n.Labels["pool"] != "jobs" || n.Labels[corev1.LabelTopologyZone] != "europe-west1-b" || n.Status.Allocatable.Cpu().String() != "2" ||
		n.Status.NodeInfo.KubeletVersion != "v1.32.6-gke.1100" {
		t.Errorf("got %+v", n)
	}
	w.ended(t, must(pools.SetSize(jobs, &container.SetNodePoolSizeRequest{NodeCount: 1}).Do())(t))
	eventually(t, "one node is left", func() bool { return len(nodes()) == 1 })
	w.ended(t, must(pools.Delete(jobs).Do())(t))
	eventually(t, "no node is left", func() bool { return len(nodes()) == 0 })
}

func ready(n corev1.Node) bool {
	return slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}
