// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 is what every claim kind has in common: how a claim says
// what shall satisfy it, and how it is told what became of it. It defines no
// kind of its own.
//
// +kubebuilder:object:generate=true
package v1alpha1
