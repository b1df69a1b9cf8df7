// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/conditions"
)

// after returns what old becomes after a pass with outcome o over the given
// generation. Ready is about the resource, Synced about the pass: failing to look
// at a database does not make it unready.
func after(old []metav1.Condition, o outcome, generation int64, now time.Time) []metav1.Condition {
	cloudFailed := o.err == nil && o.stalled()
	v := conditions.Verdict{
		Synced:  word(o.err == nil && o.step != paused && !cloudFailed, o.sync()),
		Working: o.working(), Stalled: o.stalled(),
	}
	if speaksOfReady(o, meta.FindStatusCondition(old, v1alpha1.ConditionReady)) {
		v.Ready = new(word(o.ready(), o.state()))
	}
	return conditions.After(old, v, generation, now)
}

func word(on bool, w words) conditions.Word {
	if on {
		return conditions.Word{Status: metav1.ConditionTrue, Reason: w.reason, Message: w.message}
	}
	return conditions.Word{Status: metav1.ConditionFalse, Reason: w.reason, Message: w.message}
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
