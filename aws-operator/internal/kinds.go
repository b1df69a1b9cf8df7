// SPDX-License-Identifier: Apache-2.0

// Package internal lists what the operator manages.
package internal

import (
	"github.com/crossplaneio/crossplane/aws-operator/internal/account"
	"github.com/crossplaneio/crossplane/aws-operator/internal/ec2"
	"github.com/crossplaneio/crossplane/aws-operator/internal/eks"
	"github.com/crossplaneio/crossplane/aws-operator/internal/iam"
	"github.com/crossplaneio/crossplane/aws-operator/internal/rds"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Kinds are the managed resources, one line each.
func Kinds(accounts *account.Accounts) []managed.Controller {
	return []managed.Controller{
		rds.Instance(accounts),
		rds.SubnetGroup(accounts),
		ec2.SecurityGroup(accounts),
		ec2.SecurityGroupRule(accounts),
		iam.Role(accounts),
		eks.Cluster(accounts),
		eks.NodeGroup(accounts),
	}
}

// What the machinery of every operator needs:
//
// +kubebuilder:rbac:groups=apiextensions.k8s.io,resources=customresourcedefinitions,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,resourceNames=kube-system,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=get;create;update,namespace=crossplane-system
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;create;update,namespace=crossplane-aws-connections

// WithProviders returns the kinds and, before them, the Provider that all of
// them refer to.
func WithProviders(accounts *account.Accounts) []managed.Controller {
	return account.ProviderKind(accounts).With(Kinds(accounts)...)
}
