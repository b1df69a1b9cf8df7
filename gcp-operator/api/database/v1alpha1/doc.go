// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the managed resources of Cloud SQL.
//
// +kubebuilder:object:generate=true
// +groupName=database.gcp.crossplane.io
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion of this package's types.
var GroupVersion = schema.GroupVersion{Group: "database.gcp.crossplane.io", Version: "v1alpha1"}

// AddToScheme registers this package's types.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion,
		&CloudSQLInstance{}, &CloudSQLInstanceList{}, &CloudSQLAuthorizedNetwork{}, &CloudSQLAuthorizedNetworkList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
