// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the managed resources of Amazon EKS.
//
// +kubebuilder:object:generate=true
// +groupName=compute.aws.crossplane.io
package v1alpha1
