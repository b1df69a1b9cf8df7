// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// answer is what can be said of all targets of one region.
type answer struct {
	given bool
	// where: whether the application may run in this region at all.
	where verdict
	// served: whether its claims can be used from there, and else which can't be.
	served  verdict
	failing int
	// picks has an option for each claim.
	picks []pick
	// near, rank, cost and wait are the picks' part of the score.
	near, rank int64
	cost       float64
	wait       time.Duration
}

// pick is a claim's option in one of its regions; -1 for a claim that is where it is.
type pick struct {
	option   int
	region   string
	nearness nearness
}

// nearness of a service to a target.
type nearness int

const (
	far nearness = iota
	sameProvider
	sameRegion
)

// worst is what is assumed of a claim's option where nothing is known: as much as
// the worst of its options. A price that nobody entered makes nothing cheap.
type worst struct {
	cost float64
	wait time.Duration
	rank int32
}

// measure finds the worst of each claim's options.
func (q *question) measure() {
	q.worst, q.priced, q.bound = zeroed(q.worst, len(q.w.Claims)), false, false
	for i := range q.w.Claims {
		options, worst := q.w.Claims[i].Options, &q.worst[i]
		q.bound = q.bound || q.w.Claims[i].Cluster != ""
		for j := range options {
			o := &options[j]
			if j == 0 || o.Priority > worst.rank {
				worst.rank = o.Priority
			}
			if o.HourlyCost != nil {
				worst.cost, q.priced = max(worst.cost, price(*o.HourlyCost)), true
			}
			if o.ReadyIn != nil {
				worst.wait = max(worst.wait, *o.ReadyIn)
			}
		}
	}
}

// answer returns what can be said of a site's region, which is found once.
func (q *question) answer(s *site) *answer {
	a := &q.answers[s.region]
	if a.given {
		return a
	}
	a.given = true
	p := q.placement
	switch {
	case len(p.Providers) > 0 && !slices.Contains(p.Providers, s.target.Location.Provider):
		a.where = provider
	case len(p.Regions) > 0 && !slices.Contains(p.Regions, s.target.Location.Region):
		a.where = wrongRegion
	}
	if q.only == "" && a.where != feasible {
		return a // its claims make no difference any more
	}
	start := len(q.picks)
	for i := range q.w.Claims {
		chosen, v := q.choose(&q.w.Claims[i], s.target.Location)
		if v != feasible {
			a.served, a.failing = v, i
			return a
		}
		q.picks = append(q.picks, chosen)
		q.value(a, i, chosen)
	}
	a.picks = q.picks[start:len(q.picks):len(q.picks)]
	return a
}

// choose finds the best option for a claim whose user is at a location, or why there
// is none.
func (q *question) choose(c *Claim, user v1alpha1.Location) (pick, verdict) {
	if c.At != nil {
		near := nearnessOf(user, c.At.Provider, c.At.Region)
		if c.Near && !within(user, *c.At) {
			return pick{}, dataElsewhere
		}
		return pick{option: -1, nearness: near}, feasible
	}
	best, v := pick{option: -1}, noClass
	for i := range c.Options {
		region, near, possible := c.Options[i].nearest(user)
		switch this := (pick{option: i, region: region, nearness: near}); {
		case possible == feasible && (best.option < 0 || better(c, this, best)):
			best, v = this, feasible
		case possible == optionsExhausted && best.option < 0:
			v = optionsExhausted
		}
	}
	return best, v
}

// nearest finds the first of the option's regions that is nearest to a location and
// did not fail, or says why there is none: noClass, or optionsExhausted.
func (o *Option) nearest(user v1alpha1.Location) (region string, near nearness, v verdict) {
	v = noClass
	regions := o.Regions
	if len(regions) == 0 {
		if o.Provider != user.Provider {
			return "", far, noClass
		}
		regions = []string{user.Region}
	}
	for _, this := range regions {
		at := nearnessOf(user, o.Provider, this)
		if len(o.Regions) == 0 {
			at = sameRegion // the target's own, also where nobody entered which that is
		}
		switch {
		case v == feasible && at <= near, o.Near && at != sameRegion:
		case o.failed(this) != "":
			if v == noClass {
				v = optionsExhausted
			}
		default:
			region, near, v = this, at, feasible
			if at == sameRegion || o.Provider != user.Provider { // none is nearer
				return region, near, v
			}
		}
	}
	return region, near, v
}

// failed says why the option failed in a region; empty: it did not.
func (o *Option) failed(region string) string {
	if len(o.Failed) == 0 {
		return ""
	}
	why, tried := o.Failed[region]
	if !tried && len(o.Regions) == 0 {
		why, tried = o.Failed[""]
	}
	if tried && why == "" {
		return "it was tried in vain"
	}
	return why
}

// better compares two options of a claim: the nearest, then by the administrator's
// priority, then the cheapest, then the one that is ready first, then by name.
func better(c *Claim, a, b pick) bool {
	x, y := &c.Options[a.option], &c.Options[b.option]
	switch {
	case a.nearness != b.nearness:
		return a.nearness > b.nearness
	case x.Priority != y.Priority:
		return x.Priority > y.Priority
	}
	if order := compareKnown(x.HourlyCost, y.HourlyCost); order != 0 {
		return order < 0
	}
	if order := compareKnown(x.ReadyIn, y.ReadyIn); order != 0 {
		return order < 0
	}
	return x.Class < y.Class
}

// compareKnown puts what is unknown last.
func compareKnown[T cmp.Ordered](a, b *T) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	default:
		return cmp.Compare(*a, *b)
	}
}

func nearnessOf(user v1alpha1.Location, provider, region string) nearness {
	switch {
	case provider == "" || user.Provider != provider:
		return far
	case region == "" || user.Region != region:
		return sameProvider
	default:
		return sameRegion
	}
}

// within reports whether a target is in the region of a service. What the service
// does not say of where it is makes no difference.
func within(user, service v1alpha1.Location) bool {
	return (service.Provider == "" || service.Provider == user.Provider) && (service.Region == "" || service.Region == user.Region)
}

// cutOff returns the first claim that can be reached from one other target only, or
// -1.
func (q *question) cutOff(s *site) int {
	for i := range q.w.Claims {
		if c := q.w.Claims[i].Cluster; c != "" && c != s.name {
			return i
		}
	}
	return -1
}

// choices returns where the claims are, or shall be, for a target in this region.
func (q *question) choices(a *answer) []Choice {
	out := make([]Choice, len(a.picks))
	for i, p := range a.picks {
		c := &q.w.Claims[i]
		if p.option < 0 {
			out[i] = Choice{Location: *c.At}
			continue
		}
		out[i] = Choice{Class: c.Options[p.option].Class, Location: v1alpha1.Location{Provider: c.Options[p.option].Provider, Region: p.region}}
	}
	return out
}
