// SPDX-License-Identifier: Apache-2.0

package clusters_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/stack"
)

// fleet is a pool of a cluster in each of two regions, which empties one where the
// other has room for all.
const fleet = `
apiVersion: v1
kind: Namespace
metadata: {name: clusters}
---
apiVersion: compute.crossplane.io/v1alpha1
kind: ClusterPool
metadata: {name: fleet}
spec:
  namespace: clusters
  min: 1
  max: 2
  scaleUpDelay: 0s
  idleAfter: 1s
  drain: {policy: WhenMovable, after: 1s, maxUnavailable: 1}
  templates:
  - name: near
    classRef: {name: cluster-gcp}
    version: "1.33"
    location: {provider: gcp, region: us-central1}
    nodePools: [{name: general, requests: {cpu: "2", memory: 8Gi}, count: 1}]
    capacity: {cpu: "2", memory: 4Gi, pods: "50"}
    max: 1
  - name: far
    classRef: {name: cluster-far}
    version: "1.33"
    location: {provider: gcp, region: europe-west1}
    nodePools: [{name: general, requests: {cpu: "2", memory: 8Gi}, count: 1}]
    capacity: {cpu: "2", memory: 4Gi, pods: "50"}
    max: 1
  target: {allowedNamespaces: {namespaces: [shop]}}
`

// sized is an application of two pods, that asks for so much of a processor for each.
const sized = `
apiVersion: workload.crossplane.io/v1alpha1
kind: KubernetesApplication
metadata: {name: NAME, namespace: shop}
spec:
  MORE
  manifests:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: NAME}
    spec:
      replicas: 2
      strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}
      selector: {matchLabels: {app: NAME}}
      template:
        metadata: {labels: {app: NAME}}
        spec: {containers: [{name: it, image: "example.org/it:v1", resources: {requests: {cpu: CPU}}}]}
`

// nearby is a database that is made where the application is that uses it, and the
// class that makes it so.
const nearby = `
apiVersion: core.crossplane.io/v1alpha1
kind: ResourceClass
metadata: {name: mysql-nearby}
spec:
  claim: {group: database.crossplane.io, kind: MySQLInstance}
  provider: gcp
  regions: [us-central1, europe-west1]
  bindingMode: WaitForWorkload
  reclaimPolicy: Delete
  default: true
  resources:
  - name: db
    primary: true
    template:
      apiVersion: database.gcp.crossplane.io/v1alpha1
      kind: CloudSQLInstance
      spec:
        providerRef: {name: gcp}
        forProvider:
          region: ${location.region}
          databaseVersion: MYSQL_8_4
          edition: ENTERPRISE
          tier: db-custom-1-3840
          dataDiskSizeGb: ${claim.spec.storageGiB}
          ipConfiguration: {ipv4Enabled: true, sslMode: ENCRYPTED_ONLY, serverCaMode: GOOGLE_MANAGED_CAS_CA}
          finalBackup: {enabled: false}
---
apiVersion: database.crossplane.io/v1alpha1
kind: MySQLInstance
metadata: {name: index, namespace: shop}
spec: {engineVersion: "8.4", storageGiB: 20, writeConnectionSecretToRef: {name: index-db}}
`

// The targets of the fleet's clusters.
const first, second = "clusters.fleet-1", "clusters.fleet-2"

// TestDrain has a pool grow to two clusters, and come down to one when all that is on
// the second has room on the first: operators that know nothing of each other move it
// there.
func TestDrain(t *testing.T) {
	s := begin(t, gke, func(o *stack.Options) { // targets are looked at more often than once a minute
		o.Args = map[string][]string{stack.WorkloadOperator: {"--poll-interval", "1s"}}
	})
	began := time.Now()
	s.connectGCP()
	s.must(s.Client.Create(s.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}))
	const class = "examples/gcp/clusters.yaml"
	s.example(class, "developers@my-project.iam.gserviceaccount.com", viewer, "[us-central1, europe-west1]", "[us-central1]")
	s.example(class, "developers@my-project.iam.gserviceaccount.com", viewer, "[us-central1, europe-west1]", "[europe-west1]", "name: cluster-gcp", "name: cluster-far")
	s.manifest(fleet)

	s.runsOn(first, "orders", "750m", "placement: {pin: true}")
	s.runsOn(second, "catalog", "300m", "")
	s.manifest(nearby)
	s.runsOn(second, "search", "300m", "uses: [{kind: MySQLInstance, name: index}]")
	t.Logf("two clusters, each with applications that have no room on the other, after %s", time.Since(began).Round(time.Second))

	s.runsOn(first, "orders", "100m", "placement: {pin: true}") // there is room for all now
	s.held()

	s.patchPool(`{"spec":{"max":2}}`)
	s.runsOn(second, "search", "300m", "") // it may leave its database now
	w := s.witness("catalog", "search")
	s.eventually("the second cluster is gone", func() bool { return len(s.clusters()) == 1 })
	w.ends()
	t.Logf("one cluster, after %s", time.Since(began).Round(time.Second))
	s.told("catalog")
	s.told("search")
	s.oneIsLeft()
	s.leavesMin()
	s.nothingLeft()
}

// runsOn makes or changes an application, and waits until it runs on a target and
// nowhere else.
func (s story) runsOn(target, name, cpu, more string) {
	s.Helper()
	s.manifest(strings.NewReplacer("NAME", name, "CPU", cpu, "MORE", more).Replace(sized))
	s.arrives(target, name)
}

func (s story) arrives(target, name string) *unstructured.Unstructured {
	s.Helper()
	app := object("workload.crossplane.io/v1alpha1", "KubernetesApplication", "shop", name)
	s.eventually(name+" runs on "+target, func() bool {
		s.read(app)
		seen, _, _ := unstructured.NestedInt64(app.Object, "status", "observedGeneration")
		return slices.Equal(targetsOf(app), []string{target}) && strings.HasPrefix(condition(app, "Ready"), "True") && seen == app.GetGeneration()
	})
	return app
}

// targetsOf are the targets that an application has objects on.
func targetsOf(app *unstructured.Unstructured) []string {
	all, _, _ := unstructured.NestedSlice(app.Object, "status", "targets")
	names := make([]string, 0, len(all))
	for _, one := range all {
		if one, ok := one.(map[string]any); ok {
			names = append(names, fmt.Sprint(one["name"]))
		}
	}
	return names
}

// clusters returns what the pool says of its clusters.
func (s story) clusters() []map[string]any {
	s.Helper()
	o := fleetPool()
	s.read(o)
	all, _, _ := unstructured.NestedSlice(o.Object, "status", "clusters")
	out := make([]map[string]any, 0, len(all))
	for _, one := range all {
		if one, ok := one.(map[string]any); ok {
			out = append(out, one)
		}
	}
	return out
}

func fleetPool() *unstructured.Unstructured {
	return object("compute.crossplane.io/v1alpha1", "ClusterPool", "", "fleet")
}

func (s story) patchPool(text string) {
	s.Helper()
	s.must(s.Client.Patch(s.Context(), fleetPool(), client.RawPatch("application/merge-patch+json", []byte(text))))
}

// held lowers max, which empties none of the clusters: an application on the first is
// pinned, one on the second has its data beside it. The pool says so.
func (s story) held() {
	s.Helper()
	s.patchPool(`{"spec":{"max":1}}`)
	s.eventually("the pool says what holds its clusters", func() bool {
		all := s.clusters()
		if len(all) != 2 {
			s.Fatalf("the pool has %v, and none may go", all)
		}
		pinned, beside := fmt.Sprint(all[0]["kept"]), fmt.Sprint(all[1]["kept"])
		return strings.Contains(pinned, "application shop/orders does not leave it: it is pinned") &&
			strings.Contains(beside, "application shop/search has no place elsewhere") && strings.Contains(beside, "DataElsewhere")
	})
	for _, c := range s.clusters() {
		if c["state"] != "Ready" {
			s.Errorf("%v is %v", c["name"], c["state"])
		}
	}
	s.arrives(second, "search")
}

// told checks that an application says from where to where it went, and why, and runs.
func (s story) told(name string) {
	s.Helper()
	const why = "ClusterPool fleet drains cluster fleet-2"
	app := s.arrives(first, name)
	if is, want := condition(app, "Scheduled"), "True Placed: It runs on KubernetesTarget "+first+"; it left "+second+": "+why; !strings.Contains(is, want) {
		s.Errorf("Scheduled says %q, want %q", is, want)
	}
	s.event("Moved", name, "From KubernetesTarget "+second+" to "+first+": "+why)
}

// event looks for an event on an object with some words in it.
func (s story) event(reason, name, words string) {
	s.Helper()
	list := &eventsv1.EventList{}
	s.must(s.Client.List(s.Context(), list))
	if !slices.ContainsFunc(list.Items, func(e eventsv1.Event) bool {
		return e.Reason == reason && e.Regarding.Name == name && strings.Contains(e.Note, words)
	}) {
		s.Errorf("no event %s on %s with %q", reason, name, words)
	}
}

// oneIsLeft checks that the second cluster is gone from everywhere, by one deletion,
// and the first is not.
func (s story) oneIsLeft() {
	s.Helper()
	s.event("ClusterDraining", "fleet", "Cluster fleet-2 is drained: its applications have a place on other clusters")
	s.event("ClusterRemoved", "fleet", "Cluster fleet-2 is gone")
	for _, o := range []*unstructured.Unstructured{
		object("compute.crossplane.io/v1alpha1", "KubernetesCluster", "clusters", "fleet-2"),
		object("workload.crossplane.io/v1alpha1", "KubernetesTarget", "", second),
	} {
		if err := s.Client.Get(s.Context(), client.ObjectKeyFromObject(o), o); !apierrors.IsNotFound(err) {
			s.Errorf("%s %s is still there: %v", o.GetKind(), o.GetName(), err)
		}
	}
	if in := s.ledger(local.Created); !slices.Equal(in, []string{"us-central1", "europe-west1"}) {
		s.Errorf("clusters were made in %v", in)
	}
	if in := s.ledger(local.Deleted); !slices.Equal(in, []string{"europe-west1"}) {
		s.Errorf("clusters were deleted in %v", in)
	}
}

// ledger returns the regions in which something happened to clusters.
func (s story) ledger(action string) []string {
	s.Helper()
	entries, err := control.New(s.CloudURL(s.local)).Ledger(s.Context(), 0)
	s.must(err)
	var in []string
	for _, e := range entries {
		if e.Kind == "Cluster" && e.Action == action {
			in = append(in, e.Region)
		}
	}
	return in
}

// leavesMin deletes all that there is: the last cluster goes with the pool, not before.
func (s story) leavesMin() {
	s.Helper()
	for _, name := range []string{"orders", "catalog", "search"} {
		s.must(s.Client.Delete(s.Context(), object("workload.crossplane.io/v1alpha1", "KubernetesApplication", "shop", name)))
	}
	database := object("database.crossplane.io/v1alpha1", "MySQLInstance", "shop", "index")
	s.must(s.Client.Delete(s.Context(), database))
	s.eventually("the last cluster is idle", func() bool { return s.clusters()[0]["state"] == "Idle" })
	time.Sleep(3 * time.Second) // longer than idleAfter
	if all := s.clusters(); len(all) != 1 || all[0]["state"] != "Idle" {
		s.Errorf("the pool has %v, and its min is 1", all)
	}
	s.must(s.Client.Delete(s.Context(), fleetPool()))
	for _, o := range []*unstructured.Unstructured{fleetPool(), database} {
		s.eventually(o.GetName()+" is gone", func() bool {
			return apierrors.IsNotFound(s.Client.Get(s.Context(), client.ObjectKeyFromObject(o), o))
		})
	}
}
