// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"math"
	"time"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// The terms of a score, in their order.
const (
	termColocation = iota
	termAffinity
	termTaint
	termSpread
	termClasses
	termCost
	termReady
	termFree
	termPool
	terms
)

func termName(term int) string {
	return [terms]string{
		termColocation: "colocation", termAffinity: "affinity", termTaint: "taint", termSpread: "spread",
		termClasses: "classes", termCost: "cost", termReady: "ready", termFree: "free", termPool: "pool",
	}[term]
}

// What the terms are made of; docs/placement.md has the table of them. All that is
// below co-location adds up to less than one claim's step from one degree of
// nearness to the next: what belongs together is together, and the rest decides
// among places where it is equally near.
const (
	nearerBy = 5000 // for each claim and degree: 0, 5,000 or 10,000

	// affinity is the sum of weights, of 8 terms of up to 100 each way: -800 to 800.

	taintEach, taintMost = 100, 300 // below 0

	spreadKept  = 100 // below 0: with the skew at its limit
	spreadOver  = 25  // below 0: for each application beyond that
	spreadWorst = 200 // below 0: for each of up to 4 rules

	classesMost = 400 // below 0: for priorities below the highest that there is
	costMost    = 500 // below 0
	readyMost   = 300 // below 0
	readyEach   = 10 * time.Second
	freeMost    = 200

	poolCost = 1_000_000 // more than 32 claims can make up for
)

// score is what is to be said for a candidate, by terms.
type score [terms]int64

func (s *score) sum() int64 {
	sum := int64(0)
	for _, v := range s {
		sum += v
	}
	return sum
}

// named returns the terms that are not 0.
func (s *score) named() []workload.ScoreTerm {
	var out []workload.ScoreTerm
	for i, v := range s {
		if v != 0 {
			out = append(out, workload.ScoreTerm{Name: termName(i), Value: v})
		}
	}
	return out
}

// value adds an option to what the claims add to a region's scores.
func (q *question) value(a *answer, claim int, p pick) {
	a.near += nearerBy * int64(p.nearness)
	if p.option < 0 {
		return
	}
	o, worst := &q.w.Claims[claim].Options[p.option], &q.worst[claim]
	a.rank -= int64(worst.rank) - int64(o.Priority)
	if o.HourlyCost != nil {
		a.cost += price(*o.HourlyCost)
	} else {
		a.cost += worst.cost
	}
	wait := worst.wait
	if o.ReadyIn != nil {
		wait = *o.ReadyIn
	}
	a.wait = max(a.wait, wait)
}

// weigh finds what all that would do cost. A target whose price nobody entered
// counts as the dearest.
func (q *question) weigh() {
	dearest := 0.0
	for _, n := range q.fit {
		if cost := q.sites[n].cost; cost >= 0 {
			dearest, q.priced = max(dearest, cost), true
		}
	}
	q.cheapest = math.Inf(1)
	if !q.priced {
		return
	}
	for _, n := range q.fit {
		s := q.sites[n]
		cost := s.cost
		if cost < 0 {
			cost = dearest
		}
		q.costs[n] = cost + q.answer(s).cost
		q.cheapest = min(q.cheapest, q.costs[n])
	}
}

// score scores a site that would do.
func (q *question) score(s *site) score {
	a := q.answer(s)
	out := score{
		termColocation: a.near,
		termAffinity:   q.wished(s),
		termTaint:      q.avoided(s),
		termSpread:     q.evenness(s),
		termClasses:    max(a.rank, -classesMost),
		termFree:       q.roominess(s),
	}
	if cost := q.costs[s.number]; cost > 0 {
		out[termCost] = -int64(costMost * (1 - q.cheapest/cost))
	}
	out[termReady] = -min(int64(max(a.wait, s.target.ReadyIn, 0)/readyEach), readyMost)
	if s.target.Pool != "" {
		out[termPool] = -poolCost
	}
	return out
}

// wished is the sum of the weights of preferred rules that a site meets.
func (q *question) wished(s *site) int64 {
	sum := int64(0)
	for i := range q.preferred {
		if r := &q.preferred[i]; r.counts[s.in(r.level)] > 0 {
			sum += r.weight
		}
	}
	return sum
}

// avoided counts the taints that say that others are preferred.
func (q *question) avoided(s *site) int64 {
	if !s.tainted {
		return 0
	}
	sum := int64(0)
	for i := range s.target.Taints {
		if t := &s.target.Taints[i]; t.Effect == workload.TaintPreferNoSchedule && !q.tolerates(t) {
			sum -= taintEach
		}
	}
	return max(sum, -taintMost)
}

// evenness says how even the numbers would be.
func (q *question) evenness(s *site) int64 {
	sum := int64(0)
	for i := range q.spreads {
		p := &q.spreads[i]
		skew, most := int64(max(p.skew(s), 0)), int64(p.maxSkew)
		if skew <= most {
			sum -= spreadKept * skew / most
		} else {
			sum -= min(spreadKept+spreadOver*(skew-most), spreadWorst)
		}
	}
	return sum
}

// roominess is the share that would be left of the resource of which least would
// be left, among those that are asked for; where nothing is, of cpu and memory. What
// is not known counts as half.
func (q *question) roominess(s *site) int64 {
	if !s.limited {
		return freeMost / 2
	}
	share, found := 1.0, false
	asked := q.requests
	if len(asked) == 0 {
		asked = q.ordinary[:]
	}
	for i := range asked {
		if offered := s.offered.of(asked[i].resource); offered > 0 {
			share, found = min(share, float64(q.left(s, asked[i].resource)-asked[i].amount)/float64(offered)), true
		}
	}
	if !found {
		return freeMost / 2
	}
	return int64(freeMost * max(share, 0))
}
