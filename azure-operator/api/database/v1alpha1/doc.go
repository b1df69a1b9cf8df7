// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the resources of Azure Database for MySQL and for
// PostgreSQL.
//
// +kubebuilder:object:generate=true
// +groupName=database.azure.crossplane.io
package v1alpha1
