// SPDX-License-Identifier: Apache-2.0

package managed_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// looks counts how often a kind connects, which it does once for each look.
func looks[MR managed.Resource, Obs any](kind managed.Kind[MR, Obs], n *atomic.Int64) managed.Kind[MR, Obs] {
	connect := kind.Connect
	kind.Connect = func(ctx context.Context, mr MR) (managed.External[MR, Obs], error) {
		n.Add(1)
		return connect(ctx, mr)
	}
	return kind
}

// run starts an operator with the kinds in a manager of its own.
func run(t *testing.T, now clock.PassiveClock, kinds ...managed.Controller) {
	t.Helper()
	mgr, err := ctrl.NewManager(cluster.Config, ctrl.Options{Scheme: cluster.Scheme, Metrics: metricsserver.Options{BindAddress: "0"}})
	if err != nil {
		t.Fatal(err)
	}
	env := managed.Env{Kube: mgr.GetClient(), Live: mgr.GetAPIReader(), Clock: now, Operator: "test-operator",
		Hub: "hub-1", ConnectionNamespace: "default", Poll: time.Hour}
	for _, k := range kinds {
		if err := k.SetupWithManager(mgr, env); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- mgr.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("manager: %v", err)
		}
	})
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

// request asks for a look.
func request(t *testing.T, obj client.Object, at string) {
	t.Helper()
	patch := `{"metadata":{"annotations":{"` + v1alpha1.AnnotationReconcileRequestedAt + `":"` + at + `"}}}`
	if err := cluster.Client.Patch(t.Context(), obj, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		t.Fatal(err)
	}
}

// TestWaking shows that a resource that waits for another looks again as soon as
// that one is ready, that the operator's own writes wake nobody, and that a
// person's request does.
func TestWaking(t *testing.T) {
	wc, gc := newCloud(false), newCloud(true)
	var widgetLooks, gadgetLooks atomic.Int64
	now := clocktesting.NewFakePassiveClock(time.Now())
	run(t, clock.RealClock{}, looks(widgets(wc), &widgetLooks))
	run(t, now, looks(gadgets(gc), &gadgetLooks))
	gadget := &Gadget{Widget{ObjectMeta: metav1.ObjectMeta{Name: "waits"},
		Spec: WidgetSpec{ForProvider: WidgetParameters{Size: 1, BaseOf: "base"}}}}
	get := func(obj managed.Resource) managed.Resource {
		if err := cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(obj), obj); err != nil {
			t.Fatal(err)
		}
		return obj
	}
	if err := cluster.Client.Create(t.Context(), gadget); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the gadget says what it waits for", func() bool {
		_, status := get(gadget).Managed()
		return len(status.Conditions) > 1 && status.Conditions[1].Reason == v1alpha1.ReasonReferenceNotReady
	})
	if gadgetLooks.Load() > 0 {
		t.Error("the cloud was asked before the reference was ready")
	}
	// What has lasted for long is looked at again after a minute: no test waits for that.
	now.SetTime(now.Now().Add(10 * time.Minute))
	request(t, get(gadget), "later")
	eventually(t, "the gadget has looked once more", func() bool {
		_, status := get(gadget).Managed()
		return status.LastHandledReconcileAt == "later"
	})

	base := &Widget{ObjectMeta: metav1.ObjectMeta{Name: "base"}, Spec: WidgetSpec{ForProvider: WidgetParameters{Size: 1}}}
	if err := cluster.Client.Create(t.Context(), base); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the widget is asked for", func() bool { return len(wc.Names()) == 1 })
	time.Sleep(300 * time.Millisecond)
	if n := widgetLooks.Load(); n > 1 {
		t.Errorf("%d more looks at what was just asked for, caused by our own writes", n-1)
	}
	wc.Settle()
	eventually(t, "the widget is ready", func() bool {
		_, status := get(base).Managed()
		return status.FirstReadyTime != nil
	})
	eventually(t, "the gadget is asked for at once", func() bool { return len(gc.Names()) == 1 })

	before := widgetLooks.Load()
	time.Sleep(300 * time.Millisecond)
	if after := widgetLooks.Load(); after != before {
		t.Errorf("%d looks at a resource at rest, caused by our own writes", after-before)
	}
	request(t, get(base), "now")
	eventually(t, "the request is answered", func() bool {
		_, status := get(base).Managed()
		return status.LastHandledReconcileAt == "now"
	})
	for _, obj := range []client.Object{gadget, base} {
		if err := cluster.Client.Delete(t.Context(), obj); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all is deleted", func() bool {
		wc.Settle()
		gc.Settle()
		return len(wc.Names())+len(gc.Names()) == 0
	})
}
