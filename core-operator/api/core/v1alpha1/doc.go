// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds what administrators write to say how claims are
// satisfied.
//
// +kubebuilder:object:generate=true
// +groupName=core.crossplane.io
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Group of the kinds in this package, and their version.
const (
	Group   = "core.crossplane.io"
	Version = "v1alpha1"
)

// AddToScheme adds the kinds of this package to s.
func AddToScheme(s *runtime.Scheme) error {
	gv := schema.GroupVersion{Group: Group, Version: Version}
	s.AddKnownTypes(gv, &ResourceClass{}, &ResourceClassList{})
	metav1.AddToGroupVersion(s, gv)
	return nil
}
