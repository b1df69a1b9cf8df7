// SPDX-License-Identifier: Apache-2.0

// Package internal lists what the operator manages.
package internal

import (
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	"github.com/crossplaneio/crossplane/azure-operator/internal/aks"
	"github.com/crossplaneio/crossplane/azure-operator/internal/flexible"
	"github.com/crossplaneio/crossplane/azure-operator/internal/resources"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Kinds are the managed resources, one line each.
func Kinds(accounts *account.Accounts) []managed.Controller {
	return []managed.Controller{
		resources.Group(accounts),
		flexible.MySQL(accounts),
		flexible.PostgreSQL(accounts),
		flexible.FirewallRule(accounts),
		aks.Cluster(accounts),
		aks.AgentPool(accounts),
	}
}

// What the machinery of every operator needs:
//
// +kubebuilder:rbac:groups=apiextensions.k8s.io,resources=customresourcedefinitions,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,resourceNames=kube-system,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=get;create;update,namespace=crossplane-system
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;create;update,namespace=crossplane-azure-connections

// WithProviders returns the kinds and, before them, the Provider that all of
// them refer to.
func WithProviders(accounts *account.Accounts) []managed.Controller {
	return account.ProviderKind(accounts).With(Kinds(accounts)...)
}
