// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the managed resources of AWS Identity and Access Management.
//
// +kubebuilder:object:generate=true
// +groupName=iam.aws.crossplane.io
package v1alpha1
