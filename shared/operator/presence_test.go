// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

var widgetKind = schema.GroupVersionKind{Group: "test.crossplane.io", Version: "v1alpha1", Kind: "Widget"}

// counter is a handler that counts objects.
type counter struct{ atomic.Int32 }

func (c *counter) handler() toolscache.ResourceEventHandler {
	return toolscache.ResourceEventHandlerFuncs{AddFunc: func(any) { c.Add(1) }}
}

func TestInformerOfAKindThatIsNotThere(t *testing.T) {
	must(t, grantWidgets())
	kind := &widgets{}
	op := start(t, kind)
	within(t, patience, "ready", op.ready)
	informer, err := kind.cache.GetInformerForKind(t.Context(), widgetKind)
	must(t, err)
	stays, leaves, late := &counter{}, &counter{}, &counter{}
	_, err = informer.AddEventHandlerWithResyncPeriod(stays.handler(), time.Hour)
	must(t, err)
	leaving, err := informer.AddEventHandler(leaves.handler())
	must(t, err)
	if !leaving.HasSynced() || !informer.HasSynced() {
		t.Error("not synced although there is nothing that could be")
	}
	must(t, informer.RemoveEventHandler(leaving))
	must(t, informer.AddIndexers(toolscache.Indexers{"all": func(any) ([]string, error) { return []string{"all"}, nil }}))

	must(t, cluster.InstallCRDs(t.Context(), crdFile))
	t.Cleanup(func() { removeCRD(t) })
	must(t, cluster.Client.Create(t.Context(), widget("e")))
	within(t, soon, "the handler sees the object", func() bool { return stays.Load() == 1 })
	added, err := informer.AddEventHandler(late.handler())
	must(t, err)
	<-added.HasSyncedChecker().Done()
	if late.Load() != 1 || leaves.Load() != 0 {
		t.Errorf("a handler that came late saw %d objects, want 1; one that was removed saw %d, want 0", late.Load(), leaves.Load())
	}
	must(t, informer.RemoveEventHandler(added))
	must(t, kind.cache.IndexField(t.Context(), &Widget{}, "metadata.uid", func(o client.Object) []string { return []string{string(o.GetUID())} }))
	must(t, kind.cache.List(t.Context(), &WidgetList{}, client.MatchingFields{"metadata.uid": "none"}))

	if informer.IsStopped() {
		t.Error("the informer says that it is stopped")
	}
	op.end()
	within(t, patience, "the informer is stopped", informer.IsStopped)
}

func TestEveryFormOfAKindIsWatchedByItself(t *testing.T) {
	must(t, grantWidgets())
	must(t, cluster.InstallCRDs(t.Context(), crdFile))
	t.Cleanup(func() { removeCRD(t) })
	must(t, cluster.Client.Create(t.Context(), widget("f")))
	kind := &widgets{}
	op := start(t, kind)
	within(t, patience, "ready", op.ready)

	plain := &unstructured.Unstructured{}
	plain.SetGroupVersionKind(widgetKind)
	meta := &metav1.PartialObjectMetadata{}
	meta.SetGroupVersionKind(widgetKind)
	for form, obj := range map[string]client.Object{"typed": &Widget{}, "unstructured": plain, "metadata": meta} {
		if err := kind.cache.Get(t.Context(), client.ObjectKey{Name: "f"}, obj); err != nil || obj.GetName() != "f" {
			t.Errorf("%s: got %q, %v", form, obj.GetName(), err)
		}
	}
	plainList := &unstructured.UnstructuredList{}
	plainList.SetGroupVersionKind(widgetKind.GroupVersion().WithKind("WidgetList"))
	metaList := &metav1.PartialObjectMetadataList{}
	metaList.SetGroupVersionKind(widgetKind.GroupVersion().WithKind("WidgetList"))
	must(t, errors.Join(kind.cache.List(t.Context(), plainList), kind.cache.List(t.Context(), metaList)))
	if len(plainList.Items) != 1 || len(metaList.Items) != 1 {
		t.Errorf("%d unstructured and %d metadata objects, want one each", len(plainList.Items), len(metaList.Items))
	}

	must(t, kind.cache.RemoveInformer(t.Context(), plain))
	must(t, kind.cache.Get(t.Context(), client.ObjectKey{Name: "f"}, plain))
}

func TestKindsOfKubernetesItselfPassThrough(t *testing.T) {
	must(t, grant("namespaces", rule("", "namespaces", "get", "list", "watch")))
	kind := &widgets{}
	op := start(t, kind)
	within(t, patience, "ready", op.ready)
	ns := corev1.SchemeGroupVersion.WithKind("Namespace")
	must(t, kind.cache.IndexField(t.Context(), &corev1.Namespace{}, "spec.test", func(client.Object) []string { return []string{"x"} }))
	_, err := kind.cache.GetInformerForKind(t.Context(), ns, cache.BlockUntilSynced(true))
	must(t, err)
	must(t, kind.cache.Get(t.Context(), client.ObjectKey{Name: "kube-system"}, &corev1.Namespace{}))
	list := &corev1.NamespaceList{}
	must(t, kind.cache.List(t.Context(), list, client.MatchingFields{"spec.test": "x"}))
	if len(list.Items) == 0 {
		t.Error("no namespaces")
	}
	must(t, kind.cache.RemoveInformer(t.Context(), &corev1.Namespace{}))
}
