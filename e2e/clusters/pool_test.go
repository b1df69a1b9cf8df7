// SPDX-License-Identifier: Apache-2.0

package clusters_test

import (
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// pool makes clusters by the class that is there, for applications of namespace shop.
const pool = `
apiVersion: v1
kind: Namespace
metadata: {name: clusters}
---
apiVersion: compute.crossplane.io/v1alpha1
kind: ClusterPool
metadata: {name: burst}
spec:
  namespace: clusters
  max: 1
  scaleUpDelay: 0s
  idleAfter: 2s
  templates:
  - name: gcp
    classRef: {name: cluster-gcp}
    version: "1.33"
    location: {provider: gcp, region: us-central1}
    nodePools: [{name: general, requests: {cpu: "2", memory: 8Gi}, count: 1}]
    capacity: {cpu: "1", memory: 4Gi, pods: "50"}
  target: {allowedNamespaces: {namespaces: [shop]}}
`

// homeless names no target, and there is none.
const homeless = `
apiVersion: workload.crossplane.io/v1alpha1
kind: KubernetesApplication
metadata: {name: homeless, namespace: shop}
spec:
  manifests:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: homeless}, data: {at: home}}
`

// question is answered once.
const question = `
apiVersion: core.crossplane.io/v1alpha1
kind: PlacementPreview
metadata: {name: homeless, namespace: shop}
spec: {applicationRef: {name: homeless}}
`

// pooled has a pool make a cluster for an application that fits nowhere, and take it
// away after it.
func (s story) pooled() {
	s.Helper()
	s.manifest(pool)
	burst := object("compute.crossplane.io/v1alpha1", "ClusterPool", "", "burst")
	s.manifest(homeless)
	app := object("workload.crossplane.io/v1alpha1", "KubernetesApplication", "shop", "homeless")
	preview := object("core.crossplane.io/v1alpha1", "PlacementPreview", "shop", "homeless")
	s.eventually("the pool has made a cluster, and the application runs there", func() bool {
		s.read(app)
		return strings.HasPrefix(condition(app, "Ready"), "True")
	})
	target, _, _ := unstructured.NestedString(app.Object, "status", "placement", "target")
	if target != "clusters.burst-1" {
		s.Errorf("the application is on %q", target)
	}
	s.manifest(question)
	s.eventually("the preview says the same", func() bool {
		s.read(preview)
		at, _, _ := unstructured.NestedString(preview.Object, "status", "target")
		return at == target
	})
	s.must(s.Client.Delete(s.Context(), app))
	s.eventually("the pool is empty", func() bool {
		s.read(burst)
		clusters, _, _ := unstructured.NestedSlice(burst.Object, "status", "clusters")
		return len(clusters) == 0
	})
	s.must(s.Client.Delete(s.Context(), burst))
	s.eventually("the pool is gone", func() bool {
		return apierrors.IsNotFound(s.Client.Get(s.Context(), client.ObjectKeyFromObject(burst), burst))
	})
}

func (s story) read(o *unstructured.Unstructured) {
	s.Helper()
	s.must(s.Client.Get(s.Context(), client.ObjectKeyFromObject(o), o))
}
