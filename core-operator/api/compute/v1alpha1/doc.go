// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the claims for clusters to run applications on.
//
// +kubebuilder:object:generate=true
// +groupName=compute.crossplane.io
package v1alpha1

// Group of the kinds in this package, and their version.
const (
	Group   = "compute.crossplane.io"
	Version = "v1alpha1"
)
