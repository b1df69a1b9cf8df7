// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the two kinds that core and workload-operator both
// write, what is to run and where it can, and where charts come from.
//
// +kubebuilder:object:generate=true
// +groupName=workload.crossplane.io
package v1alpha1

// Group of the kinds in this package, and their version.
const (
	Group   = "workload.crossplane.io"
	Version = "v1alpha1"
)
