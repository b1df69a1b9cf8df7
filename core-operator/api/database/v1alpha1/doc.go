// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the claims for databases.
//
// +kubebuilder:object:generate=true
// +groupName=database.crossplane.io
package v1alpha1

// Group of the kinds in this package, and their version.
const (
	Group   = "database.crossplane.io"
	Version = "v1alpha1"
)
