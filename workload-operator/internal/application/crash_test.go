// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/google/go-cmp/cmp"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/workload-operator/internal/application"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// byHand is the label of applications that the suite's controllers do not see.
const byHand = "by-hand"

// crashes is more than an application's life has writes.
const crashes = 23

var errCrash = errors.New("the operator crashed")

// crash lets so many writes through, wherever they go, and then none. The last one
// is carried out, and nobody gets to know.
type crash struct{ left atomic.Int32 }

func (c *crash) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet {
			return next.RoundTrip(r)
		}
		left := c.left.Add(-1)
		if left < 0 {
			return nil, errCrash
		}
		response, err := next.RoundTrip(r)
		if left == 0 && err == nil {
			_ = response.Body.Close()
			return nil, errCrash
		}
		return response, err
	})
}

func (c *crash) happened() bool { return c.left.Load() <= 0 }

// TestCrashes has the operator crash after its first write, after its second and
// so on, and go on as another process that knows nothing. Nothing is lost and
// nothing is left behind.
func TestCrashes(t *testing.T) {
	t.Parallel()
	survived := atomic.Int32{}
	t.Run("after write", func(t *testing.T) {
		for n := 1; n <= crashes; n++ {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				o := &hand{scene: newScene(t)}
				o.start(int32(n))
				if !o.live() {
					survived.Add(1)
					t.Log("the whole life had fewer writes")
				}
			})
		}
	})
	if survived.Load() == 0 {
		t.Errorf("a life has more than %d writes: not every one was lost", crashes)
	}
}

// TestRestart: a process that knows nothing finds everything as it shall be, and
// writes nothing.
func TestRestart(t *testing.T) {
	t.Parallel()
	o := &hand{scene: newScene(t)}
	o.start(1 << 20)
	o.app = o.scene.app("a", []object{deployment("web", 0), configMap("a")}, func(a *workload.KubernetesApplication) { a.Labels = map[string]string{byHand: "yes"} })
	o.eventually(func() error {
		if _, err := o.by.Reconcile(o.ctx, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o.app)}); err != nil || !o.atRest(2) {
			return fmt.Errorf("not at rest: %w %+v", err, o.app.Status)
		}
		return nil
	})
	const plenty = 1000
	o.start(plenty)
	for range 3 {
		if _, err := o.by.Reconcile(o.ctx, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o.app)}); err != nil {
			t.Fatal(err)
		}
	}
	if writes := plenty - o.crash.left.Load(); writes != 0 {
		t.Errorf("want no write after a restart, got %d", writes)
	}
}

// hand moves an application on by hand, as one process after another.
type hand struct {
	*scene

	app   *workload.KubernetesApplication
	crash *crash
	by    *application.Reconciler
	after bool // a crash has happened
}

// live goes through an application's life, and reports whether there was a crash.
func (o *hand) live() bool {
	o.app = o.scene.app("a", []object{configMap("a"), configMap("b")}, func(a *workload.KubernetesApplication) { a.Labels = map[string]string{byHand: "yes"} })
	o.until(map[string]string{"a": "", "b": ""})
	o.edit(o.app, func(a *workload.KubernetesApplication) {
		a.Spec.Manifests = o.manifests(configMap("b", "v", "2"), configMap("c"))
	})
	o.until(map[string]string{"b": "2", "c": ""})
	o.remove(o.app)
	o.until(map[string]string{})
	err := faraway.Client.Get(o.ctx, client.ObjectKey{Namespace: o.namespace, Name: remote.Account}, &corev1.ServiceAccount{})
	if !apierrors.IsNotFound(err) {
		o.Errorf("the account is left behind: %v", err)
	}
	return o.after
}

// start begins another process that will do so many writes.
func (o *hand) start(writes int32) {
	o.Helper()
	o.crash = &crash{}
	o.crash.left.Store(writes)
	cfg := rest.CopyConfig(hub.Config)
	cfg.QPS = -1
	cfg.Wrap(o.crash.wrap)
	kube, err := client.New(cfg, client.Options{Scheme: hub.Scheme})
	o.must(err)
	claims, err := contract.NewClaims(cfg)
	o.must(err)
	identity, err := uidOf(o.ctx, hub)
	o.must(err)
	connections := remote.NewConnections()
	connections.Wrap = o.crash.wrap
	secret, t := &corev1.Secret{}, &workload.KubernetesTarget{}
	o.must(hub.Client.Get(o.ctx, client.ObjectKey{Namespace: system, Name: "target-faraway"}, secret))
	o.eventually(func() error {
		if err := hub.Client.Get(o.ctx, client.ObjectKey{Name: "faraway"}, t); err != nil || t.Status.ClusterUID == "" {
			return fmt.Errorf("the target is not known yet: %w", err)
		}
		return nil
	})
	_, err = connections.For("faraway", secret.Data["value"])
	o.must(err)
	connections.Admit("faraway", t.Status.ClusterUID)
	o.by = &application.Reconciler{
		Env:         managed.Env{Kube: kube, Live: kube, Clock: clock.RealClock{}, Operator: account, Hub: identity, Namespace: system, ConnectionNamespace: keeping},
		Connections: connections, Claims: claims, ChartNamespace: charts,
		Render: rendered.render,
	}
}

// until makes passes until the application is at rest with just these objects on
// the target, each with its value of v.
func (o *hand) until(want map[string]string) {
	o.Helper()
	var diff string
	for end := time.Now().Add(patience); time.Now().Before(end); {
		result, err := o.by.Reconcile(o.ctx, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o.app)})
		if o.crash.happened() {
			o.after = true
			o.start(1 << 20)
			continue
		}
		if err == nil && o.atRest(len(want)) {
			if diff = cmp.Diff(want, o.there()); diff == "" {
				return
			}
		}
		time.Sleep(min(max(result.RequeueAfter, 10*time.Millisecond), 300*time.Millisecond))
	}
	o.Fatalf("never came about: %s\n%+v", diff, o.app.Status)
}

// atRest reports whether the status says that all of so many objects are as they
// shall be; of none, whether the application is gone.
func (o *hand) atRest(objects int) bool {
	err := hub.Client.Get(o.ctx, client.ObjectKeyFromObject(o.app), o.app)
	if objects == 0 {
		return apierrors.IsNotFound(err)
	}
	return err == nil && o.app.Status.ObservedGeneration == o.app.Generation && len(o.app.Status.Objects) == objects &&
		o.app.Status.Current == fmt.Sprintf("%d/%d", objects, objects)
}

// there returns the objects on the target that say that they are an application's.
func (o *hand) there() map[string]string {
	list := &corev1.ConfigMapList{}
	o.must(faraway.Client.List(o.ctx, list, client.InNamespace(o.namespace), client.HasLabels{workload.LabelApplicationUID}))
	found := map[string]string{}
	for _, m := range list.Items {
		found[m.Name] = m.Data["v"]
		if !maps.Equal(map[string]string{workload.LabelApplicationUID: string(o.app.UID)}, m.Labels) {
			o.Errorf("want our label and nothing else: %v", m.Labels)
		}
	}
	return found
}
