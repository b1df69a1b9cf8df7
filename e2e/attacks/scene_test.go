// SPDX-License-Identifier: Apache-2.0

package attacks_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

// stage is what an administrator and the victim have set up.
var stage struct {
	database *unstructured.Unstructured // the victim's managed resource
	external string                     // the cloud's name of it
	revision string                     // of the class closed
	internal atomic.Int64               // visits to a server that no source names
}

const class = `
apiVersion: core.crossplane.io/v1alpha1
kind: ResourceClass
metadata: {name: %[1]s, labels: {kept-for: %[2]s}}
spec:
  claim: {group: database.crossplane.io, kind: MySQLInstance}
  provider: aws
  regions: [eu-west-1]
  reclaimPolicy: Delete
  namespaceSelector: {matchExpressions: [{key: tenant, operator: In, values: [%[2]s]}]}
  resources:
  - name: db
    primary: true
    template:
      apiVersion: database.aws.crossplane.io/v1alpha1
      kind: RDSInstance
      spec:
        providerRef: {name: aws}
        forProvider:
          region: ${location.region}
          engine: mysql
          engineVersion: ${claim.spec.engineVersion}
          class: db.t4g.small
          allocatedStorageGiB: ${claim.spec.storageGiB}
          dbName: ${claim.spec.databaseName}
          storageEncrypted: true
          skipFinalSnapshot: true
          tags: %[3]s
          restoreFrom:
            snapshotIdentifier: ${claim.spec.restoreFrom.snapshot}
            sourceInstance: ${claim.spec.restoreFrom.source}
            restoreTime: ${claim.spec.restoreFrom.time}
`

const byHand = `
apiVersion: database.aws.crossplane.io/v1alpha1
kind: RDSInstance
metadata: {name: %s, labels: {made: by-hand}}
spec:
  providerRef: {name: aws}
  %s
  forProvider:
    region: eu-west-1
    engine: mysql
    engineVersion: "8.4"
    class: db.t4g.small
    allocatedStorageGiB: 20
    skipFinalSnapshot: true
`

const target = `
apiVersion: workload.crossplane.io/v1alpha1
kind: KubernetesTarget
metadata: {name: %s}
spec:
  kubeconfigSecretRef: {name: target-here, key: value}
  allowedNamespaces: {namespaceSelector: {matchExpressions: [{key: tenant, operator: In, values: [%s]}]}}
  allowHub: %t
`

const source = `
apiVersion: workload.crossplane.io/v1alpha1
kind: ChartSource
metadata: {name: %s}
spec:
  %s
  allowedNamespaces: {namespaceSelector: {matchExpressions: [{key: tenant, operator: In, values: [%s]}]}}
`

const victims = `
apiVersion: database.crossplane.io/v1alpha1
kind: MySQLInstance
metadata: {name: orders, namespace: victim}
spec:
  engineVersion: "8.4"
  storageGiB: 20
  databaseName: orders
  classRef: {name: closed}
  writeConnectionSecretToRef: {name: orders-db}
---
apiVersion: database.crossplane.io/v1alpha1
kind: MySQLInstance
metadata: {name: payments, namespace: victim}
spec:
  engineVersion: "8.4"
  storageGiB: 20
  classRef: {name: closed}
  writeConnectionSecretToRef: {name: payments-db}
---
apiVersion: workload.crossplane.io/v1alpha1
kind: KubernetesApplication
metadata: {name: shop, namespace: victim}
spec:
  targetRef: {name: shared}
  namespace: victim-live
  manifests:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: shop}, data: {of: victim}}
`

// set sets the scene: classes, targets and sources for all, and others for the
// victim alone; a database and an application of the victim's; databases that
// nobody was meant to bind.
func set(t *testing.T) {
	t.Helper()
	roles(t)
	must(t, world.Client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: victim, Labels: map[string]string{"tenant": victim}}}))
	must(t, world.Client.Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: stack.Namespace, Name: "target-here"}, Data: map[string][]byte{"value": administrator(t)},
	}))
	apply(t, class, "open", "hostile", "{note: '${claim.metadata.annotations.?note.orValue(\"none\")}'}")
	apply(t, class, "careless", "hostile", "${claim.metadata.labels}")
	apply(t, class, "closed", victim, "{}")
	apply(t, target, "shared", "hostile, victim", true)
	apply(t, target, "theirs", victim, true)
	apply(t, target, "hub", "hostile", false)
	servers(t)
	apply(t, source, "configmaps", "configMap: {}", "hostile")
	apply(t, source, "theirs", "configMap: {}", victim)
	apply(t, byHand, "spare", "")
	apply(t, byHand, "left", "bindableBy: {namespaceSelector: {}}\n"+
		"  claimRef: {group: database.crossplane.io, kind: MySQLInstance, namespace: victim, name: former, uid: 00000000-0000-0000-0000-000000000001}")
	apply(t, victims)
	for _, o := range []*unstructured.Unstructured{
		object(databases, "MySQLInstance", victim, "payments"), object(workloads, "KubernetesApplication", victim, "shop"),
		object(core, "ResourceClass", "", "open"), object(core, "ResourceClass", "", "careless"), object(rds, "RDSInstance", "", "spare"), object(rds, "RDSInstance", "", "left"),
		object(workloads, "KubernetesTarget", "", "theirs"),
	} {
		ready(t, o)
	}
	orders := object(databases, "MySQLInstance", victim, "orders")
	ready(t, orders)
	stage.revision = field(orders, "status", "class", "revision")
	stage.database = object(rds, "RDSInstance", "", field(orders, "status", "resourceRef", "name"))
	ready(t, stage.database)
	stage.external = stage.database.GetAnnotations()["crossplane.io/external-name"]
}

// servers are a repository that leads elsewhere, and the server inside that it
// leads to.
func servers(t *testing.T) {
	t.Helper()
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		stage.internal.Add(1)
		http.NotFound(w, nil)
	}))
	mux := http.NewServeMux()
	outside := httptest.NewServer(mux)
	t.Cleanup(inside.Close)
	t.Cleanup(outside.Close)
	for name, place := range map[string]string{"inside": inside.URL, "metadata": "http://169.254.169.254/latest", "metadata-tls": "https://169.254.169.254/latest"} {
		mux.Handle("/"+name+"/", http.RedirectHandler(place, http.StatusFound))
		apply(t, source, "to-"+name, "repository: {url: "+outside.URL+"/"+name+", plainHTTP: true}", "hostile")
	}
	mux.HandleFunc("/index/index.yaml", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("apiVersion: v1\nentries:\n  it:\n  - {version: 1.0.0, urls: ['" + inside.URL + "/it.tgz']}\n"))
	})
	apply(t, source, "index", "repository: {url: "+outside.URL+"/index, plainHTTP: true}", "hostile")
	plain := strings.TrimPrefix(outside.URL, "http://")
	mux.Handle("/v2/", http.RedirectHandler(inside.URL, http.StatusFound))
	apply(t, source, "registry", "oci: {url: 'oci://"+plain+"/charts', plainHTTP: true}", "hostile")
}

// visited reports whether the server inside was reached.
func visited() bool { return stage.internal.Load() > 0 }

// bundle makes a ConfigMap with a packaged chart, and returns what spec.chart says
// to run it.
func (a *tenant) bundle(packed []byte, more values) values {
	a.t.Helper()
	chart := values{"sourceRef": values{"name": "configmaps"}, "configMapRef": values{"name": "chart", "key": "it.tgz"}, "name": "it", "version": "1.0.0"}
	maps.Copy(chart, more)
	must(a.t, a.api.Create(a.t.Context(), &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: a.namespace, Name: "chart"}, BinaryData: map[string][]byte{"it.tgz": packed},
	}))
	return values{"chart": chart}
}

// mapped returns the content of a ConfigMap on the target.
func (a *tenant) mapped(name string) map[string]string {
	m := &corev1.ConfigMap{}
	if world.Client.Get(a.t.Context(), client.ObjectKey{Namespace: a.there(), Name: name}, m) != nil {
		return nil
	}
	return m.Data
}
