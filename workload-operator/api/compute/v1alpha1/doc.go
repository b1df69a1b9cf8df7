// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the managed resources of workload-operator itself:
// clusters that nobody provisions here.
//
// +kubebuilder:object:generate=true
// +groupName=compute.workload.crossplane.io
package v1alpha1
