// SPDX-License-Identifier: Apache-2.0

package availability_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/go-logr/logr"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/availability"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

const (
	system = "crossplane-system"
	user   = "system:serviceaccount:" + system + ":core-operator"
)

var cluster *kubetest.Cluster

// TestMain runs the controller with core's own rights and no more.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16") // they wait, most of the time
	log.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	ctx, end := context.WithCancel(context.Background())
	var ended <-chan struct{}
	code := kubetest.Run(ending{m, func() { end(); <-ended }}, func(c *kubetest.Cluster) error {
		cluster = c
		if err := errors.Join(core.AddToScheme(c.Scheme), prepare(ctx)); err != nil {
			return err
		}
		running, err := start(ctx)
		ended = running
		return err
	}, "charts/core-operator/generated/crds")
	os.Exit(code)
}

// ending ends the controller before the API server, which would wait for it.
type ending struct {
	*testing.M

	end func()
}

func (e ending) Run() int {
	defer e.end()
	return e.M.Run()
}

// prepare gives core the rights that its chart gives it.
func prepare(ctx context.Context) error {
	if err := cluster.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: system}}); err != nil {
		return fmt.Errorf("making core's namespace: %w", err)
	}
	if err := cluster.Apply(ctx, "charts/core-operator/generated/rbac"); err != nil {
		return err
	}
	subject := []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: system, Name: "core-operator"}}
	return errors.Join(
		cluster.Client.Create(ctx, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "core-operator"}, Subjects: subject,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "core-operator"},
		}),
		cluster.Client.Create(ctx, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "core-operator"}, Subjects: subject,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "core-operator"},
		}),
	)
}

// start runs the controller until ctx ends; then the channel is closed.
func start(ctx context.Context) (<-chan struct{}, error) {
	mgr, err := ctrl.NewManager(cluster.ConfigAs(user), ctrl.Options{
		Scheme:  cluster.Scheme,
		Cache:   cache.Options{ByObject: map[client.Object]cache.ByObject{&coordinationv1.Lease{}: {Namespaces: map[string]cache.Config{system: {}}}}},
		Metrics: metricsserver.Options{BindAddress: "0"},
	})
	if err != nil {
		return nil, fmt.Errorf("making a manager: %w", err)
	}
	kinds, err := contract.New(mgr.GetConfig())
	if err != nil {
		return nil, err
	}
	err = errors.Join(mgr.Add(kinds), availability.Setup(ctx, mgr, availability.Env{
		Kube: mgr.GetClient(), Kinds: kinds, Namespace: system, Clock: clock.RealClock{}, Events: mgr.GetEventRecorder("core-operator"),
	}))
	if err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := mgr.Start(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "the manager ended:", err)
			os.Exit(1)
		}
	}()
	if !mgr.GetCache().WaitForCacheSync(ctx) {
		return ended, errors.New("the caches did not sync")
	}
	return ended, nil
}
