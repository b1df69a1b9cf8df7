// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// tell records an event where the claim's Ready has another status or reason
// than it was last seen with.
func (r *Reconciler) tell(ctx context.Context, p *pass, v verdict) {
	was := meta.FindStatusCondition(p.told, v1alpha1.ConditionReady)
	is := meta.FindStatusCondition(p.status.Conditions, v1alpha1.ConditionReady)
	if was != nil && was.Status == is.Status && was.Reason == is.Reason {
		return
	}
	p.told = slices.Clone(p.status.Conditions)
	if namespace, err := r.namespace(ctx, p); err != nil || namespace.DeletionTimestamp != nil {
		return // where nothing new can be made, events can't either
	}
	typ := corev1.EventTypeNormal
	if v.actor != v1alpha1.ActorNone {
		typ = corev1.EventTypeWarning
	}
	r.Events.Eventf(p.claim, nil, typ, v.reason, "Reconcile", "%s", v.message)
}
