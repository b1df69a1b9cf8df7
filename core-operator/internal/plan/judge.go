// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"math"
	"slices"
	"time"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// verdict on a site, in the order of the reasons' names.
type verdict uint8

const (
	feasible verdict = iota
	affinity
	antiAffinity
	capacity
	dataElsewhere
	noClass
	notReady
	optionsExhausted
	otherTarget
	provider
	wrongRegion
	selector
	skewed
	taint
	unreachable
	unschedulable
	zone
	reasons
	// nobodysBusiness: not a candidate, and not counted.
	nobodysBusiness
)

func (v verdict) reason() string {
	return [reasons]string{
		affinity: ReasonAffinity, antiAffinity: ReasonAntiAffinity, capacity: ReasonCapacity, dataElsewhere: ReasonDataElsewhere,
		noClass: ReasonNoClass, notReady: ReasonNotReady, optionsExhausted: ReasonOptionsExhausted, otherTarget: ReasonOtherTarget,
		provider: ReasonProvider, wrongRegion: ReasonRegion, selector: ReasonSelector, skewed: ReasonSpread, taint: ReasonTaint,
		unreachable: ReasonUnreachable, unschedulable: ReasonUnschedulable, zone: ReasonZone,
	}[v]
}

// judge finds a verdict on each site: first by what is so for good, which also says
// which places count for an even spread, then by what passes.
func (q *question) judge() {
	for _, n := range q.order {
		s := q.sites[n]
		q.verdicts[n] = nobodysBusiness
		if !s.known || !q.admits(s.audience) {
			continue
		}
		v := q.lasting(s)
		q.verdicts[n] = v
		if v == feasible {
			q.settle(s)
		}
	}
	current := int32(-1)
	if q.only == "" && q.w.Current != "" {
		current = q.find(q.w.Current)
	}
	for _, n := range q.order {
		v := q.verdicts[n]
		if v == nobodysBusiness {
			continue
		}
		switch {
		case n == current:
			if v = q.staying(q.sites[n]); v == feasible {
				q.held = q.sites[n]
			}
		case v == feasible && q.only == "":
			v = q.passing(q.sites[n])
		}
		q.record(n, v)
	}
}

// record notes the verdict on a site.
func (q *question) record(n int32, v verdict) {
	q.verdicts[n] = v
	q.counts[v]++
	switch {
	case v == feasible:
		q.fit = append(q.fit, n)
	case len(q.some[v]) < mostExamples:
		q.some[v] = append(q.some[v], n)
	}
}

// admits reports whether an audience has the application's namespace in it.
func (q *question) admits(number int32) bool {
	if q.heard[number] == unheard {
		q.heard[number] = refused
		if q.targets.admits[number].admits(q.w.Name.Namespace, q.w.NamespaceLabels) {
			q.heard[number] = admitted
		}
	}
	return q.heard[number] == admitted
}

// lasting judges by what somebody has to change: rules of the developer, of the
// administrator, and claims.
func (q *question) lasting(s *site) verdict {
	if q.only != "" {
		if s.name != q.only {
			return otherTarget
		}
		return q.served(s, q.answer(s))
	}
	a := q.answer(s)
	if v := q.wanted(s, a); v != feasible {
		return v
	}
	switch {
	case s.closed:
		return unschedulable
	case s.tainted && q.repelling(s, workload.TaintNoSchedule, workload.TaintNoExecute) != nil:
		return taint
	case !s.up && q.lost(s):
		return unreachable
	}
	return q.served(s, a)
}

// staying judges the target that the application is on: whether it has to leave.
func (q *question) staying(s *site) verdict {
	a := q.answer(s)
	if v := q.wanted(s, a); v != feasible {
		return v
	}
	switch {
	case q.repelling(s, workload.TaintNoExecute) != nil:
		return taint
	case q.lost(s):
		return unreachable
	}
	return q.served(s, a)
}

// wanted judges by what the developer wants of a target.
func (q *question) wanted(s *site, a *answer) verdict {
	if a.where != feasible {
		return a.where
	}
	p := q.placement
	switch {
	case len(p.Zones) > 0 && !slices.ContainsFunc(p.Zones, func(z string) bool { return slices.Contains(s.target.Zones, z) }):
		return zone
	case q.broken != nil:
		return selector
	case q.selector != nil && !q.selector.Matches(labelsOf(s)):
		return selector
	}
	return feasible
}

// served judges by the claims.
func (q *question) served(s *site, a *answer) verdict {
	if q.bound && q.cutOff(s) >= 0 {
		return dataElsewhere
	}
	return a.served
}

// passing judges by how it is just now.
func (q *question) passing(s *site) verdict {
	if !s.up {
		if s.target.UnreachableSince != nil {
			return unreachable
		}
		return notReady
	}
	if q.unmet(s) != nil {
		return affinity
	}
	if q.disliked(s) != nil || q.unwelcome(s) {
		return antiAffinity
	}
	if q.uneven(s) != nil {
		return skewed
	}
	if q.lacking(s) != nil {
		return capacity
	}
	return feasible
}

// repelling returns the first taint of one of these effects that the application
// does not tolerate, or nil.
func (q *question) repelling(s *site, effects ...workload.TaintEffect) *workload.Taint {
	for i := range s.target.Taints {
		t := &s.target.Taints[i]
		if slices.Contains(effects, t.Effect) && !q.tolerates(t) {
			return t
		}
	}
	return nil
}

// tolerates reports whether the application puts up with a taint, by now.
func (q *question) tolerates(t *workload.Taint) bool {
	for i := range q.placement.Tolerations {
		toleration := &q.placement.Tolerations[i]
		if !covers(toleration, t) {
			continue
		}
		if toleration.TolerationSeconds == nil || t.Effect != workload.TaintNoExecute {
			return true
		}
		if t.TimeAdded != nil && q.now.Before(t.TimeAdded.Add(seconds(*toleration.TolerationSeconds))) {
			return true
		}
	}
	return false
}

// covers reports whether a toleration is about a taint.
func covers(o *workload.Toleration, t *workload.Taint) bool {
	return (o.Effect == "" || o.Effect == t.Effect) && (o.Key == "" || o.Key == t.Key) &&
		(o.Operator == workload.TolerationExists || (o.Key != "" && o.Value == t.Value))
}

// lost reports whether a target has not answered for longer than the application
// tolerates.
func (q *question) lost(s *site) bool {
	since := s.target.UnreachableSince
	if since == nil {
		return false
	}
	t := unreachableTaint(*since)
	for i := range q.placement.Tolerations {
		if covers(&q.placement.Tolerations[i], &t) {
			return !q.tolerates(&t)
		}
	}
	return !q.now.Before(since.Add(workload.UnreachableSeconds * time.Second))
}

// lacking returns the first request that is more than what is left, or nil.
func (q *question) lacking(s *site) *request {
	if !s.limited {
		return nil
	}
	for i := range q.requests {
		if r := &q.requests[i]; r.amount > 0 && r.amount > q.left(s, r.resource) {
			return r
		}
	}
	return nil
}

// left is what there is of a resource for this application: what it takes by now is
// its own.
func (q *question) left(s *site, resource int32) int64 {
	if q.self == nil || q.self.site != s.number {
		return s.left.of(resource)
	}
	used := s.used.of(resource)
	for _, r := range q.self.takes {
		if r.resource == resource && used < math.MaxInt64 {
			used -= r.amount
		}
	}
	return minus(minus(s.offered.of(resource), s.foreign.of(resource)), used)
}

// seconds as a duration; more than it can hold is the longest.
func seconds(n int64) time.Duration {
	return time.Duration(min(n, math.MaxInt64/int64(time.Second))) * time.Second
}
