// SPDX-License-Identifier: Apache-2.0

package kubetest_test

import (
	"errors"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

const (
	crds     = "shared/kubetest/testdata/crds"
	patience = time.Minute // of a machine that is busy
)

// cluster is shared by the tests that do not start one of their own.
var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	if actAs := os.Getenv(actVariable); actAs != "" {
		os.Exit(act(actAs))
	}
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return nil
	}, crds))
}

func widget(namespace, name string, size int64) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "kubetest.example.org/v1", "kind": "Widget",
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"spec":     map[string]any{"size": size},
	}}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestObjectsAreCheckedBySchema(t *testing.T) {
	namespace := cluster.Namespace(t, "schema")
	if err := cluster.Client.Create(t.Context(), widget(namespace, "good", 1)); err != nil {
		t.Error(err)
	}
	if err := cluster.Client.Create(t.Context(), widget(namespace, "bad", 0)); !apierrors.IsInvalid(err) {
		t.Errorf("a widget of size 0: %v", err)
	}
}

func TestUsersMayDoWhatTheyAreAllowedTo(t *testing.T) {
	namespace := cluster.Namespace(t, "users")
	reader, err := cluster.As("reader")
	if err != nil {
		t.Fatal(err)
	}
	widgets := &unstructured.UnstructuredList{Object: map[string]any{"apiVersion": "kubetest.example.org/v1", "kind": "WidgetList"}}
	if err := reader.List(t.Context(), widgets); !apierrors.IsForbidden(err) {
		t.Errorf("listing before it is allowed: %v", err)
	}
	if err := cluster.Apply(t.Context(), "shared/kubetest/testdata/rbac"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the reader may list", func() bool { return reader.List(t.Context(), widgets) == nil })
	if err := reader.Create(t.Context(), widget(namespace, "mine", 1)); !apierrors.IsForbidden(err) {
		t.Errorf("creating: %v", err)
	}
}

func TestServiceAccountHasItsGroups(t *testing.T) {
	account, err := cluster.As("system:serviceaccount:default:default")
	if err != nil {
		t.Fatal(err)
	}
	err = account.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "no"}})
	if !apierrors.IsForbidden(err) {
		t.Errorf("got %v", err)
	}
}

func TestKubeconfigReachesTheSameAPI(t *testing.T) {
	config, err := clientcmd.RESTConfigFromKubeConfig(cluster.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	other, err := client.New(config, client.Options{Scheme: cluster.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	namespace := cluster.Namespace(t, "kubeconfig")
	if err := other.Get(t.Context(), client.ObjectKey{Name: namespace}, &corev1.Namespace{}); err != nil {
		t.Error(err)
	}
}

func TestDefinitionsComeAndGo(t *testing.T) {
	ctx := t.Context()
	namespace := cluster.Namespace(t, "crds")
	held := widget(namespace, "held", 1)
	held.SetFinalizers([]string{"kubetest.example.org/held"})
	if err := cluster.Client.Create(ctx, held); err != nil {
		t.Fatal(err)
	}
	if err := cluster.RemoveCRDs(ctx, crds); err != nil {
		t.Fatal(err)
	}

	// The finalizer keeps the old definition; a new one has to wait for its end.
	installed := make(chan error)
	go func() { installed <- cluster.InstallCRDs(ctx, crds) }()
	select {
	case err := <-installed:
		t.Fatalf("installed over a definition that is being removed: %v", err)
	case <-time.After(time.Second):
	}
	eventually(t, "the widget is being deleted", func() bool {
		return cluster.Client.Get(ctx, client.ObjectKeyFromObject(held), held) == nil && held.GetDeletionTimestamp() != nil
	})
	held.SetFinalizers(nil)
	if err := cluster.Client.Update(ctx, held); err != nil {
		t.Fatal(err)
	}
	if err := <-installed; err != nil {
		t.Fatal(err)
	}
	if err := cluster.Client.Create(ctx, widget(namespace, "new", 1)); err != nil {
		t.Errorf("after it was installed again: %v", err)
	}
}

func TestMissingFolders(t *testing.T) {
	ctx := t.Context()
	for name, use := range map[string]func() error{
		"install": func() error { return cluster.InstallCRDs(ctx, "shared/kubetest/absent") },
		"remove":  func() error { return cluster.RemoveCRDs(ctx, "shared/kubetest/absent") },
		"apply":   func() error { return cluster.Apply(ctx, "shared/kubetest/absent") },
	} {
		t.Run(name, func(t *testing.T) {
			if err := use(); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestApplyOfAnUnknownKind(t *testing.T) {
	objects, err := manifest.Decode([]byte("apiVersion: nowhere.example.org/v1\nkind: Nothing\nmetadata: {name: n}\n---\n---\n"))
	if err != nil || len(objects) != 1 {
		t.Fatalf("decoded %d, %v", len(objects), err)
	}
	if err := manifest.Apply(t.Context(), cluster.Client, objects); !meta.IsNoMatchError(err) {
		t.Errorf("got %v", err)
	}
	if _, err := manifest.Decode([]byte("{")); err == nil {
		t.Error("half a document was decoded")
	}
}
