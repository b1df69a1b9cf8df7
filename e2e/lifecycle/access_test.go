// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

// door is how a cloud lets a cluster in at a database.
type door struct {
	kind schema.GroupVersionKind
	open string // the field of its spec that says for whom
	to   string // what that is, of the target below
}

func doors() map[string]door {
	rule := schema.GroupVersionKind{Group: "network.aws.crossplane.io", Version: "v1alpha1", Kind: "SecurityGroupRule"}
	return map[string]door{
		"aws":   {rule, "sourceSecurityGroupID", ""},
		"gcp":   {kind("gcp", "CloudSQLAuthorizedNetwork"), "value", "198.51.100.7/32"},
		"azure": {kind("azure", "FirewallRule"), "cidr", "198.51.100.7/32"},
	}
}

// TestAccess shows that, by the example classes, a database is open to the cluster
// on which an application uses it, and only as long as it does.
func TestAccess(t *testing.T) {
	nodes := nodesOf(t)
	for cloud, at := range doors() {
		if at.to == "" {
			at.to = nodes
		}
		t.Run(cloud, func(t *testing.T) { at.play(t, cloud) })
	}
	s := &story{t: t, claim: &unstructured.Unstructured{}}
	for _, left := range []*unstructured.Unstructured{named(targetKind, "here"), named(doors()["aws"].group(), "nodes")} {
		s.must(world.Client.Delete(t.Context(), left))
		s.gone(left)
	}
}

// targetKind is that of clusters that applications run on.
var targetKind = schema.GroupVersionKind{Group: "workload.crossplane.io", Version: "v1alpha1", Kind: "KubernetesTarget"}

// group is the kind of security groups, which rules are in.
func (d door) group() schema.GroupVersionKind {
	return d.kind.GroupVersion().WithKind("SecurityGroup")
}

func (d door) play(t *testing.T, cloud string) {
	t.Helper()
	class := exampleClass(t, cloud)
	s := place(t, cloud, "")
	s.must(unstructured.SetNestedField(s.claim.Object, class, "spec", "classRef", "name"))
	s.claimVersion("8.4")
	s.bound()
	if found := d.made(s); len(found) > 0 {
		t.Errorf("open before anybody uses it: %v", found)
	}
	app := s.uses()
	s.until("the way is open", func(context.Context) bool {
		found := d.made(s)
		return len(found) == 1 && strings.HasPrefix(condition(&found[0], "Ready"), "True")
	})
	one := d.made(s)[0]
	if to, _, _ := unstructured.NestedString(one.Object, "spec", "forProvider", d.open); to != d.to {
		t.Errorf("open to %q, want %q", to, d.to)
	}
	s.bound()
	s.must(world.Client.Delete(t.Context(), app))
	s.gone(app)
	s.gone(&one)
	s.bound()
	s.end()
}

// made returns the objects of the door's kind that were made for the claim.
func (d door) made(s *story) []unstructured.Unstructured {
	s.t.Helper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(d.kind)
	s.must(world.Client.List(s.t.Context(), list, client.MatchingLabels{"crossplane.io/claim-uid": string(s.claim.GetUID())}))
	return list.Items
}

// uses has an application use the claim.
func (s *story) uses() *unstructured.Unstructured {
	s.t.Helper()
	app := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{
		"targetRef": map[string]any{"name": "here"}, "namespace": s.namespace + "-live",
		"uses": []any{map[string]any{"kind": claimKind.Kind, "name": s.claim.GetName()}},
		"manifests": []any{map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "shop"}, "data": map[string]any{"a": "b"},
		}},
	}}}
	app.SetGroupVersionKind(schema.GroupVersionKind{Group: "workload.crossplane.io", Version: "v1alpha1", Kind: "KubernetesApplication"})
	app.SetNamespace(s.namespace)
	app.SetName("shop")
	s.must(world.Client.Create(s.t.Context(), app))
	return app
}

const ownNetwork = `
apiVersion: workload.crossplane.io/v1alpha1
kind: KubernetesTarget
metadata: {name: here}
spec:
  kubeconfigSecretRef: {name: target-here, key: value}
  allowedNamespaces: {namespaceSelector: {matchExpressions: [{key: cloud, operator: Exists}]}}
  allowHub: true
  network: {egressCIDRs: [198.51.100.7/32], groups: [NODES]}
`

const nodesGroup = `
apiVersion: network.aws.crossplane.io/v1alpha1
kind: SecurityGroup
metadata: {name: nodes}
spec:
  providerRef: {name: aws}
  forProvider: {region: us-east-1}
`

// nodesOf makes the control plane's own cluster a target, and returns the
// security group that its nodes are members of.
func nodesOf(t *testing.T) string {
	t.Helper()
	s := &story{t: t, claim: &unstructured.Unstructured{}}
	s.apply(nodesGroup)
	group := named(doors()["aws"].group(), "nodes")
	s.until("the nodes' group is ready", func(ctx context.Context) bool {
		s.must(world.Client.Get(ctx, client.ObjectKeyFromObject(group), group))
		return strings.HasPrefix(condition(group, "Ready"), "True")
	})
	config, err := os.ReadFile(world.Kubeconfig())
	s.must(err)
	s.must(world.Client.Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: "target-here"}, Data: map[string][]byte{"value": config},
	}))
	id := group.GetAnnotations()["crossplane.io/external-name"]
	s.apply(strings.ReplaceAll(ownNetwork, "NODES", id))
	target := named(targetKind, "here")
	s.until("the target is ready", func(ctx context.Context) bool {
		s.must(world.Client.Get(ctx, client.ObjectKeyFromObject(target), target))
		return strings.HasPrefix(condition(target, "Ready"), "True")
	})
	return id
}

// exampleClass applies the example class for MySQL that opens the way, in the
// default network, and returns its name.
func exampleClass(t *testing.T, cloud string) string {
	t.Helper()
	s := &story{t: t, claim: &unstructured.Unstructured{}}
	root, err := kubetest.Root()
	s.must(err)
	text, err := os.ReadFile(filepath.Join(root, "examples", cloud, "access.yaml"))
	s.must(err)
	const network, subnets = "          vpcID: vpc-0123456789abcdef0\n", "          dbSubnetGroupRef:\n            name: databases\n"
	s.apply(strings.NewReplacer(network, "", subnets, "").Replace(string(text)))
	for _, claim := range []string{"mysql", "postgresql"} {
		class := named(schema.GroupVersionKind{Group: "core.crossplane.io", Version: "v1alpha1", Kind: "ResourceClass"}, claim+"-"+cloud+"-private")
		s.claim = class // which says what is wrong with it
		s.until("the class is ready", func(ctx context.Context) bool {
			s.must(world.Client.Get(ctx, client.ObjectKeyFromObject(class), class))
			return strings.HasPrefix(condition(class, "Ready"), "True")
		})
	}
	return "mysql-" + cloud + "-private"
}

func (s *story) apply(text string) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "manifest.yaml")
	s.must(os.WriteFile(file, []byte(text), 0o600))
	objects, err := manifest.Read(file)
	s.must(err)
	s.must(manifest.Apply(s.t.Context(), world.Client, objects))
}
