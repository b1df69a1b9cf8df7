// SPDX-License-Identifier: Apache-2.0

package availability

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// record writes what was found, if that is new, and tells of it.
func (r *reconciler) record(ctx context.Context, c *core.ResourceClass, valid, available finding) error {
	before := c.DeepCopy()
	ready := readiness(valid, available)
	c.Status.ObservedGeneration = c.Generation
	c.Status.CurrentRevision = class.RevisionName(c)
	c.Status.Conditions = conditions(before.Status.Conditions, ready, valid, available, c.Generation, r.Clock.Now())
	if equality.Semantic.DeepEqual(before.Status, c.Status) {
		return nil
	}
	lock := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := r.Kube.Status().Patch(ctx, c.DeepCopy(), lock, client.FieldOwner(fieldManager)); err != nil {
		return fmt.Errorf("writing the status of class %s: %w", c.Name, err)
	}
	r.tell(ctx, c, meta.FindStatusCondition(before.Status.Conditions, v1alpha1.ConditionReady), ready)
	return nil
}

// readiness is made of both findings; of two that are not good, it is about the
// one that has to be put right first.
func readiness(valid, available finding) finding {
	switch {
	case valid.status == metav1.ConditionFalse:
		return valid
	case available.status != metav1.ConditionTrue:
		return available
	case valid.status != metav1.ConditionTrue:
		return valid
	default:
		return finding{metav1.ConditionTrue, core.ReasonAvailable, "Claims can use this class"}
	}
}

// conditions returns what old becomes. A class that is invalid waits for its
// administrator: Stalled. One that is not available waits for an operator, and
// becomes ready by itself: Reconciling.
func conditions(old []metav1.Condition, ready, valid, available finding, generation int64, now time.Time) []metav1.Condition {
	out := slices.Clone(old)
	set := func(typ string, f finding) {
		meta.SetStatusCondition(&out, metav1.Condition{
			Type: typ, Status: f.status, Reason: f.reason, Message: f.message, ObservedGeneration: generation,
			LastTransitionTime: metav1.NewTime(now.Truncate(time.Second)),
		})
	}
	mark := func(typ string, on bool) {
		if on {
			set(typ, finding{metav1.ConditionTrue, ready.reason, ready.message})
		} else {
			meta.RemoveStatusCondition(&out, typ)
		}
	}
	set(v1alpha1.ConditionReady, ready)
	set(core.ConditionValid, valid)
	set(core.ConditionAvailable, available)
	stalled := valid.status == metav1.ConditionFalse
	mark(v1alpha1.ConditionReconciling, !stalled && ready.status != metav1.ConditionTrue)
	mark(v1alpha1.ConditionStalled, stalled)
	order := []string{
		v1alpha1.ConditionReady, core.ConditionValid, core.ConditionAvailable, v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled,
	}
	slices.SortStableFunc(out, func(a, b metav1.Condition) int {
		return slices.Index(order, a.Type) - slices.Index(order, b.Type)
	})
	return out
}

// tell logs a transition and records an event on the class.
func (r *reconciler) tell(ctx context.Context, c *core.ResourceClass, before *metav1.Condition, ready finding) {
	if before != nil && before.Status == ready.status && before.Reason == ready.reason {
		return
	}
	log.FromContext(ctx).Info("class has changed", "ready", ready.status, "reason", ready.reason, "message", ready.message)
	typ := corev1.EventTypeWarning
	if ready.status == metav1.ConditionTrue {
		typ = corev1.EventTypeNormal
	}
	r.Events.Eventf(c, nil, typ, ready.reason, "Check", "%s", ready.message)
}
