// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	cloudiam "github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/program"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// emptyPayload is the digest of no body.
const emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// token signs in to a cluster with a key, as of some time.
func (w *world) token(t *testing.T, cluster, id, secret, session string, at time.Time, lasts string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires="+lasts, http.NoBody)
	check(t, err)
	r.Header.Set("X-K8s-Aws-Id", cluster)
	keys := sdk.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: session}
	url, _, err := v4.NewSigner().PresignHTTP(t.Context(), keys, r, emptyPayload, "sts", "us-east-1", at)
	check(t, err)
	return "k8s-aws-v1." + base64.RawURLEncoding.EncodeToString([]byte(url))
}

// kubernetes returns a client of a cluster that has a token.
func client(t *testing.T, c types.Cluster, token string) *kubernetes.Clientset {
	t.Helper()
	ca, err := base64.StdEncoding.DecodeString(*c.CertificateAuthority.Data)
	check(t, err)
	return must(kubernetes.NewForConfig(&rest.Config{Host: *c.Endpoint, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{CAData: ca}}))(t)
}

// TestClustersAreReal logs in to a real API server by all that may, and by what
// may not.
func TestClustersAreReal(t *testing.T) {
	binary, err := kubetest.Hyperkube()
	if err != nil {
		t.Skip("no Kubernetes to run: ", err)
	}
	w := startWith(t, program.Options{ControlPlane: binary})
	began := time.Now()
	c := w.cluster(t, "shop")
	t.Logf("active after %s", time.Since(began).Round(time.Millisecond))

	t.Run("tokens", func(t *testing.T) { w.tryTokens(t, c) })
	t.Run("nodes", func(t *testing.T) { w.tryNodes(t, c) })
	t.Run("access entries", func(t *testing.T) { w.tryEntries(t, c) })
	t.Run("deletion", func(t *testing.T) {
		must(w.eks.DeleteCluster(t.Context(), &eks.DeleteClusterInput{Name: c.Name}))(t)
		admin := client(t, c, w.token(t, "shop", cloudiam.DefaultKeyID, cloudiam.DefaultSecret, "", time.Now(), "60"))
		eventually(t, "the API server ends", func() bool {
			_, err := admin.Discovery().ServerVersion()
			return err != nil
		})
	})
}

func (w *world) tryTokens(t *testing.T, c types.Cluster) {
	t.Helper()
	now := time.Now()
	check(t, w.Key(t.Context(), cloudiam.Change{ID: "AKIDSTRANGER", Secret: new("stranger")}))
	good := w.token(t, "shop", cloudiam.DefaultKeyID, cloudiam.DefaultSecret, "", now, "60")
	for name, tc := range map[string]struct {
		token string
		in    bool
	}{
		"who made it":        {good, true},
		"14 minutes old":     {w.token(t, "shop", cloudiam.DefaultKeyID, cloudiam.DefaultSecret, "", now.Add(-14*time.Minute), "60"), true},
		"16 minutes old":     {w.token(t, "shop", cloudiam.DefaultKeyID, cloudiam.DefaultSecret, "", now.Add(-16*time.Minute), "60"), false},
		"too long a life":    {w.token(t, "shop", cloudiam.DefaultKeyID, cloudiam.DefaultSecret, "", now, "901"), false},
		"of another cluster": {w.token(t, "other", cloudiam.DefaultKeyID, cloudiam.DefaultSecret, "", now, "60"), false},
		"wrong secret":       {w.token(t, "shop", cloudiam.DefaultKeyID, "guess", "", now, "60"), false},
		"unknown key":        {w.token(t, "shop", "AKIDNOBODY", "guess", "", now, "60"), false},
		"without an entry":   {w.token(t, "shop", "AKIDSTRANGER", "stranger", "", now, "60"), false},
		"no token":           {strings.Replace(good, "v1", "v2", 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client(t, c, tc.token).CoreV1().Secrets("").List(t.Context(), metav1.ListOptions{})
			if tc.in && err != nil || !tc.in && !apierrors.IsUnauthorized(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func (w *world) tryNodes(t *testing.T, c types.Cluster) {
	t.Helper()
	admin := client(t, c, w.token(t, "shop", cloudiam.DefaultKeyID, cloudiam.DefaultSecret, "", time.Now(), "60"))
	nodes := func() []corev1.Node {
		return must(admin.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{LabelSelector: "eks.amazonaws.com/nodegroup=jobs"}))(t).Items
	}
	must(w.eks.CreateNodegroup(t.Context(), w.nodegroupInput(t, "shop", "jobs")))(t)
	// Nothing is done before somebody looks, where it takes no time.
	w.nodegroup(t, "shop", "jobs")
	eventually(t, "two nodes are ready", func() bool {
		return len(nodes()) == 2 && !slices.ContainsFunc(nodes(), func(n corev1.Node) bool { return !ready(n) || len(n.Spec.Taints) != 1 })
	})
	if n := nodes()[0]; n.Labels["pool"] != "jobs" || n.Status.Allocatable.Cpu().String() != "2" || n.Status.NodeInfo.KubeletVersion != "v1.33.2" {
		t.Errorf("got %+v", n)
	}
	must(w.eks.UpdateNodegroupConfig(t.Context(), &eks.UpdateNodegroupConfigInput{
		ClusterName: c.Name, NodegroupName: new("jobs"), ScalingConfig: &types.NodegroupScalingConfig{DesiredSize: new(int32(1))},
	}))(t)
	w.nodegroup(t, "shop", "jobs")
	eventually(t, "one node is left", func() bool { return len(nodes()) == 1 })
	must(w.eks.DeleteNodegroup(t.Context(), &eks.DeleteNodegroupInput{ClusterName: c.Name, NodegroupName: new("jobs")}))(t)
	must(w.eks.ListNodegroups(t.Context(), &eks.ListNodegroupsInput{ClusterName: c.Name}))(t)
	eventually(t, "no node is left", func() bool { return len(nodes()) == 0 })
}

func ready(n corev1.Node) bool {
	return slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// tryEntries lets a session of a role in, with what its entry's policy gives.
func (w *world) tryEntries(t *testing.T, c types.Cluster) {
	t.Helper()
	role := w.role(t, "viewer", "ec2.amazonaws.com")
	must(w.eks.CreateAccessEntry(t.Context(), &eks.CreateAccessEntryInput{ClusterName: c.Name, PrincipalArn: &role, KubernetesGroups: []string{"readers"}}))(t)
	must(w.eks.AssociateAccessPolicy(t.Context(), &eks.AssociateAccessPolicyInput{
		ClusterName: c.Name, PrincipalArn: &role, PolicyArn: new("arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"),
		AccessScope: &types.AccessScope{Type: types.AccessScopeTypeNamespace, Namespaces: []string{"default"}},
	}))(t)
	s := must(w.sts.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("tester")}))(t).Credentials
	viewer := client(t, c, w.token(t, "shop", *s.AccessKeyId, *s.SecretAccessKey, *s.SessionToken, time.Now(), "60"))
	self := must(viewer.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{}))(t).Status.UserInfo
	if self.Username != "arn:aws:sts::000000000001:assumed-role/viewer/tester" || !slices.Contains(self.Groups, "readers") || slices.Contains(self.Groups, "system:masters") {
		t.Errorf("got %+v", self)
	}
	eventually(t, "the viewer may list pods in its namespace", func() bool {
		_, err := viewer.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
		return err == nil
	})
	if _, err := viewer.CoreV1().Pods("kube-system").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("in another namespace: %v", err)
	}
	must(w.eks.DeleteAccessEntry(t.Context(), &eks.DeleteAccessEntryInput{ClusterName: c.Name, PrincipalArn: &role}))(t)
	eventually(t, "the viewer is out", func() bool {
		_, err := viewer.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
		return apierrors.IsUnauthorized(err)
	})
}

// eventually waits for what takes a real API server a moment; one remembers a
// token for ten seconds.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !f(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never so: ", what)
		}
	}
}
