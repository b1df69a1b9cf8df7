// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the resources of Azure Kubernetes Service.
//
// +kubebuilder:object:generate=true
// +groupName=compute.azure.crossplane.io
package v1alpha1
