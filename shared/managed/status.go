// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/metrics"
)

// conclude puts what a pass found into mr's status. No value in it is derived
// from the clock, but for the times of what happened: an unchanged pass changes
// nothing.
func (r *Reconciler[MR, Obs]) conclude(mr MR, o outcome, now time.Time) {
	_, status := mr.Managed()
	status.Conditions = after(status.Conditions, o, mr.GetGeneration(), now)
	status.ObservedGeneration = mr.GetGeneration()
	if asked := mr.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt]; asked != "" {
		status.LastHandledReconcileAt = asked
	}
	if o.rotation != "" {
		status.LastHandledRotationAt = o.rotation
	}
	status.ConnectionRevision = max(status.ConnectionRevision, o.revision)
	if o.seen == nil || !o.ours {
		return
	}
	status.Location, status.Offers, status.Reach, status.Drift = o.seen.Location, o.seen.Offers, o.seen.Reach, o.seen.Drift
	status.Network = o.seen.Network
	spec, _ := mr.Managed()
	if !o.ready() || spec.ObserveOnly() {
		return
	}
	r.publish(status, o)
	if status.FirstReadyTime == nil {
		status.FirstReadyTime = &metav1.Time{Time: now.Truncate(time.Second)}
	}
}

// publish tells clients how to connect. What was published stays while the
// resource is unavailable: it will be true again.
func (r *Reconciler[MR, Obs]) publish(status *v1alpha1.ManagedStatus, o outcome) {
	status.Connection = o.seen.Connection
	if o.secretName == "" {
		return
	}
	status.ConnectionRevision = max(status.ConnectionRevision, 1)
	status.ConnectionSecretRef = &v1alpha1.SecretReference{Namespace: r.env.ConnectionNamespace, Name: o.secretName}
}

// writeStatus writes mr's status if it differs from before's. The write fails
// if the object has changed since it was read.
func (r *Reconciler[MR, Obs]) writeStatus(ctx context.Context, before, mr MR) error {
	was, err := statusOf(before)
	if err != nil {
		return err
	}
	is, err := statusOf(mr)
	if err != nil {
		return err
	}
	if equality.Semantic.DeepEqual(was, is) {
		return nil
	}
	gvk, err := r.env.Kube.GroupVersionKindFor(mr)
	if err != nil {
		return fmt.Errorf("find the kind: %w", err)
	}
	u := &unstructured.Unstructured{Object: map[string]any{"status": is}}
	u.SetGroupVersionKind(gvk)
	u.SetName(mr.GetName())
	u.SetResourceVersion(mr.GetResourceVersion())
	return r.env.Kube.Status().Apply(ctx, client.ApplyConfigurationFromUnstructured(u), //nolint:wrapcheck // the only caller wraps it
		client.FieldOwner(r.env.Operator), client.ForceOwnership) // status has one writer: nobody else's field can be meant
}

func statusOf(mr Resource) (any, error) {
	u, err := runtime.DefaultUnstructuredConverter.ToUnstructured(mr)
	if err != nil {
		return nil, fmt.Errorf("convert status: %w", err)
	}
	return u["status"], nil
}

// report tells people and metrics about a transition, and nobody about a pass
// that changed nothing.
func (r *Reconciler[MR, Obs]) report(ctx context.Context, before, mr MR, o outcome, now time.Time) {
	kind := r.kindName()
	metrics.Pass(kind, o.result())
	if o.step == gone {
		r.log(ctx).Info("gone")
		return
	}
	_, was := before.Managed()
	_, is := mr.Managed()
	if was.FirstReadyTime == nil && is.FirstReadyTime != nil {
		metrics.FirstReady(kind, now.Sub(mr.GetCreationTimestamp().Time))
	}
	for _, typ := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced} {
		old, c := meta.FindStatusCondition(was.Conditions, typ), meta.FindStatusCondition(is.Conditions, typ)
		if c == nil || old != nil && old.Status == c.Status && old.Reason == c.Reason {
			continue
		}
		r.log(ctx).Info("transition", "condition", typ, "status", c.Status, "reason", c.Reason, "message", c.Message)
		r.event(mr, c, o)
	}
}
