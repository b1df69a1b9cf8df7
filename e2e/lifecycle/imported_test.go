// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/connection"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

var (
	clusterClaimKind = schema.GroupVersionKind{Group: "compute.crossplane.io", Version: "v1alpha1", Kind: "KubernetesCluster"}
	importedKind     = schema.GroupVersionKind{Group: "compute.workload.crossplane.io", Version: "v1alpha1", Kind: "ImportedCluster"}
	applicationKind  = schema.GroupVersionKind{Group: "workload.crossplane.io", Version: "v1alpha1", Kind: "KubernetesApplication"}
)

// brought is the story of a cluster that somebody brings, and of a claim for it.
type brought struct {
	*story

	other    *kubetest.Cluster // the cluster
	imported *unstructured.Unstructured
}

// TestImportedCluster: an administrator brings two kubeconfigs, a developer claims
// the cluster, uses it, and runs an application there.
func TestImportedCluster(t *testing.T) {
	t.Parallel()
	other, err := kubetest.StartFull()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Stop() })
	b := &brought{story: place(t, "imported", ""), other: other}
	b.letIn()
	b.bring()
	b.claims()
	b.isTheDevelopers()
	app := b.runs()
	b.renewed()
	b.leaves(app)
}

// letIn makes the two identities on the cluster.
func (b *brought) letIn() {
	b.t.Helper()
	ctx := b.t.Context()
	b.must(b.other.Apply(ctx, "charts/workload-operator/target/rights.yaml"))
	b.must(b.other.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "dev"}}))
	for _, sa := range []client.ObjectKey{{Namespace: "kube-system", Name: "crossplane-workload"}, {Namespace: "dev", Name: "developer"}} {
		b.must(b.other.Client.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: sa.Namespace, Name: sa.Name}}))
	}
	role := func(name string) rbacv1.RoleRef {
		return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}
	}
	b.must(b.other.Client.Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "crossplane-workload"}, RoleRef: role("crossplane-workload"),
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "kube-system", Name: "crossplane-workload"}},
	}))
	b.must(b.other.Client.Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "dev", Name: "developer"}, RoleRef: role("edit"),
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "dev", Name: "developer"}},
	}))
}

// kubeconfig returns one of an account, with a token that nobody has yet.
func (b *brought) kubeconfig(namespace, account string) []byte {
	b.t.Helper()
	request := &authenticationv1.TokenRequest{}
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: account}}
	b.must(b.other.Client.SubResource("token").Create(b.t.Context(), sa, request))
	text, err := connection.Kubeconfig("other", b.other.Config.Host, b.other.Config.CAData, request.Status.Token)
	b.must(err)
	return text
}

// kubeconfigs are the two, as secret.
func (b *brought) kubeconfigs() *corev1.Secret {
	b.t.Helper()
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: "imported-" + b.namespace},
		Data: map[string][]byte{
			"developer": b.kubeconfig("dev", "developer"), "operator": b.kubeconfig("kube-system", "crossplane-workload"),
		},
	}
}

// bring makes an ImportedCluster of them.
func (b *brought) bring() {
	b.t.Helper()
	secret := b.kubeconfigs()
	b.must(world.Client.Create(b.t.Context(), secret))
	b.imported = named(importedKind, b.namespace)
	b.imported.SetLabels(map[string]string{"story": b.namespace})
	b.imported.Object["spec"] = map[string]any{
		"kubeconfigSecretRef":         map[string]any{"name": secret.Name, "key": "developer"},
		"operatorKubeconfigSecretRef": map[string]any{"name": secret.Name, "key": "operator"},
		"bindableBy":                  map[string]any{"namespaces": []any{b.namespace}},
		"location":                    map[string]any{"provider": "basement", "region": "north"},
	}
	b.must(world.Client.Create(b.t.Context(), b.imported))
	b.waits(b.imported, "Ready", "True Available")
}

func (b *brought) claimOf(name string, spec map[string]any) *unstructured.Unstructured {
	b.t.Helper()
	claim := named(clusterClaimKind, name)
	claim.SetNamespace(b.namespace)
	claim.Object["spec"] = spec
	spec["version"] = "1.37"
	b.must(world.Client.Create(b.t.Context(), claim))
	return claim
}

// claims has one claim get the cluster, by its labels, and no other.
func (b *brought) claims() {
	b.t.Helper()
	b.claim = b.claimOf("apps", map[string]any{
		"resourceSelector":           map[string]any{"matchLabels": map[string]any{"story": b.namespace}},
		"writeConnectionSecretToRef": map[string]any{"name": "apps"},
	})
	b.saying("True Bound")
	late := b.claimOf("late", map[string]any{"resourceRef": map[string]any{"kind": "ImportedCluster", "name": b.imported.GetName()}})
	b.waits(late, "Ready", "False ResourceTaken")
	b.must(world.Client.Delete(b.t.Context(), late))
	b.gone(late)
}

// isTheDevelopers checks the claim's secret: a client has a developer's rights by it.
func (b *brought) isTheDevelopers() {
	b.t.Helper()
	ctx := b.t.Context()
	secret := b.secret()
	want := []string{"ca.crt", "cluster", "endpoint", "provider", "region", "token", "type", "value"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(secret.Data))); diff != "" || secret.Type != "servicebinding.io/kubernetes" {
		b.t.Errorf("keys (-want +got):\n%s%s", diff, secret.Type)
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(secret.Data["value"])
	b.must(err)
	developer, err := kubernetes.NewForConfig(config)
	b.must(err)
	b.until("a young cluster knows what the role edit allows", func(ctx context.Context) bool {
		note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "note"}}
		_, err := developer.CoreV1().ConfigMaps("dev").Create(ctx, note, metav1.CreateOptions{})
		return err == nil
	})
	if _, err := developer.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "x"}}, metav1.CreateOptions{}); !apierrors.IsForbidden(err) {
		b.t.Errorf("it is the operators' identity: %v", err)
	}
}

func (b *brought) secret() *corev1.Secret {
	b.t.Helper()
	secret := &corev1.Secret{}
	b.must(world.Client.Get(b.t.Context(), client.ObjectKey{Namespace: b.namespace, Name: "apps"}, secret))
	return secret
}

// runs has an application on the cluster, by the target that was made of the claim.
func (b *brought) runs() *unstructured.Unstructured {
	b.t.Helper()
	target := b.namespace + ".apps"
	is := named(targetKind, target)
	b.until("there is a target", func(ctx context.Context) bool {
		return world.Client.Get(ctx, client.ObjectKeyFromObject(is), is) == nil
	})
	b.waits(is, "Ready", "True Reachable")
	app := named(applicationKind, "greeter")
	app.SetNamespace(b.namespace)
	app.Object["spec"] = map[string]any{
		"targetRef": map[string]any{"name": target},
		"manifests": []any{map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "greeting"}, "data": map[string]any{"text": "hello"},
		}},
	}
	b.must(world.Client.Create(b.t.Context(), app))
	b.waits(app, "Ready", "True Running")
	greeting := &corev1.ConfigMap{}
	b.must(b.other.Client.Get(b.t.Context(), client.ObjectKey{Namespace: b.namespace, Name: "greeting"}, greeting))
	return app
}

// renewed has the administrator put other tokens in, which the claim's secret gets.
func (b *brought) renewed() {
	b.t.Helper()
	before := b.secret()
	b.must(world.Client.Update(b.t.Context(), b.kubeconfigs()))
	b.until("the claim's secret has the new token", func(context.Context) bool {
		now := b.secret()
		return string(now.Data["token"]) != string(before.Data["token"]) && string(now.Data["value"]) != string(before.Data["value"])
	})
	b.waits(named(targetKind, b.namespace+".apps"), "Ready", "True Reachable")
}

// leaves ends it all: the claim waits for the application, the cluster is kept for an
// administrator, and what is on it stays.
func (b *brought) leaves(app *unstructured.Unstructured) {
	b.t.Helper()
	ctx := b.t.Context()
	b.must(world.Client.Delete(ctx, b.claim))
	b.saying("False InUse")
	b.must(world.Client.Delete(ctx, app))
	b.gone(app)
	b.gone(b.claim)
	b.gone(named(targetKind, b.namespace+".apps"))
	b.must(world.Client.Get(ctx, client.ObjectKeyFromObject(b.imported), b.imported))
	if name, _, _ := unstructured.NestedString(b.imported.Object, "spec", "claimRef", "name"); name != "apps" {
		b.t.Errorf("it is not kept as it was: bound to %q", name)
	}
	namespace, name := connectionSecret(b.imported)
	kept := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	b.must(world.Client.Get(ctx, client.ObjectKeyFromObject(kept), kept))
	b.must(world.Client.Delete(ctx, b.imported))
	b.gone(b.imported)
	b.gone(kept)
	note := &corev1.ConfigMap{}
	if err := b.other.Client.Get(ctx, client.ObjectKey{Namespace: "dev", Name: "note"}, note); err != nil {
		b.t.Errorf("something is missing on the cluster: %v", err)
	}
}
