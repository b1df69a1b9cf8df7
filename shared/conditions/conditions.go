// SPDX-License-Identifier: Apache-2.0

// Package conditions turns what a pass has to say into the conditions that people
// and kstatus read, the same way for every kind.
package conditions

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// maxMessage bounds a message, in bytes; the API allows 32 KiB, and nobody reads
// that much.
const maxMessage = 1024

// Word is what a condition says.
type Word struct {
	Status          metav1.ConditionStatus
	Reason, Message string
}

// Verdict is what a pass has to say.
type Verdict struct {
	// Ready; nil where the pass saw nothing that Ready is about.
	Ready *Word
	// Synced is about the pass itself.
	Synced Word
	// Working: something is under way, or will be when an error is over.
	Working bool
	// Stalled: nothing goes on until somebody changes something.
	Stalled bool
}

// After returns what old becomes by a verdict over that generation: Ready and
// Synced first, Reconciling and Stalled only while they are True.
func After(old []metav1.Condition, v Verdict, generation int64, now time.Time) []metav1.Condition {
	out := slices.Clone(old)
	set := func(typ string, w Word) {
		meta.SetStatusCondition(&out, metav1.Condition{Type: typ, Status: w.Status, Reason: w.Reason, Message: Bounded(w.Message),
			ObservedGeneration: generation, LastTransitionTime: metav1.NewTime(now.Truncate(time.Second))})
	}
	if v.Ready != nil {
		set(v1alpha1.ConditionReady, *v.Ready)
	}
	set(v1alpha1.ConditionSynced, v.Synced)
	for typ, on := range map[string]bool{v1alpha1.ConditionReconciling: v.Working && !v.Stalled, v1alpha1.ConditionStalled: v.Stalled} {
		if on {
			set(typ, Word{metav1.ConditionTrue, v.Synced.Reason, v.Synced.Message})
		} else {
			meta.RemoveStatusCondition(&out, typ)
		}
	}
	Sort(out)
	return out
}

// Sort puts the conditions that people look at first.
func Sort(c []metav1.Condition) {
	slices.SortStableFunc(c, func(a, b metav1.Condition) int { return rank(a.Type) - rank(b.Type) })
}

// Common returns those of the four that every kind has.
func Common(c []metav1.Condition) []metav1.Condition {
	return slices.DeleteFunc(slices.Clone(c), func(c metav1.Condition) bool { return rank(c.Type) == len(order()) })
}

func rank(typ string) int {
	if i := slices.Index(order(), typ); i >= 0 {
		return i
	}
	return len(order())
}

func order() []string {
	return []string{v1alpha1.ConditionReady, v1alpha1.ConditionSynced, v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled}
}

// Bounded cuts a message to what a status takes.
func Bounded(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	return message[:maxMessage-3] + "..."
}

// Lasting is for how long Synced has been False.
func Lasting(c []metav1.Condition, now time.Time) time.Duration {
	synced := meta.FindStatusCondition(c, v1alpha1.ConditionSynced)
	if synced == nil || synced.Status != metav1.ConditionFalse {
		return 0
	}
	return now.Sub(synced.LastTransitionTime.Time)
}
