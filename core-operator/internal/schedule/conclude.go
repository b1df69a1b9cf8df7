// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// maxMessage bounds a condition's message, in bytes.
const maxMessage = 2048

// job is a decision to be written.
type job struct {
	// application as it was when it was decided on: the write fails where it has
	// changed since.
	application *contract.Application
	// assumed is the application as it will be.
	assumed   *contract.Application
	placement *workload.PlacementStatus
	condition metav1.Condition
	// moved says from where to where, and why; empty where it did not move.
	moved string
}

// conclude counts a decision, and returns what is to be written of it; nil where all
// of it is on record.
func (s *Scheduler) conclude(a *contract.Application, o outcome) *job {
	was := a.Status.Placement
	if was == nil {
		was = &workload.PlacementStatus{}
	}
	is := s.next(a, was, o)
	before := meta.FindStatusCondition(a.Status.Conditions, workload.ConditionScheduled)
	condition := scheduled(a, before, o, s.Clock.Now())
	if before != nil && unchanged(was, is, before, &condition) {
		return nil
	}
	j := &job{application: a, placement: is, condition: condition, assumed: assumed(a, is, condition)}
	if o.placed() {
		s.state.Place(o.workload, is.Target, nil)
		if was.Target != "" && was.Target != is.Target {
			j.moved = fmt.Sprintf("From KubernetesTarget %s to %s: %s", was.Target, is.Target, o.from)
		}
	}
	return j
}

// next returns what becomes of the placement. Where nothing was found it says why
// not, and what was decided before stays.
func (s *Scheduler) next(a *contract.Application, was *workload.PlacementStatus, o outcome) *workload.PlacementStatus {
	is := was.DeepCopy()
	is.ObservedGeneration, is.Nominated = a.Generation, o.nominated
	if o.decision == nil {
		return is
	}
	if !o.placed() {
		is.Rejected, is.Examples, is.Feasible = o.decision.Rejected, o.decision.Examples, 0
		return is
	}
	claims := chosen(o)
	kept := was.Target == o.decision.Target && sameClaims(was.Claims, claims)
	if kept && sameRequests(was.Requests, o.workload.Requests) && isScheduled(a) {
		return is
	}
	location := s.targets[o.decision.Target].Location
	is = &workload.PlacementStatus{
		ObservedGeneration: a.Generation, Attempt: was.Attempt, Target: o.decision.Target, Location: &location,
		Claims: claims, Requests: o.workload.Requests, Score: o.decision.Score, Terms: o.decision.Terms,
		Feasible: int32(o.decision.Feasible), Rejected: o.decision.Rejected, Examples: o.decision.Examples, //nolint:gosec // targets are fewer
	}
	if kept {
		is.Claims = was.Claims
	} else {
		is.Attempt++
	}
	return is
}

// chosen returns what was decided for each claim.
func chosen(o outcome) []workload.ClaimPlacement {
	var out []workload.ClaimPlacement
	for i, c := range o.workload.Claims {
		entry := workload.ClaimPlacement{UID: c.UID, Group: c.Group, Kind: c.Kind, Name: c.Name}
		if i < len(o.decision.Claims) {
			choice := o.decision.Claims[i]
			entry.Class = choice.Class
			if choice.Location.Provider != "" || choice.Location.Region != "" {
				entry.Location = &choice.Location
			}
		}
		out = append(out, entry)
	}
	return out
}

// sameClaims reports whether claims are, or will be, where they were decided to be.
// One that has come to be there has no class to be decided any more.
func sameClaims(was, is []workload.ClaimPlacement) bool {
	return slices.EqualFunc(was, is, func(a, b workload.ClaimPlacement) bool {
		at := a.Location == nil && b.Location == nil || a.Location != nil && b.Location != nil &&
			a.Location.Provider == b.Location.Provider && a.Location.Region == b.Location.Region
		return a.UID == b.UID && at && (a.Class == b.Class || b.Class == "")
	})
}

func sameRequests(a, b map[string]resource.Quantity) bool {
	return maps.EqualFunc(a, b, func(a, b resource.Quantity) bool { return a.Cmp(b) == 0 })
}

func isScheduled(a *contract.Application) bool {
	return meta.IsStatusConditionTrue(a.Status.Conditions, workload.ConditionScheduled)
}

// scheduled returns the condition that says what was decided.
func scheduled(a *contract.Application, before *metav1.Condition, o outcome, now time.Time) metav1.Condition {
	c := metav1.Condition{
		Type: workload.ConditionScheduled, Status: metav1.ConditionFalse, Reason: o.reason, Message: sentence(o.message),
		ObservedGeneration: a.Generation, LastTransitionTime: metav1.NewTime(now.Truncate(time.Second)),
	}
	if o.placed() {
		c.Status = metav1.ConditionTrue
	}
	if before != nil && before.Status == c.Status {
		c.LastTransitionTime = before.LastTransitionTime
	}
	return c
}

func sentence(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
	if len(text) > maxMessage {
		text = text[:maxMessage-3] + "..."
	}
	return text
}

// unchanged reports whether there is nothing to write. What is left somewhere, and
// how the score of what stays would be now, is no news.
func unchanged(was, is *workload.PlacementStatus, before, after *metav1.Condition) bool {
	told := before.Status == after.Status && before.Reason == after.Reason && before.ObservedGeneration == after.ObservedGeneration
	switch after.Reason {
	case workload.ReasonClaimUnsettled, workload.ReasonPlacementInvalid:
		told = told && before.Message == after.Message
	}
	nominated := was.Nominated == nil && is.Nominated == nil || was.Nominated != nil && is.Nominated != nil && *was.Nominated == *is.Nominated
	return told && nominated && was.ObservedGeneration == is.ObservedGeneration && was.Target == is.Target && was.Attempt == is.Attempt &&
		sameClaims(was.Claims, is.Claims) && sameRequests(was.Requests, is.Requests) && slices.Equal(was.Rejected, is.Rejected)
}

// assumed returns an application as it will be with a decision.
func assumed(a *contract.Application, is *workload.PlacementStatus, condition metav1.Condition) *contract.Application {
	out := *a
	out.Status.Placement = is
	out.Status.Conditions = slices.Clone(a.Status.Conditions)
	meta.SetStatusCondition(&out.Status.Conditions, condition)
	return &out
}
