// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 is the contract between operators: the fields, annotations,
// labels, conditions and reasons that every resource which takes part has,
// whichever operator owns it. Operators never call each other; what one of them
// has to tell another is written here.
//
// +kubebuilder:object:generate=true
package v1alpha1
