// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/conditions"
)

// maxMessage bounds a condition's message, in bytes.
const maxMessage = 2048

// after returns what old becomes after a pass with verdict v over the
// given generation, where synced is what keeps the spec from being carried out.
// Ready is about what the claim gives, Synced about what it asks for.
func after(old []metav1.Condition, v, synced verdict, generation int64, now metav1.Time) []metav1.Condition {
	out := slices.Clone(old)
	set := func(typ string, on bool, reason, message string) {
		c := metav1.Condition{
			Type: typ, Status: metav1.ConditionFalse, Reason: reason, Message: message,
			ObservedGeneration: generation, LastTransitionTime: now,
		}
		if on {
			c.Status = metav1.ConditionTrue
		}
		meta.SetStatusCondition(&out, c)
	}
	set(v1alpha1.ConditionReady, v.ready, v.reason, v.message)
	trouble := synced
	if !trouble.final() && v.stalled {
		trouble = v
	}
	if trouble.final() {
		set(v1alpha1.ConditionSynced, false, trouble.reason, trouble.message)
	} else {
		set(v1alpha1.ConditionSynced, true, claimapi.ReasonApplied, "")
	}
	stalled := trouble.stalled
	working := !stalled && (!v.ready || trouble.final() || v.working)
	for typ, on := range map[string]bool{v1alpha1.ConditionReconciling: working, v1alpha1.ConditionStalled: stalled} {
		switch {
		case !on:
			meta.RemoveStatusCondition(&out, typ)
		case trouble.final():
			set(typ, true, trouble.reason, trouble.message)
		case v.ready:
			set(typ, true, v1alpha1.ReasonUpdating, resourceCause(v1alpha1.ReasonUpdating).says+".")
		default:
			set(typ, true, v.reason, v.message)
		}
	}
	conditions.Sort(out)
	return out
}
