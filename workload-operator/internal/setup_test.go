// SPDX-License-Identifier: Apache-2.0

package internal_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/operator"
	compute "github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal"
	"github.com/crossplaneio/crossplane/workload-operator/internal/application"
)

const (
	system   = "crossplane-system"
	keeping  = "crossplane-workload-connections"
	name     = "workload-operator"
	patience = time.Minute // of a machine that is busy
)

var cluster *kubetest.Cluster

func TestMain(m *testing.M) {
	os.Exit(kubetest.Run(m, func(c *kubetest.Cluster) error {
		cluster = c
		return errors.Join(workload.AddToScheme(c.Scheme), prepare(context.Background()))
	}))
}

// prepare installs what the chart brings but the kinds, and a role for tenants.
func prepare(ctx context.Context) error {
	subject := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: system, Name: name}}
	role := func(kind string) rbacv1.RoleRef {
		return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
	}
	return errors.Join(
		cluster.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: system}}),
		cluster.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: keeping}}),
		cluster.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: application.DefaultChartNamespace}}),
		cluster.Apply(ctx, "charts/workload-operator/generated/rbac"),
		cluster.Client.Create(ctx, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: subject, RoleRef: role("ClusterRole")}),
		cluster.Client.Create(ctx, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: name}, Subjects: subject, RoleRef: role("Role")}),
		cluster.Client.Create(ctx, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "tenant"}, Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"*"}},
		}}),
	)
}

// TestTheOperatorRuns as it does in a pod, with the rights of its chart: it waits
// for its kinds, runs an application, and ends when it is told to.
func TestTheOperatorRuns(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	args := []string{
		"--kubeconfig", kubeconfig(t), "--namespace", system, "--identity", "test",
		"--metrics-bind-address", "0", "--health-probe-bind-address", "0",
	}
	o := &internal.Operator{}
	go func() {
		ended <- operator.RunWith(ctx, args, io.Discard, io.Discard, operator.Options{
			Name: name, Scheme: []func(*runtime.Scheme) error{workload.AddToScheme, compute.AddToScheme}, Flags: o.Flags, Setup: o.Setup,
		})
	}()
	time.Sleep(time.Second) // without its kinds
	must(t, cluster.InstallCRDs(t.Context(), "charts/workload-operator/generated/crds"))

	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "here"}, Data: map[string][]byte{"value": cluster.Kubeconfig}}
	must(t, cluster.Client.Create(t.Context(), secret))
	target := &workload.KubernetesTarget{ObjectMeta: metav1.ObjectMeta{Name: "here"}}
	target.Spec.KubeconfigSecretRef = &v1alpha1.SecretKeyReference{Name: "here", Key: "value"}
	target.Spec.AllowHub, target.Spec.Role = true, "tenant"
	target.Spec.AllowedNamespaces = &v1alpha1.BindableBy{Namespaces: []string{metav1.NamespaceDefault}}
	must(t, cluster.Client.Create(t.Context(), target))
	app := &workload.KubernetesApplication{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "app"}}
	app.Spec.TargetRef, app.Spec.Namespace = &v1alpha1.Reference{Name: "here"}, "there"
	app.Spec.Manifests = make([]workload.Manifest, 1)
	app.Spec.Manifests[0].Raw = []byte(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`)
	must(t, cluster.Client.Create(t.Context(), app))
	eventually(t, func() error {
		must(t, cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(app), app))
		if c := app.Status.Conditions[0]; c.Status != metav1.ConditionTrue || app.Status.Current != "1/1" {
			return fmt.Errorf("not ready: %+v", app.Status)
		}
		return nil
	})
	must(t, cluster.Client.Get(t.Context(), client.ObjectKey{Namespace: "there", Name: "a"}, &corev1.ConfigMap{}))
	must(t, cluster.Client.Delete(t.Context(), app))
	must(t, cluster.Client.Delete(t.Context(), target))
	eventually(t, func() error {
		if err := cluster.Client.Get(t.Context(), client.ObjectKeyFromObject(target), target); client.IgnoreNotFound(err) != nil || err == nil {
			return fmt.Errorf("the target is still there: %w", err)
		}
		return nil
	})
	end()
	must(t, <-ended)
}

// kubeconfig returns the path of one that acts as the operator's account.
func kubeconfig(t *testing.T) string {
	t.Helper()
	config, err := clientcmd.Load(cluster.Kubeconfig)
	must(t, err)
	for _, user := range config.AuthInfos {
		user.Impersonate = "system:serviceaccount:" + system + ":" + name
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	must(t, clientcmd.WriteToFile(*config, path))
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, f func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	t.Fatal(err)
}
