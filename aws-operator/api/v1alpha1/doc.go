// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds what every managed resource of AWS refers to: the
// Provider, an AWS account and the identity to work in it with.
//
// +kubebuilder:object:generate=true
// +groupName=aws.crossplane.io
package v1alpha1
