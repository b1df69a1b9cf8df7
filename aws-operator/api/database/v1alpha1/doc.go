// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the managed resources of Amazon RDS.
//
// +kubebuilder:object:generate=true
// +groupName=database.aws.crossplane.io
package v1alpha1
