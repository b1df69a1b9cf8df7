// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the managed resources of Google Kubernetes Engine.
//
// +kubebuilder:object:generate=true
// +groupName=compute.gcp.crossplane.io
package v1alpha1
