// SPDX-License-Identifier: Apache-2.0

// Package internal puts workload-operator together.
package internal

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/workload-operator/internal/application"
	"github.com/crossplaneio/crossplane/workload-operator/internal/imported"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
	"github.com/crossplaneio/crossplane/workload-operator/internal/target"
)

// What the machinery of every operator needs:
//
// +kubebuilder:rbac:groups=apiextensions.k8s.io,resources=customresourcedefinitions,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=get;create;update,namespace=crossplane-system

// Operator is what can be said of the operator beside what can be said of all.
type Operator struct {
	// ChartNamespace is where what charts were rendered to is kept.
	ChartNamespace string
}

// Flags adds the operator's own flags.
func (o *Operator) Flags(f *pflag.FlagSet) {
	f.StringVar(&o.ChartNamespace, "chart-namespace", application.DefaultChartNamespace, "namespace for what charts were rendered to")
}

// Setup adds to mgr what the operator does: it looks after targets and
// imported clusters, and runs applications on them.
func (o *Operator) Setup(ctx context.Context, mgr ctrl.Manager, env managed.Env) error {
	claims, err := contract.NewClaims(mgr.GetConfig())
	if err != nil {
		return fmt.Errorf("following the claims: %w", err)
	}
	if err := mgr.Add(claims); err != nil {
		return fmt.Errorf("following the claims: %w", err)
	}
	pools, err := contract.NewPools(mgr.GetConfig())
	if err != nil {
		return fmt.Errorf("following the cluster pools: %w", err)
	}
	if err := mgr.Add(pools); err != nil {
		return fmt.Errorf("following the cluster pools: %w", err)
	}
	connections := remote.NewConnections()
	if err := mgr.Add(connections); err != nil {
		return fmt.Errorf("adding the connections: %w", err)
	}
	applications := &application.Reconciler{Env: env, Connections: connections, Claims: claims, ChartNamespace: o.ChartNamespace}
	if err := applications.SetupWithManager(ctx, mgr); err != nil {
		return err
	}
	if err := (&target.Claimed{Env: env, Claims: claims, Pools: pools}).SetupWithManager(mgr); err != nil {
		return err
	}
	imports := &imported.Reconciler{Env: env, Connections: remote.NewConnections()}
	if err := imports.SetupWithManager(mgr); err != nil {
		return err
	}
	return (&target.Reconciler{Env: env, Connections: connections}).SetupWithManager(mgr)
}
