// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// FieldManager is the name under which fields of objects on targets are owned.
const FieldManager = "crossplane-workload"

// AnnotationKeep on an object, with the value Keep, says that the object stays when
// its application goes. The annotation is Helm's, and charts have it.
const (
	AnnotationKeep = "helm.sh/resource-policy"
	Keep           = "keep"
)

// Key says which object is meant.
type Key struct {
	schema.GroupVersionKind
	Namespace, Name string
}

// KeyOf returns the key of an object.
func KeyOf(u *unstructured.Unstructured) Key {
	return Key{GroupVersionKind: u.GroupVersionKind(), Namespace: u.GetNamespace(), Name: u.GetName()}
}

// Object is what is kept of an object on a target.
type Object struct {
	metav1.ObjectMeta

	// Owned is a digest of the fields that we own: it changes whenever somebody
	// takes one from us, which is the only way to change it.
	Owned string
	// State by kstatus, and why.
	State   status.Status
	Message string
	// Stays when the application goes.
	Stays bool
	// Replicas that are ready and that are wanted, for example 2/3.
	Replicas string
	// Address of a Service or an Ingress.
	Address string
}

// ApplicationUID is whose the object is; empty if it is no application's.
func (o *Object) ApplicationUID() string { return o.Labels[v1alpha1.LabelApplicationUID] }

// Reduce keeps of an object what matters here.
func Reduce(u *unstructured.Unstructured) *Object {
	o := &Object{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: u.GetNamespace(), Name: u.GetName(), UID: u.GetUID(), ResourceVersion: u.GetResourceVersion(),
			DeletionTimestamp: u.GetDeletionTimestamp(), Labels: map[string]string{},
		},
		Owned: owned(u), Replicas: replicas(u), Address: address(u), State: status.UnknownStatus,
		Stays: u.GetAnnotations()[AnnotationKeep] == Keep,
	}
	for _, label := range []string{v1alpha1.LabelApplicationUID, v1alpha1.LabelHub, v1alpha1.LabelTenant} {
		if value, ok := u.GetLabels()[label]; ok {
			o.Labels[label] = value
		}
	}
	if result, err := status.Compute(u); err == nil {
		o.State, o.Message = result.Status, result.Message
	}
	return o
}

// owned digests the list of the fields that we own. The API server keeps it, and
// takes a field off it when somebody else sets another value.
func owned(u *unstructured.Unstructured) string {
	for _, entry := range u.GetManagedFields() {
		if entry.Manager == FieldManager && entry.Operation == metav1.ManagedFieldsOperationApply && entry.FieldsV1 != nil && entry.Subresource == "" {
			return Digest(entry.FieldsV1.GetRawBytes())
		}
	}
	return ""
}

// Digest returns sixteen characters that differ wherever content does.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

func replicas(u *unstructured.Unstructured) string {
	want, found, err := unstructured.NestedInt64(u.Object, "spec", "replicas")
	if err == nil && found {
		ready, _, _ := unstructured.NestedInt64(u.Object, "status", "readyReplicas")
		return fmt.Sprintf("%d/%d", ready, want)
	}
	want, found, err = unstructured.NestedInt64(u.Object, "status", "desiredNumberScheduled") // a DaemonSet's
	if err == nil && found {
		ready, _, _ := unstructured.NestedInt64(u.Object, "status", "numberReady")
		return fmt.Sprintf("%d/%d", ready, want)
	}
	return ""
}

// address returns where the outside reaches a Service or an Ingress.
func address(u *unstructured.Unstructured) string {
	points, _, err := unstructured.NestedSlice(u.Object, "status", "loadBalancer", "ingress")
	if err != nil || len(points) == 0 {
		return ""
	}
	point, ok := points[0].(map[string]any)
	if !ok {
		return ""
	}
	for _, field := range []string{"hostname", "ip"} {
		if text, ok := point[field].(string); ok && text != "" {
			return text
		}
	}
	return ""
}
