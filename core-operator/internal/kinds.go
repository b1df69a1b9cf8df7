// SPDX-License-Identifier: Apache-2.0

// Package internal puts core-operator together.
package internal

import (
	"sigs.k8s.io/controller-runtime/pkg/client"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
)

// Claims are the claim kinds, one line each.
func Claims() []client.Object {
	return []client.Object{
		&database.MySQLInstance{},
		&database.PostgreSQLInstance{},
		&compute.KubernetesCluster{},
	}
}
