// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// maxMessage bounds a condition's message, in bytes; the API allows 32 KiB, and
// nobody reads that much.
const maxMessage = 1024

// conditions returns what old becomes after a pass with outcome o over the
// given generation. Ready is about the resource, Synced about the pass: failing
// to look at a database does not make it unready.
func conditions(old []metav1.Condition, o outcome, generation int64, now time.Time) []metav1.Condition {
	out := slices.Clone(old)
	set := func(typ string, on bool, w words) {
		c := metav1.Condition{Type: typ, Status: metav1.ConditionFalse, Reason: w.reason, Message: bounded(w.message),
			ObservedGeneration: generation, LastTransitionTime: metav1.NewTime(now.Truncate(time.Second))}
		if on {
			c.Status = metav1.ConditionTrue
		}
		meta.SetStatusCondition(&out, c)
	}
	if speaksOfReady(o, meta.FindStatusCondition(old, v1alpha1.ConditionReady)) {
		set(v1alpha1.ConditionReady, o.ready(), o.state())
	}
	cloudFailed := o.err == nil && o.stalled()
	set(v1alpha1.ConditionSynced, o.err == nil && o.step != paused && !cloudFailed, o.sync())
	for typ, on := range map[string]bool{v1alpha1.ConditionReconciling: o.working(), v1alpha1.ConditionStalled: o.stalled()} {
		if on {
			set(typ, true, o.sync())
		} else {
			meta.RemoveStatusCondition(&out, typ)
		}
	}
	slices.SortStableFunc(out, func(a, b metav1.Condition) int { return rank(a.Type) - rank(b.Type) })
	return out
}

// speaksOfReady reports whether a pass has something to say about Ready. One
// that saw nothing keeps what was seen before, and gives its own trouble as the
// reason only where nothing was ever seen.
func speaksOfReady(o outcome, old *metav1.Condition) bool {
	switch {
	case old == nil, o.seen != nil, o.step == deleting, o.step == creating:
		return true
	case o.err != nil && o.err.Reason == v1alpha1.ReasonResourceVanished:
		return true
	default:
		return o.err != nil && !wasSeen(old)
	}
}

// wasSeen reports whether a Ready condition stems from a look at the resource.
func wasSeen(ready *metav1.Condition) bool {
	switch ready.Reason {
	case v1alpha1.ReasonAvailable, v1alpha1.ReasonUnavailable, v1alpha1.ReasonStopped, v1alpha1.ReasonCloudFailed,
		v1alpha1.ReasonUnknownState, v1alpha1.ReasonDeleting, v1alpha1.ReasonResourceVanished:
		return true
	default:
		return ready.Status == metav1.ConditionTrue
	}
}

// rank puts the conditions that people look at first.
func rank(typ string) int {
	order := []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced, v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}
	if i := slices.Index(order, typ); i >= 0 {
		return i
	}
	return len(order)
}

func bounded(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	return message[:maxMessage-3] + "..."
}
