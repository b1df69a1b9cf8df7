// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds what Azure Resource Manager itself manages.
//
// +kubebuilder:object:generate=true
// +groupName=resources.azure.crossplane.io
package v1alpha1
