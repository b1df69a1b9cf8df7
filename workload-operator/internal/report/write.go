// SPDX-License-Identifier: Apache-2.0

// Package report tells people what came of a pass: one write of the status, one
// event for each transition.
package report

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// Write makes status, a pointer to what this operator writes of it, the status of
// o. It fails if o has changed since it was read, and else brings o's
// resourceVersion up to date.
func Write(ctx context.Context, kube client.Client, owner string, o client.Object, status any) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(status)
	if err != nil {
		return fmt.Errorf("converting the status: %w", err)
	}
	gvk, err := kube.GroupVersionKindFor(o)
	if err != nil {
		return fmt.Errorf("finding the kind: %w", err)
	}
	u := &unstructured.Unstructured{Object: map[string]any{"status": content}}
	u.SetGroupVersionKind(gvk)
	u.SetNamespace(o.GetNamespace())
	u.SetName(o.GetName())
	u.SetResourceVersion(o.GetResourceVersion())
	// Each field has one writer: nobody else's can be meant.
	if err := kube.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(owner), client.ForceOwnership); err != nil {
		return fmt.Errorf("writing the status: %w", err)
	}
	o.SetResourceVersion(u.GetResourceVersion())
	return nil
}

// Note writes a part of an application's status under a field manager of its own, for
// what is found beside the passes that write the rest. The write needs the application to
// be the same one, not to be as it was read. It returns the application as it is then; nil
// where it is gone, or another one by now.
func Note(ctx context.Context, kube client.Client, owner string, a *workload.KubernetesApplication, status *workload.KubernetesApplicationStatus) (client.Object, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(status)
	if err != nil {
		return nil, fmt.Errorf("converting the status: %w", err)
	}
	u := &unstructured.Unstructured{Object: map[string]any{"status": content}}
	u.SetGroupVersionKind(workload.GroupVersion.WithKind("KubernetesApplication"))
	u.SetNamespace(a.Namespace)
	u.SetName(a.Name)
	u.SetUID(a.UID)
	err = kube.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(owner), client.ForceOwnership)
	switch {
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		return nil, nil //nolint:nilnil // as the docstring says
	case err != nil:
		return nil, fmt.Errorf("writing the status: %w", err)
	}
	return u, nil
}

// Announce tells of conditions that have another status or reason than before: by
// an event on o, and a line in the log.
func Announce(ctx context.Context, recorder events.EventRecorder, o runtime.Object, before, now []metav1.Condition) {
	for _, typ := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
		was, is := meta.FindStatusCondition(before, typ), meta.FindStatusCondition(now, typ)
		if is == nil || was != nil && was.Status == is.Status && was.Reason == is.Reason {
			continue
		}
		log.FromContext(ctx).Info("transition", "condition", typ, "status", is.Status, "reason", is.Reason, "message", is.Message)
		Event(recorder, o, kindOf(is), is.Reason, is.Message)
	}
}

// kindOf makes a warning of what somebody can, or has to, do something about.
func kindOf(c *metav1.Condition) string {
	if c.Status == metav1.ConditionFalse && workload.ActorOf(c.Reason) != v1alpha1.ActorNone {
		return corev1.EventTypeWarning
	}
	return corev1.EventTypeNormal
}

// Event records one event; recorder may be nil.
func Event(recorder events.EventRecorder, o runtime.Object, kind, reason, message string) {
	if recorder == nil {
		return
	}
	if message == "" {
		message = reason
	}
	recorder.Eventf(o, nil, kind, reason, "Reconcile", "%s", message)
}
