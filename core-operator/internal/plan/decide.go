// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// mostExamples of rejected candidates are told.
const mostExamples = 20

// Plan decides where an application runs, with all its claims at once. It changes
// nothing: the application counts there as soon as it is placed.
func (s *State) Plan(w Workload, now time.Time) Decision {
	q := s.ask(&w, now)
	q.judge()
	q.weigh()
	best, total := q.best()
	d := Decision{Feasible: len(q.fit), Rejected: q.rejected(), Examples: q.examples()}
	if best != nil {
		d.Target, d.Pool = best.name, best.target.Pool
		d.Claims = q.choices(q.answer(best))
		d.Score, d.Terms = total.sum(), total.named()
	}
	return d
}

// Explain says of every candidate what Plan would think of it: first the one that
// Plan would choose, then the others that would do, best first, then those that
// would not, by name.
func (s *State) Explain(w Workload, now time.Time) []Verdict {
	q := s.ask(&w, now)
	q.judge()
	q.weigh()
	best, _ := q.best()
	var out []Verdict
	order := map[string]uint64{}
	for _, n := range q.order {
		site, v := q.sites[n], q.verdicts[n]
		switch v {
		case nobodysBusiness:
		case feasible:
			total := q.score(site)
			order[site.name] = q.lot(site)
			out = append(out, Verdict{Target: site.name, Score: total.sum(), Terms: total.named(), Claims: q.choices(q.answer(site))})
		default:
			out = append(out, Verdict{Target: site.name, Reason: v.reason(), Message: q.why(site, v)})
		}
	}
	slices.SortStableFunc(out, func(a, b Verdict) int {
		if best != nil && (a.Target == best.name) != (b.Target == best.name) {
			return before(a.Target == best.name)
		}
		if (a.Reason == "") != (b.Reason == "") {
			return before(a.Reason == "")
		}
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(order[b.Target], order[a.Target]), strings.Compare(a.Target, b.Target))
	})
	return out
}

// before is the order of two of which one comes first.
func before(is bool) int {
	if is {
		return -1
	}
	return 1
}

// best returns the site with the highest score, or the one that the application
// stays on; nil where none would do.
func (q *question) best() (*site, score) {
	if q.held != nil {
		return q.held, q.score(q.held)
	}
	var best *site
	var total score
	sum, most := int64(0), int64(math.MinInt64)
	for _, n := range q.fit {
		most = max(most, q.first(q.sites[n]))
	}
	for _, n := range q.fit {
		s := q.sites[n]
		if q.first(s) < most {
			continue // nothing can make up for that
		}
		one := q.score(s)
		if this := one.sum(); best == nil || this > sum || (this == sum && q.lot(s) > q.lot(best)) {
			best, total, sum = s, one, this
		}
	}
	return best, total
}

// first are the terms that outweigh all others together, so that only the sites with
// the highest need a score.
func (q *question) first(s *site) int64 {
	if s.target.Pool != "" {
		return q.answer(s).near - poolCost
	}
	return q.answer(s).near
}

// lot decides between equals, differently for each application, so that those that
// are alike do not all go to the same target.
func (q *question) lot(s *site) uint64 { return mix(hash(string(q.w.UID)), s.hash) }

// rejected returns the counts by reason.
func (q *question) rejected() []workload.Rejection {
	var out []workload.Rejection
	for v := feasible + 1; v < reasons; v++ {
		if q.counts[v] > 0 {
			out = append(out, workload.Rejection{Reason: v.reason(), Count: q.counts[v]})
		}
	}
	return out
}

// examples tells of some that were rejected: of each reason in turn, by name.
func (q *question) examples() []string {
	var out []string
	for turn, more := 0, true; more; turn++ {
		more = false
		for v := feasible + 1; v < reasons && len(out) < mostExamples; v++ {
			if turn < len(q.some[v]) {
				s := q.sites[q.some[v][turn]]
				out = append(out, s.name+": "+q.why(s, v))
				more = true
			}
		}
	}
	return out
}
