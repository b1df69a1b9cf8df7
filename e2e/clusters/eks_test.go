// SPDX-License-Identifier: Apache-2.0

// Package clusters_test has Kubernetes clusters made by the real operators on a
// local cloud, and uses them as their clients would: with what is in the
// connection secret and nothing else.
package clusters_test

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/ec2"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

const patience = 90 * time.Second

//go:embed eks.yaml
var eksManifest string

// cloud is where a story plays.
type cloud struct {
	operator, local string                             // as the stack calls them
	kinds           map[string]schema.GroupVersionKind // by what they are here
	size            string                             // the field of nodes' status that counts them
}

var eks = cloud{
	operator: stack.AWSOperator, local: stack.LocalAWS, size: "desiredSize",
	kinds: map[string]schema.GroupVersionKind{
		"cluster": {Group: "compute.aws.crossplane.io", Version: "v1alpha1", Kind: "EKSCluster"},
		"nodes":   {Group: "compute.aws.crossplane.io", Version: "v1alpha1", Kind: "EKSNodeGroup"},
		"role":    {Group: "iam.aws.crossplane.io", Version: "v1alpha1", Kind: "IAMRole"},
	},
}

// story is about one cluster, on a stack of its own.
type story struct {
	*testing.T
	*stack.Stack
	cloud
}

func begin(t *testing.T, c cloud, change ...func(*stack.Options)) story {
	t.Helper()
	if _, err := kubetest.Hyperkube(); err != nil {
		skipped.Store(true)
		t.Skip("no Kubernetes to run: ", err)
	}
	options := stack.Options{
		Dir: filepath.Join(t.TempDir(), "stack"), Operators: []string{stack.CoreOperator, c.operator, stack.WorkloadOperator},
		PollInterval: time.Second, AuditReads: true,
	}
	for _, f := range change {
		f(&options)
	}
	s, err := stack.Up(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			said, _ := os.ReadFile(s.Log(c.operator))
			t.Logf("the end of the operator's log:\n%s", said[max(0, len(said)-3000):])
		}
		account(t, s)
		if err := s.Down(); err != nil {
			t.Error(err)
		}
	})
	return story{t, s, c}
}

// TestEKS makes a cluster by its parts, then by a claim.
func TestEKS(t *testing.T) {
	s := begin(t, eks)
	began := time.Now()
	subnets := s.apply()
	s.until("role", "shop-cluster", "True Available")
	s.until("cluster", "shop", "True Available")
	s.until("nodes", "shop-general", "True Available")
	t.Logf("cluster and nodes are ready after %s", time.Since(began).Round(100*time.Millisecond))

	admin := s.login()
	s.eventually("two ready nodes of the first version", func() bool { return s.nodes(admin, "general", "v1.33.2") == 2 })

	s.patch("cluster", "shop", `{"spec":{"forProvider":{"version":"1.34"}}}`)
	s.eventually("the nodes follow the control plane", func() bool { return s.nodes(admin, "general", "v1.34.2") == 2 })

	s.lesser(`{"tokenRoleARN":"arn:aws:iam::000000000001:role/shop-viewer"}`)
	s.renewed()

	s.delete("cluster", "shop")
	s.says("cluster", "shop", "shop-general-")
	s.delete("nodes", "shop-general")
	s.gone("nodes", "shop-general")
	s.gone("cluster", "shop")

	s.claimed("examples/aws/clusters.yaml",
		"eks-cluster", "shop-cluster", "eks-node", "shop-node", "role/developers", "role/shop-viewer",
		"AmazonEKSEditPolicy", "AmazonEKSViewPolicy", "[subnet-12be285e01e7e7813, subnet-fe4d8d57b7d86e0ee]", subnets)
	for _, name := range []string{"shop-cluster", "shop-node"} {
		s.delete("role", name)
		s.gone("role", name)
	}
	s.nothingLeft()
}

// nothingLeft checks that the cloud is as it was at the beginning.
func (s story) nothingLeft() {
	s.Helper()
	live, err := control.New(s.CloudURL(s.local)).Live(s.Context())
	s.must(err)
	if len(live) > 0 {
		s.Errorf("left in the cloud: %v", live)
	}
}

// lesser hands out tokens of an identity that may only look.
func (s story) lesser(fields string) {
	s.patch("cluster", "shop", `{"spec":{"forProvider":`+fields+`}}`)
	s.renew()
	viewer := s.login()
	_, err := viewer.CoreV1().ConfigMaps("default").List(s.Context(), metav1.ListOptions{})
	s.must(err)
	if _, err := viewer.CoreV1().Secrets("default").List(s.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		s.Errorf("a viewer reads secrets: %v", err)
	}
}

// renewed asks for new credentials: those from before stay good.
func (s story) renewed() {
	before, old := s.secret(), s.login()
	s.renew()
	if string(before.Data["token"]) == string(s.secret().Data["token"]) {
		s.Error("the token is the same")
	}
	for _, c := range []*kubernetes.Clientset{old, s.login()} {
		_, err := c.CoreV1().ConfigMaps("default").List(s.Context(), metav1.ListOptions{})
		s.must(err)
	}
}

func (s story) renew() {
	before := string(s.secret().Data["token"])
	s.patch("cluster", "shop", fmt.Sprintf(`{"metadata":{"annotations":{"crossplane.io/rotate-password-requested-at":%q}}}`, time.Now().Format(time.RFC3339Nano)))
	s.eventually("another token", func() bool { return string(s.secret().Data["token"]) != before })
}

// apply makes the objects, with the subnets that the account has from the start,
// and returns those.
func (s story) apply() string {
	s.must(s.Client.Create(s.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: "aws-credentials"},
		StringData: map[string]string{"access_key_id": iam.DefaultKeyID, "secret_access_key": iam.DefaultSecret},
	}))
	subnets := ec2.DefaultSubnets(query.Scope{Account: iam.DefaultAccount, Region: stack.Region})
	list := "[" + strings.Join(subnets, ", ") + "]"
	s.manifest(strings.ReplaceAll(eksManifest, "SUBNETS", list))
	return list
}

// secret returns the cluster's connection secret.
func (s story) secret() *corev1.Secret {
	s.Helper()
	return s.secretOf("shop")
}

func (s story) secretOf(cluster string) *corev1.Secret {
	s.Helper()
	ref, _, _ := unstructured.NestedStringMap(s.get("cluster", cluster).Object, "status", "connectionSecretRef")
	secret := &corev1.Secret{}
	s.must(s.Client.Get(s.Context(), client.ObjectKey{Namespace: ref["namespace"], Name: ref["name"]}, secret))
	return secret
}

// login makes a client of the cluster of its kubeconfig alone.
func (s story) login() *kubernetes.Clientset {
	s.Helper()
	return s.loginTo("shop")
}

func (s story) loginTo(cluster string) *kubernetes.Clientset {
	s.Helper()
	config, err := clientcmd.RESTConfigFromKubeConfig(s.secretOf(cluster).Data["value"])
	s.must(err)
	c, err := kubernetes.NewForConfig(config)
	s.must(err)
	return c
}

// nodes counts those of a pool and a version that are ready.
func (s story) nodes(c *kubernetes.Clientset, pool, version string) int {
	list, err := c.CoreV1().Nodes().List(s.Context(), metav1.ListOptions{LabelSelector: "pool=" + pool})
	if err != nil {
		return -1
	}
	count := 0
	for _, n := range list.Items {
		for _, condition := range n.Status.Conditions {
			if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue && n.Status.NodeInfo.KubeletVersion == version {
				count++
			}
		}
	}
	return count
}

func (s story) get(kind, name string) *unstructured.Unstructured {
	s.Helper()
	o := s.named(kind, name)
	s.must(s.Client.Get(s.Context(), client.ObjectKeyFromObject(o), o))
	return o
}

func (s story) named(kind, name string) *unstructured.Unstructured {
	version, k := s.kinds[kind].ToAPIVersionAndKind()
	return object(version, k, "", name)
}

// object returns an empty one to be read.
func object(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(apiVersion)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

func (s story) patch(kind, name, text string) {
	s.Helper()
	s.must(s.Client.Patch(s.Context(), s.named(kind, name), client.RawPatch("application/merge-patch+json", []byte(text))))
}

func (s story) delete(kind, name string) {
	s.Helper()
	s.must(s.Client.Delete(s.Context(), s.named(kind, name)))
}

func (s story) gone(kind, name string) {
	s.Helper()
	s.eventually(name+" is gone", func() bool {
		return apierrors.IsNotFound(s.Client.Get(s.Context(), client.ObjectKey{Name: name}, s.named(kind, name)))
	})
}

// until waits until Ready begins with text.
func (s story) until(kind, name, text string) {
	s.Helper()
	s.eventually(name+" says "+text, func() bool { return strings.HasPrefix(condition(s.get(kind, name), "Ready"), text) })
}

// says waits until Synced has text in it.
func (s story) says(kind, name, text string) {
	s.Helper()
	s.eventually(name+" says "+text, func() bool { return strings.Contains(condition(s.get(kind, name), "Synced"), text) })
}

// condition returns an object's condition as "status reason: message".
func condition(o *unstructured.Unstructured, typ string) string {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		if c, ok := c.(map[string]any); ok && c["type"] == typ {
			return fmt.Sprintf("%v %v: %v", c["status"], c["reason"], c["message"])
		}
	}
	return ""
}

func (s story) eventually(what string, so func() bool) {
	s.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.tell()
			s.Fatal("never: ", what)
		}
	}
}

// tell shows what the objects say.
func (s story) tell() {
	for kind, gvk := range s.kinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
		if s.Client.List(context.WithoutCancel(s.Context()), list) != nil {
			continue
		}
		for i := range list.Items {
			o := &list.Items[i]
			s.Logf("%s %s: Ready %q, Synced %q", kind, o.GetName(), condition(o, "Ready"), condition(o, "Synced"))
		}
	}
}

func (s story) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}
