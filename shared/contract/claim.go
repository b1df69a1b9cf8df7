// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Claim is the part of a claim that its consumers need, whatever its kind.
type Claim struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Status ClaimStatus `json:"status,omitempty"`
}

// ClaimStatus is what core says of a claim.
type ClaimStatus struct {
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	Binding    *ClaimBinding      `json:"binding,omitempty"`
	// ResourceRef names the managed resource that the claim is, or will be, bound to.
	ResourceRef *ClaimResource     `json:"resourceRef,omitempty"`
	Location    *v1alpha1.Location `json:"location,omitempty"`
}

// ClaimResource names a managed resource.
type ClaimResource struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
}

// ClaimBinding names a claim's connection secret, in the claim's namespace.
type ClaimBinding struct {
	Name string `json:"name"`
	// Revision counts the changes of the secret's content.
	Revision int64 `json:"revision"`
}

// ClaimList is a list of claims.
type ClaimList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Claim `json:"items"`
}

// Ready returns the claim's Ready condition, or one of status Unknown.
func (c *Claim) Ready() metav1.Condition {
	if ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		return *ready
	}
	return metav1.Condition{Type: v1alpha1.ConditionReady, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonPending}
}

// Bound reports whether the claim can be used.
func (c *Claim) Bound() bool {
	return c.Ready().Status == metav1.ConditionTrue && c.Status.Binding != nil && c.DeletionTimestamp == nil
}

// DeepCopyObject implements runtime.Object.
func (c *Claim) DeepCopyObject() runtime.Object {
	out := &Claim{TypeMeta: c.TypeMeta}
	c.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	for i := range c.Status.Conditions {
		out.Status.Conditions = append(out.Status.Conditions, *c.Status.Conditions[i].DeepCopy())
	}
	if c.Status.Binding != nil {
		out.Status.Binding = new(*c.Status.Binding)
	}
	if c.Status.ResourceRef != nil {
		out.Status.ResourceRef = new(*c.Status.ResourceRef)
	}
	if c.Status.Location != nil {
		out.Status.Location = new(*c.Status.Location)
	}
	return out
}

// DeepCopyObject implements runtime.Object.
func (l *ClaimList) DeepCopyObject() runtime.Object {
	out := &ClaimList{TypeMeta: l.TypeMeta, Items: make([]Claim, len(l.Items))}
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	for i := range l.Items {
		out.Items[i] = *l.Items[i].DeepCopyObject().(*Claim) //nolint:errcheck,forcetypeassert // what the method above returns
	}
	return out
}
