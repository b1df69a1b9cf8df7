// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds what every managed resource of Azure refers to: the
// Provider, an Azure subscription and the identity to work in it with.
//
// +kubebuilder:object:generate=true
// +groupName=azure.crossplane.io
package v1alpha1
