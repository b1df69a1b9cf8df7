// SPDX-License-Identifier: Apache-2.0

package clusters_test

import (
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

// claimed has a developer claim a cluster by an example class, with the names that
// this account has, use it with the secret alone, and give it back.
func (s story) claimed(class string, names ...string) {
	s.must(s.Client.Create(s.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}))
	s.example(class, names...)
	s.example("examples/claims/cluster.yaml")
	claim := object("compute.crossplane.io/v1alpha1", "KubernetesCluster", "shop", "apps")
	s.eventually("the claim is Bound", func() bool {
		s.read(claim)
		return strings.HasPrefix(condition(claim, "Ready"), "True Bound")
	})

	developer := s.developer()
	_, err := developer.CoreV1().ConfigMaps("default").List(s.Context(), metav1.ListOptions{})
	s.must(err)
	if _, err := developer.CoreV1().Secrets("default").List(s.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		s.Errorf("the claim's secret is of an identity that reads secrets: %v", err)
	}
	s.must(s.Client.Patch(s.Context(), claim, client.RawPatch("application/json-patch+json",
		[]byte(`[{"op": "replace", "path": "/spec/nodePools/0/count", "value": 3}]`))))
	s.eventually("three nodes", func() bool { return s.poolSize(claim) == 3 })

	app := s.runs()
	s.must(s.Client.Delete(s.Context(), claim))
	s.eventually("the claim waits for the application", func() bool {
		s.read(claim)
		return strings.Contains(condition(claim, "Ready"), "InUse: ") && strings.Contains(condition(claim, "Ready"), "KubernetesApplication shop")
	})
	s.must(s.Client.Delete(s.Context(), app))
	s.eventually("the claim is gone", func() bool {
		return apierrors.IsNotFound(s.Client.Get(s.Context(), client.ObjectKeyFromObject(claim), claim))
	})
}

// runs has an application on the claimed cluster, and returns it.
func (s story) runs() *unstructured.Unstructured {
	s.Helper()
	s.manifest(application)
	app := object("workload.crossplane.io/v1alpha1", "KubernetesApplication", "shop", "shop")
	s.eventually("the application runs", func() bool {
		s.read(app)
		return strings.HasPrefix(condition(app, "Ready"), "True")
	})
	objects, _, _ := unstructured.NestedSlice(app.Object, "status", "objects")
	for _, o := range objects {
		if o, ok := o.(map[string]any); ok && o["kind"] == "Deployment" && o["replicas"] != "2/2" {
			s.Errorf("the Deployment has %v", o["replicas"])
		}
	}
	return app
}

// application runs on the cluster that the developer claimed.
const application = `
apiVersion: workload.crossplane.io/v1alpha1
kind: KubernetesApplication
metadata: {name: shop, namespace: shop}
spec:
  targetRef: {name: shop.apps}
  manifests:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: shop}
    spec:
      replicas: 2
      selector: {matchLabels: {app: shop}}
      template:
        metadata: {labels: {app: shop}}
        spec: {containers: [{name: shop, image: "example.org/shop:v1"}]}
`

// poolSize returns how many nodes the claim's pool has, as the cloud says.
func (s story) poolSize(claim *unstructured.Unstructured) int64 {
	s.Helper()
	made, _, _ := unstructured.NestedSlice(claim.Object, "status", "resources")
	for _, one := range made {
		if ref, ok := one.(map[string]any); ok && ref["kind"] == s.kinds["nodes"].Kind {
			name, _ := ref["name"].(string)
			size, _, _ := unstructured.NestedInt64(s.get("nodes", name).Object, "status", "atProvider", s.size)
			return size
		}
	}
	s.Fatal("the claim has no pool: ", made)
	return 0
}

// developer makes a client of the claim's secret alone.
func (s story) developer() *kubernetes.Clientset {
	s.Helper()
	secret := &corev1.Secret{}
	s.must(s.Client.Get(s.Context(), client.ObjectKey{Namespace: "shop", Name: "apps-cluster"}, secret))
	config, err := clientcmd.RESTConfigFromKubeConfig(secret.Data["value"])
	s.must(err)
	c, err := kubernetes.NewForConfig(config)
	s.must(err)
	return c
}

// example applies an example with other names in place of its own.
func (s story) example(path string, names ...string) {
	s.Helper()
	root, err := kubetest.Root()
	s.must(err)
	text, err := os.ReadFile(filepath.Join(root, path))
	s.must(err)
	s.manifest(strings.NewReplacer(names...).Replace(string(text)))
}

func (s story) manifest(text string) {
	s.Helper()
	file := filepath.Join(s.TempDir(), "manifest.yaml")
	s.must(os.WriteFile(file, []byte(text), 0o600))
	objects, err := manifest.Read(file)
	s.must(err)
	s.must(manifest.Apply(s.Context(), s.Client, objects))
}
