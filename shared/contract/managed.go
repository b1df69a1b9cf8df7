// SPDX-License-Identifier: Apache-2.0

// Package contract lets an operator see managed resources of every other
// operator without knowing their kinds. A kind takes part by a label on its CRD;
// this package finds such CRDs, watches their objects from the moment that they
// are established until they go, and knows of an object only the part that the
// contract defines. Because it knows only a part it never updates an object as
// a whole: every write is a patch or an apply.
package contract

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Managed is the part of a managed resource that the contract defines.
type Managed struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   v1alpha1.ManagedSpec   `json:"spec"`
	Status v1alpha1.ManagedStatus `json:"status,omitempty"`
}

// ManagedList is a list of managed resources.
type ManagedList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Managed `json:"items"`
}

// FromUnstructured returns the part of u that the contract defines.
func FromUnstructured(u *unstructured.Unstructured) (*Managed, error) {
	m := &Managed{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, m); err != nil {
		return nil, fmt.Errorf("reading %s %s as a managed resource: %w", u.GetKind(), u.GetName(), err)
	}
	return m, nil
}

// Condition returns the condition of type typ, or one of status Unknown.
func (m *Managed) Condition(typ string) metav1.Condition {
	if c := meta.FindStatusCondition(m.Status.Conditions, typ); c != nil {
		return *c
	}
	return metav1.Condition{Type: typ, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonPending}
}

// Ready reports whether m can be used as its spec is now.
func (m *Managed) Ready() bool {
	return m.Condition(v1alpha1.ConditionReady).Status == metav1.ConditionTrue
}

// Deleting reports whether m is on its way out.
func (m *Managed) Deleting() bool { return m.DeletionTimestamp != nil }

// BoundTo reports whether m is there and belongs to the claim of this uid.
func (m *Managed) BoundTo(uid types.UID) bool {
	return m != nil && uid != "" && m.Spec.ClaimRef != nil && m.Spec.ClaimRef.UID == string(uid)
}

// Owns reports whether a connection secret is m's own: by the owner reference, or
// after a restore from backup, which changes uids, by the owner id that m kept. The
// reference in m's status alone could be of any secret.
func (m *Managed) Owns(secret metav1.Object) bool {
	if owner := metav1.GetControllerOf(secret); owner != nil && owner.UID == m.UID {
		return true
	}
	id := m.Annotations[v1alpha1.AnnotationOwnerID]
	return id != "" && secret.GetAnnotations()[v1alpha1.AnnotationOwnerID] == id
}

// ExternalName returns the cloud's name of m; empty while it has none.
func (m *Managed) ExternalName() string { return m.Annotations[v1alpha1.AnnotationExternalName] }

// DeepCopyObject implements runtime.Object.
func (m *Managed) DeepCopyObject() runtime.Object {
	out := &Managed{TypeMeta: m.TypeMeta}
	m.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	m.Spec.DeepCopyInto(&out.Spec)
	m.Status.DeepCopyInto(&out.Status)
	return out
}

// DeepCopyObject implements runtime.Object.
func (l *ManagedList) DeepCopyObject() runtime.Object {
	out := &ManagedList{TypeMeta: l.TypeMeta, Items: make([]Managed, len(l.Items))}
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	for i := range l.Items {
		out.Items[i] = *l.Items[i].DeepCopyObject().(*Managed) //nolint:errcheck,forcetypeassert // what the method above returns
	}
	return out
}
