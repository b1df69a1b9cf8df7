// SPDX-License-Identifier: Apache-2.0

package clusters_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// witness looks on while a cluster is emptied: on both clusters themselves, at the
// applications, and at the pool.
type witness struct {
	story

	names    []string
	from, to *kubernetes.Clientset
	stop     context.CancelFunc
	stopped  chan struct{}

	// What it saw, for whoever has waited for stopped.
	looks     int
	left      map[string]bool // of applications: gone from where they were, while that was there
	wrong     []string
	mostMoved int
	fewest    int64 // clusters that can be used
}

// witness begins to look at applications that are on the second cluster, and are to go
// to the first.
func (s story) witness(names ...string) *witness {
	s.Helper()
	ctx, stop := context.WithCancel(s.Context())
	w := &witness{
		story: s, names: names, from: s.remote("fleet-2"), to: s.remote("fleet-1"),
		stop: stop, stopped: make(chan struct{}), left: map[string]bool{}, fewest: 2,
	}
	go func() {
		defer close(w.stopped)
		for ; ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
			w.look(ctx)
		}
	}()
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

// look is one look. Where an application was is looked at before where it goes: what is
// at neither place then is nowhere.
func (w *witness) look(ctx context.Context) {
	before, errFrom := deployments(ctx, w.from)
	after, err := deployments(ctx, w.to)
	if err != nil {
		return // perhaps it has to stop
	}
	w.looks++
	for _, name := range w.names {
		here, there := before[name], after[name]
		if errFrom == nil && !here {
			w.left[name] = true
		}
		if errFrom == nil && !here && !there || errFrom != nil && !there {
			w.wrong = append(w.wrong, name+" was nowhere")
		}
	}
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion("workload.crossplane.io/v1alpha1")
	list.SetKind("KubernetesApplicationList")
	pool := fleetPool()
	if w.Client.List(ctx, list, client.InNamespace("shop")) != nil || w.Client.Get(ctx, client.ObjectKeyFromObject(pool), pool) != nil {
		return
	}
	var moving []string
	for i := range list.Items {
		app := &list.Items[i]
		to, _, _ := unstructured.NestedString(app.Object, "status", "placement", "target")
		if !slices.Equal(targetsOf(app), []string{to}) || !strings.HasPrefix(condition(app, "Ready"), "True") {
			moving = append(moving, app.GetName())
		}
	}
	w.mostMoved = max(w.mostMoved, len(moving))
	usable, _, _ := unstructured.NestedInt64(pool.Object, "status", "readyReplicas")
	w.fewest = min(w.fewest, usable)
}

// deployments are those on a cluster that stay, of namespace shop.
func deployments(ctx context.Context, on *kubernetes.Clientset) (map[string]bool, error) {
	list, err := on.AppsV1().Deployments("shop").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("looking for deployments: %w", err)
	}
	out := map[string]bool{}
	for _, d := range list.Items {
		out[d.Name] = d.DeletionTimestamp == nil
	}
	return out, nil
}

// ends has it tell what it saw: everything went, one after the other, was always
// somewhere, and runs where it is now.
func (w *witness) ends() {
	w.Helper()
	w.stop()
	<-w.stopped
	if len(w.wrong) > 0 {
		w.Errorf("%d times: %s", len(w.wrong), w.wrong[0])
	}
	for _, name := range w.names {
		if !w.left[name] {
			w.Errorf("%s was not seen to be gone from where it was, in %d looks", name, w.looks)
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
