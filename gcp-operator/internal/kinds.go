// SPDX-License-Identifier: Apache-2.0

// Package internal lists what the operator manages.
package internal

import (
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/gke"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/network"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/sql"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Kinds are the managed resources, one line each.
func Kinds(accounts *account.Accounts) []managed.Controller {
	return []managed.Controller{
		sql.Instance(accounts),
		sql.AuthorizedNetwork(accounts),
		network.Network(accounts),
		network.ServiceConnection(accounts),
		gke.Cluster(accounts),
		gke.NodePool(accounts),
	}
}

// What the machinery of every operator needs:
//
// +kubebuilder:rbac:groups=apiextensions.k8s.io,resources=customresourcedefinitions,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,resourceNames=kube-system,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=get;create;update,namespace=crossplane-system
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;create;update,namespace=crossplane-gcp-connections

// WithProviders returns the kinds and, before them, the Provider that all of
// them refer to.
func WithProviders(accounts *account.Accounts) []managed.Controller {
	return account.ProviderKind(accounts).With(Kinds(accounts)...)
}
