// SPDX-License-Identifier: Apache-2.0

package clusters_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// witness looks on while a cluster is emptied: on that cluster itself, at the
// applications, and at the pool.
type witness struct {
	story

	names    []string
	from, to *kubernetes.Clientset
	stop     context.CancelFunc
	stopped  sync.WaitGroup

	// What it saw, for whoever has waited for stopped.
	left      map[string]bool // of applications: gone from where they were
	wrong     []string
	mostMoved int
	fewest    int64 // clusters that can be used
}

// witness begins to look at applications that are on the second cluster, and are to go
// to the first.
func (s story) witness(names ...string) *witness {
	s.Helper()
	ctx, stop := context.WithCancel(s.Context())
	w := &witness{story: s, names: names, from: s.remote("fleet-2"), to: s.remote("fleet-1"), stop: stop, left: map[string]bool{}, fewest: 2}
	leaving, err := w.from.AppsV1().Deployments("shop").Watch(ctx, metav1.ListOptions{})
	s.must(err)
	w.stopped.Go(func() { w.follow(ctx, leaving) })
	w.stopped.Go(func() {
		for ; ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
			w.look(ctx)
		}
	})
	return w
}

// remote makes a client of a cluster of the pool.
func (s story) remote(name string) *kubernetes.Clientset {
	s.Helper()
	claim := object("compute.crossplane.io/v1alpha1", "KubernetesCluster", "clusters", name)
	s.read(claim)
	cluster, _, _ := unstructured.NestedString(claim.Object, "status", "resourceRef", "name")
	return s.loginTo(cluster)
}

// follow is told of what leaves the cluster, and looks at once whether it is where it
// goes.
func (w *witness) follow(ctx context.Context, leaving watch.Interface) {
	defer leaving.Stop()
	for e := range leaving.ResultChan() {
		d, ok := e.Object.(*appsv1.Deployment)
		if !ok || !slices.Contains(w.names, d.Name) || e.Type != watch.Deleted && d.DeletionTimestamp == nil {
			continue
		}
		w.left[d.Name] = true
		if _, err := w.to.AppsV1().Deployments("shop").Get(ctx, d.Name, metav1.GetOptions{}); err != nil {
			w.wrong = append(w.wrong, fmt.Sprintf("%s has left, and where it goes: %v", d.Name, err))
		}
	}
}

// look is one look at the applications and the pool.
func (w *witness) look(ctx context.Context) {
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion("workload.crossplane.io/v1alpha1")
	list.SetKind("KubernetesApplicationList")
	pool := fleetPool()
	if w.Client.List(ctx, list, client.InNamespace("shop")) != nil || w.Client.Get(ctx, client.ObjectKeyFromObject(pool), pool) != nil {
		return // perhaps it has to stop
	}
	moving := 0
	for i := range list.Items {
		app := &list.Items[i]
		to, _, _ := unstructured.NestedString(app.Object, "status", "placement", "target")
		if !slices.Equal(targetsOf(app), []string{to}) || !strings.HasPrefix(condition(app, "Ready"), "True") {
			moving++
		}
	}
	w.mostMoved = max(w.mostMoved, moving)
	usable, _, _ := unstructured.NestedInt64(pool.Object, "status", "readyReplicas")
	w.fewest = min(w.fewest, usable)
}

// ends has it tell what it saw: everything went, one after the other, was always
// somewhere, and runs where it is now.
func (w *witness) ends() {
	w.Helper()
	w.stop()
	w.stopped.Wait()
	for _, what := range w.wrong {
		w.Error(what)
	}
	for _, name := range w.names {
		if !w.left[name] {
			w.Errorf("%s was not seen to leave where it was", name)
		}
		d, err := w.to.AppsV1().Deployments("shop").Get(w.Context(), name, metav1.GetOptions{})
		w.must(err)
		if d.Status.AvailableReplicas != *d.Spec.Replicas {
			w.Errorf("%s has %d pods of %d", name, d.Status.AvailableReplicas, *d.Spec.Replicas)
		}
	}
	if w.mostMoved != 1 {
		w.Errorf("%d applications were on the move at once, want 1", w.mostMoved)
	}
	if w.fewest < 1 {
		w.Errorf("%d clusters could be used", w.fewest)
	}
}
