// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds what administrators write to say how claims are
// satisfied.
//
// +kubebuilder:object:generate=true
// +groupName=core.crossplane.io
package v1alpha1

// Group of the kinds in this package, and their version.
const (
	Group   = "core.crossplane.io"
	Version = "v1alpha1"
)
