// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"math"
	"time"

	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// set is a target with one option for each claim: a whole decision.
type set struct {
	target *plan.Target
	picks  []pickable
}

// sets are all whole decisions that no rule forbids.
func (w *world) sets(app *plan.Workload) []set {
	var out []set
	for i := range w.targets {
		if t := &w.targets[i]; w.verdict(app, t) == "" {
			out = append(out, combinations(app, t, nil)...)
		}
	}
	return out
}

func combinations(app *plan.Workload, t *plan.Target, picks []pickable) []set {
	if len(picks) == len(app.Claims) {
		return []set{{target: t, picks: append([]pickable{}, picks...)}}
	}
	c := &app.Claims[len(picks)]
	if c.At != nil {
		return combinations(app, t, append(picks, pickable{option: -1}))
	}
	var out []set
	for _, p := range usable(c, t, false) {
		out = append(out, combinations(app, t, append(picks, p))...)
	}
	return out
}

// nearness of a claim to the target: 0, 1 or 2.
func (s *set) nearness(app *plan.Workload, claim int) int {
	at := s.location(app, claim)
	switch {
	case at.Provider == "" && len(app.Claims[claim].Options) == 0, at.Provider != s.target.Location.Provider:
		return 0
	case s.picks[claim].option >= 0 && len(app.Claims[claim].Options[s.picks[claim].option].Regions) == 0:
		return 2 // the target's own region, whatever it is
	case at.Region == "" || at.Region != s.target.Location.Region:
		return 1
	default:
		return 2
	}
}

func (s *set) location(app *plan.Workload, claim int) v1alpha1.Location {
	c := &app.Claims[claim]
	if c.At != nil {
		return *c.At
	}
	return v1alpha1.Location{Provider: c.Options[s.picks[claim].option].Provider, Region: s.picks[claim].region}
}

// beats reports whether one claim is better off in this set than in another one on
// the same target.
func (s *set) beats(app *plan.Workload, other *set) bool {
	for i := range app.Claims {
		if app.Claims[i].At != nil {
			continue
		}
		for _, order := range []int{
			s.nearness(app, i) - other.nearness(app, i),
			int(s.option(app, i).Priority) - int(other.option(app, i).Priority),
			lower(cost(s.option(app, i)), cost(other.option(app, i))),
			lower(wait(s.option(app, i)), wait(other.option(app, i))),
			lower(s.option(app, i).Class, other.option(app, i).Class),
			lower(s.picks[i].order, other.picks[i].order),
		} {
			if order > 0 {
				return true
			}
			if order < 0 {
				break
			}
		}
	}
	return false
}

func (s *set) option(app *plan.Workload, claim int) *plan.Option {
	return &app.Claims[claim].Options[s.picks[claim].option]
}

func cost(o *plan.Option) float64 {
	if o.HourlyCost == nil {
		return math.Inf(1)
	}
	return *o.HourlyCost
}

func wait(o *plan.Option) time.Duration {
	if o.ReadyIn == nil {
		return math.MaxInt64
	}
	return *o.ReadyIn
}

func lower[T int | float64 | string | time.Duration](a, b T) int {
	switch {
	case a < b:
		return 1
	case a > b:
		return -1
	default:
		return 0
	}
}

// best are the sets in which no claim could be better off on the same target: one
// for each target that would do.
func (w *world) best(app *plan.Workload) []set {
	all := w.sets(app)
	var out []set
	for i := range all {
		beaten := false
		for j := range all {
			beaten = beaten || (all[j].target == all[i].target && all[j].beats(app, &all[i]))
		}
		if !beaten {
			out = append(out, all[i])
		}
	}
	return out
}

// scores are those of best, as docs/placement.md has them.
func (w *world) scores(app *plan.Workload, best []set) []map[string]int64 {
	costs := w.costs(app, best)
	cheapest := math.Inf(1)
	for _, c := range costs {
		cheapest = min(cheapest, c)
	}
	var out []map[string]int64
	for i := range best {
		s := &best[i]
		score := map[string]int64{"free": w.free(app, s.target)}
		if free(app) {
			score["affinity"], score["spread"] = w.wished(app, s.target), w.evenness(app, s.target)
		}
		longest := s.target.ReadyIn
		for claim := range app.Claims {
			score["colocation"] += 5000 * int64(s.nearness(app, claim))
			if app.Claims[claim].At != nil {
				continue
			}
			highest, slowest := int64(math.MinInt64), time.Duration(0)
			for j := range app.Claims[claim].Options {
				o := &app.Claims[claim].Options[j]
				highest = max(highest, int64(o.Priority))
				if o.ReadyIn != nil {
					slowest = max(slowest, *o.ReadyIn)
				}
			}
			score["classes"] += int64(s.option(app, claim).Priority) - highest
			if s.option(app, claim).ReadyIn != nil {
				slowest = *s.option(app, claim).ReadyIn
			}
			longest = max(longest, slowest)
		}
		score["classes"] = max(score["classes"], -400)
		score["ready"] = -min(int64(longest.Seconds())/10, 300)
		for _, t := range s.target.Taints {
			if t.Effect == workload.TaintPreferNoSchedule && !tolerated(placementOf(app).Tolerations, t) {
				score["taint"] = max(score["taint"]-100, -300)
			}
		}
		if costs[i] > 0 {
			score["cost"] = -int64(500 * (1 - cheapest/costs[i]))
		}
		if s.target.Pool != "" {
			score["pool"] = -1_000_000
		}
		out = append(out, score)
	}
	return out
}

// free reports whether there is a choice, so that rules about others count.
func free(app *plan.Workload) bool {
	return app.Only == "" && (app.Current == "" || !placementOf(app).Pin)
}

// costs of sets: what is not known counts as the dearest of its kind.
func (w *world) costs(app *plan.Workload, best []set) []float64 {
	dearest := 0.0
	for i := range best {
		if c := best[i].target.HourlyCost; c != nil {
			dearest = max(dearest, *c)
		}
	}
	out := make([]float64, len(best))
	for i := range best {
		out[i] = dearest
		if c := best[i].target.HourlyCost; c != nil {
			out[i] = *c
		}
		options := 0.0
		for claim := range app.Claims {
			if app.Claims[claim].At != nil {
				continue
			}
			one := 0.0
			for _, o := range app.Claims[claim].Options {
				if o.HourlyCost != nil {
					one = max(one, *o.HourlyCost)
				}
			}
			if c := best[i].option(app, claim).HourlyCost; c != nil {
				one = *c
			}
			options += one
		}
		out[i] += options
	}
	return out
}

func (w *world) wished(app *plan.Workload, t *plan.Target) int64 {
	sum := int64(0)
	add := func(a *workload.Affinity, sign int64) {
		for i := 0; a != nil && i < len(a.Preferred); i++ {
			if w.near(app, &a.Preferred[i].Selector, a.Preferred[i].Topology, t) > 0 {
				sum += sign * int64(a.Preferred[i].Weight)
			}
		}
	}
	add(placementOf(app).Affinity, 1)
	add(placementOf(app).AntiAffinity, -1)
	return sum
}

func (w *world) evenness(app *plan.Workload, t *plan.Target) int64 {
	sum := int64(0)
	p := placementOf(app)
	for i := range p.Spread {
		skew, most := int64(max(w.skew(app, &p.Spread[i], t), 0)), int64(max(p.Spread[i].MaxSkew, 1))
		if skew > most {
			sum -= min(100+25*(skew-most), 200)
		} else {
			sum -= 100 * skew / most
		}
	}
	return sum
}

func (w *world) free(app *plan.Workload, t *plan.Target) int64 {
	share := math.Inf(1)
	names := map[string]bool{}
	for name := range takes(app) {
		names[name] = true
	}
	if len(names) == 0 {
		names = map[string]bool{"cpu": true, "memory": true}
	}
	for name := range names {
		offered := t.Allocatable[name]
		if offered.Sign() <= 0 {
			continue
		}
		left := w.left(app, t, name)
		left.Sub(takes(app)[name])
		share = min(share, float64(left.MilliValue())/float64(offered.MilliValue()))
	}
	if math.IsInf(share, 1) {
		return 100
	}
	return int64(200 * max(share, 0))
}
