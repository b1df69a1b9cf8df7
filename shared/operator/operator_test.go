// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestKindsComeAndGo(t *testing.T) {
	must(t, grantWidgets())
	kind := &widgets{}
	op := start(t, kind)
	within(t, patience, "ready without a single CRD", op.ready)
	within(t, patience, "the Lease is held", func() bool { return op.lease(t) != nil })
	if err := kind.env.Kube.Get(t.Context(), client.ObjectKey{Name: "a"}, &Widget{}); !apierrors.IsNotFound(err) {
		t.Errorf("reading an object of a kind that is not there: %v, want not found", err)
	}
	checkList(t, kind, 0)

	for _, name := range []string{"a", "b"} {
		must(t, cluster.InstallCRDs(t.Context(), crdFile))
		must(t, cluster.Client.Create(t.Context(), widget(name)))
		within(t, soon, "an object of the kind that came is reconciled", func() bool { return kind.hasSeen(name) })
		checkList(t, kind, 1)
		within(t, soon, "the object is counted", func() bool {
			return strings.Contains(op.metrics(t), `crossplane_managed_resources{kind="Widget",state="Pending"} 1`)
		})

		removeCRD(t)
		within(t, soon, "the object is forgotten", func() bool {
			return apierrors.IsNotFound(kind.env.Kube.Get(t.Context(), client.ObjectKey{Name: name}, &Widget{}))
		})
		checkList(t, kind, 0)
	}

	since := time.Now()
	within(t, soon, "the Lease goes on being renewed", func() bool {
		lease := op.lease(t)
		return lease != nil && lease.Spec.RenewTime.After(since)
	})
	if got := op.logs.count("waiting for the CustomResourceDefinition"); got != 3 {
		t.Errorf("the log says %d times that the kind is not there, want 3: at first and twice when it went", got)
	}
	if op.logs.count("level=ERROR")+op.logs.count("level=WARN") > 0 {
		t.Error("the log complains, and nothing went wrong")
	}
}

func TestKindThatMayNotBeWatchedHealsWhenTheRightIsGranted(t *testing.T) {
	must(t, revokeWidgets())
	must(t, cluster.InstallCRDs(t.Context(), crdFile))
	t.Cleanup(func() { removeCRD(t) })
	kind := &widgets{}
	op := start(t, kind)
	within(t, patience, "the log says what is missing", func() bool { return op.logs.count("cannot watch a kind") > 0 })
	within(t, patience, "ready all the same", op.ready)
	if err := kind.env.Kube.List(t.Context(), &WidgetList{}); !apierrors.IsForbidden(err) {
		t.Errorf("listing what may not be listed: %v, want forbidden", err)
	}

	must(t, cluster.Client.Create(t.Context(), widget("c")))
	must(t, grantWidgets())
	within(t, patience, "the object is reconciled", func() bool { return kind.hasSeen("c") })
	if got := op.logs.count("cannot watch a kind"); got != 1 {
		t.Errorf("the log complains %d times, want once", got)
	}
}

func TestPassesUnderWayAreFinishedAndTheLeaseIsGivenBack(t *testing.T) {
	must(t, grantWidgets())
	must(t, cluster.InstallCRDs(t.Context(), crdFile))
	t.Cleanup(func() { removeCRD(t) })
	begun, finished := make(chan struct{}), make(chan struct{})
	kind := &widgets{}
	kind.work = func(ctx context.Context) error {
		close(begun)
		select {
		case <-time.After(time.Second):
			close(finished)
		case <-ctx.Done():
		}
		return kind.env.Live.Get(ctx, client.ObjectKey{Name: "kube-system"}, &corev1.Namespace{})
	}
	op := start(t, kind)
	must(t, cluster.Client.Create(t.Context(), widget("d")))
	<-begun
	op.end()
	if err := <-op.done; err != nil {
		t.Errorf("the operator ended with: %v", err)
	}
	op.done <- nil
	select {
	case <-finished:
	default:
		t.Error("the pass was cut off")
	}
	if op.logs.count("level=ERROR") > 0 {
		t.Error("the log complains about an orderly end")
	}
	if holder := *op.lease(t).Spec.HolderIdentity; holder != "" {
		t.Errorf("the Lease is still held by %q", holder)
	}
}

func TestLease(t *testing.T) {
	first := start(t, &widgets{}, "--identity", "pod-1")
	within(t, patience, "the Lease is held", func() bool { return first.lease(t) != nil })
	lease := first.lease(t)
	if got := *lease.Spec.HolderIdentity; got != "pod-1" {
		t.Errorf("holder %q, want the identity that was given", got)
	}
	if got := lease.Labels["crossplane.io/operator"]; got != name {
		t.Errorf("label crossplane.io/operator=%q, want the operator's name", got)
	}
}

func TestReadsOfSecretsGoToTheAPIServer(t *testing.T) {
	must(t, grant("secrets", rule("", "secrets", "get")))
	kind := &widgets{}
	op := start(t, kind)
	within(t, patience, "ready", op.ready)
	secret := &corev1.Secret{}
	secret.Namespace, secret.Name = op.namespace, "credentials"
	must(t, cluster.Client.Create(t.Context(), secret))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := kind.env.Kube.Get(ctx, client.ObjectKeyFromObject(secret), &corev1.Secret{}); err != nil {
		t.Errorf("reading a secret without the right to list: %v", err)
	}
}

func TestEnvSaysWhoThisIs(t *testing.T) {
	kind := &widgets{}
	op := start(t, kind, "--poll-interval", "7s", "--max-concurrent", "3")
	within(t, patience, "ready", op.ready)
	ns := &corev1.Namespace{}
	must(t, cluster.Client.Get(t.Context(), client.ObjectKey{Name: "kube-system"}, ns))
	env := kind.env
	if env.Hub != ns.UID || env.Operator != name || env.ConnectionNamespace != "crossplane-test-connections" ||
		env.Poll != 7*time.Second || env.MaxConcurrent != 3 || env.Events == nil || env.Clock == nil {
		t.Errorf("env is %+v", env)
	}
	if !answers(op.health + "/healthz") {
		t.Error("/healthz does not answer")
	}
	if !strings.Contains(op.logs.String(), "version=v0.0.0-test") {
		t.Error("the log does not say which version runs")
	}
}

func (r *running) lease(t *testing.T) *coordinationv1.Lease {
	t.Helper()
	lease := &coordinationv1.Lease{}
	if err := cluster.Client.Get(context.WithoutCancel(t.Context()), client.ObjectKey{Namespace: r.namespace, Name: name}, lease); err != nil {
		return nil
	}
	return lease
}

func (r *running) metrics(t *testing.T) string {
	t.Helper()
	resp, err := http.Get(r.url + "/metrics")
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	return string(body)
}

func checkList(t *testing.T, kind *widgets, want int) {
	t.Helper()
	list := &WidgetList{}
	must(t, kind.env.Kube.List(t.Context(), list, client.MatchingFields{byProvider: "test"}))
	if len(list.Items) != want {
		t.Errorf("the index finds %d objects, want %d", len(list.Items), want)
	}
}

func removeCRD(t *testing.T) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	must(t, cluster.RemoveCRDs(ctx, crdFile))
	within(t, patience, "the CRD is gone", func() bool {
		err := cluster.Client.Get(ctx, client.ObjectKey{Name: "widgets.test.crossplane.io"}, &apiextensionsv1.CustomResourceDefinition{})
		return apierrors.IsNotFound(err)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
