// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds what every managed resource of Google Cloud refers to:
// the Provider, a project and the identity to work in it with.
//
// +kubebuilder:object:generate=true
// +groupName=gcp.crossplane.io
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion of this package's types.
var GroupVersion = schema.GroupVersion{Group: "gcp.crossplane.io", Version: "v1alpha1"}

// AddToScheme registers this package's types.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion, &Provider{}, &ProviderList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
