// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/e2e/wait"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
	"github.com/crossplaneio/crossplane/shared/kubetest/controlplane"
	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

const (
	// accounts is the namespace there of the accounts that the operator has.
	accounts = "bench-accounts"
	patience = 10 * time.Minute
	pause    = 250 * time.Millisecond
)

// world is the control plane with the operator, and the cluster behind the targets.
type world struct {
	dir     string
	hub     *stack.Stack
	cluster *controlplane.ControlPlane
	there   client.Client // an administrator's
	log     audit.Log     // of the cluster
	targets []*target
	seen    *sightings
}

// build starts everything, and returns once all targets are ready.
func build(ctx context.Context, o Options) (*world, error) {
	dir, err := os.MkdirTemp("", "crossplane-bench-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	w := &world{dir: dir}
	if err := w.start(ctx, o); err != nil {
		return nil, errors.Join(err, w.close()) //nolint:contextcheck // it ends what there is, whatever has ended ctx
	}
	return w, nil
}

func (w *world) start(ctx context.Context, o Options) error {
	if err := w.startCluster(ctx); err != nil {
		return err
	}
	var err error
	w.hub, err = stack.Up(ctx, stack.Options{Dir: filepath.Join(w.dir, "hub"), Operators: []string{stack.WorkloadOperator}, Progress: o.Log})
	if err != nil {
		return fmt.Errorf("starting the control plane: %w", err)
	}
	if err := workload.AddToScheme(w.hub.Client.Scheme()); err != nil {
		return fmt.Errorf("adding kinds to a scheme: %w", err)
	}
	for i := range o.Targets {
		t, err := w.newTarget(ctx, fmt.Sprintf("t-%03d", i))
		if err != nil {
			return fmt.Errorf("making target %d: %w", i, err)
		}
		w.targets = append(w.targets, t)
	}
	sayf(o.Log, "%d targets made", o.Targets)
	return w.awaitTargets(ctx)
}

// startCluster starts what is behind the targets, and follows what happens there.
func (w *world) startCluster(ctx context.Context) error {
	binary, err := kubetest.Hyperkube()
	if err != nil {
		return fmt.Errorf("finding Kubernetes: %w", err)
	}
	dir, record := filepath.Join(w.dir, "cluster"), filepath.Join(w.dir, "cluster-audit.log")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	w.cluster, err = controlplane.Start(ctx, controlplane.Options{Binary: binary, Dir: dir, AuditLog: record})
	if err != nil {
		return fmt.Errorf("starting the cluster: %w", err)
	}
	w.log = audit.Open(record)
	if w.there, err = client.New(w.cluster.Config, client.Options{}); err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	api, err := kubernetes.NewForConfig(w.cluster.Config)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	if err := w.grant(ctx); err != nil {
		return err
	}
	w.seen, err = watch(api) //nolint:contextcheck // it goes on until it is closed
	return err
}

// grant gives all accounts in one namespace the rights that the operator needs.
func (w *world) grant(ctx context.Context) error {
	paths, err := kubetest.Paths("charts/workload-operator/target/rights.yaml")
	if err != nil {
		return fmt.Errorf("finding the rights: %w", err)
	}
	rights, err := manifest.Read(paths...)
	if err != nil {
		return err
	}
	group := rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: "system:serviceaccounts:" + accounts}
	role := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "crossplane-workload"}
	err = errors.Join(
		manifest.Apply(ctx, w.there, rights),
		w.there.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: accounts}}),
		w.there.Create(ctx, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: accounts}, RoleRef: role, Subjects: []rbacv1.Subject{group}}),
	)
	if err != nil {
		return fmt.Errorf("giving rights: %w", err)
	}
	return nil
}

// close ends everything and removes it.
func (w *world) close() error {
	var errs []error
	if w.hub != nil {
		errs = append(errs, w.hub.Down())
	}
	for _, t := range w.targets {
		t.relay.close()
	}
	if w.seen != nil {
		w.seen.close()
	}
	if w.cluster != nil {
		errs = append(errs, w.cluster.Kill()) // its data go with it
	}
	return errors.Join(append(errs, os.RemoveAll(w.dir))...)
}

// await waits until something is so.
func await(ctx context.Context, what string, so func(ctx context.Context) (bool, error)) error {
	return wait.Until(ctx, patience, pause, what, so)
}
