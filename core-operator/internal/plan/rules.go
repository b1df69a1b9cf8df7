// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"math"

	"k8s.io/apimachinery/pkg/labels"
)

// unmet returns the first required affinity that a site does not meet, or nil.
// Nobody can be where nobody is, unless the application is one of those itself.
func (q *question) unmet(s *site) *rule {
	for i := range q.required {
		r := &q.required[i]
		if r.counts[s.in(r.level)] == 0 && (r.total > 0 || !r.self) {
			return r
		}
	}
	return nil
}

// disliked returns the first required anti-affinity that a site does not meet.
func (q *question) disliked(s *site) *rule {
	for i := range q.forbidden {
		if r := &q.forbidden[i]; r.counts[s.in(r.level)] > 0 {
			return r
		}
	}
	return nil
}

// unwelcome reports whether an application is there that does not want this one.
func (q *question) unwelcome(s *site) bool {
	for l := range levels {
		if guarded := q.guarded[l]; guarded != nil && guarded[s.in(l)] > 0 {
			return true
		}
	}
	return false
}

// settle counts a site as one where the application may run, for its spread.
func (q *question) settle(s *site) {
	for i := range q.spreads {
		p := &q.spreads[i]
		if n := p.counts[s.in(p.level)]; p.fewestAt == nil || n < p.fewest {
			p.fewest, p.fewestAt = n, s
		}
	}
}

// skew is by how many more than the place with the fewest a site's place would have.
func (p *spread) skew(s *site) int32 {
	n := p.counts[s.in(p.level)] - p.fewest
	if p.self {
		n++
	}
	return n
}

// uneven returns the first required spread that would not be kept, or nil.
func (q *question) uneven(s *site) *spread {
	for i := range q.spreads {
		if p := &q.spreads[i]; p.required && p.skew(s) > p.maxSkew {
			return p
		}
	}
	return nil
}

func labelsOf(s *site) labels.Set { return s.target.Labels }

// price is a cost that can be counted with.
func price(cost float64) float64 {
	if !(cost > 0) { // negative, or no number
		return 0
	}
	return math.Min(cost, 1e12)
}
