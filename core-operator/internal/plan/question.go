// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"errors"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// question is one call of Plan or Explain: where shall this application be, now?
// Its slices are used again by the next call, its contents are not.
type question struct {
	*targets

	space *space
	w     *Workload
	now   time.Time
	// placement is never nil.
	placement *workload.Placement
	// broken: a rule can't be read, so that nothing can meet it.
	broken error
	// only is the one target that the application may be on; empty: any.
	only string
	// self is where the application itself counts, which it does not for itself.
	self *placement
	// requests that it has, and the ordinary ones of which it has none.
	requests []request
	ordinary [2]request
	selector labels.Selector
	// wants is what is said of the selector, once it was; it is long in the making.
	wants string

	required, forbidden, preferred []rule
	spreads                        []spread
	// guarded counts, by level and place, the applications that do not want this one
	// there; nil: none.
	guarded [levels][]int32

	// What was found so far: of audiences, of regions, and of sites, by number.
	heard    []opinion
	answers  []answer
	verdicts []verdict
	costs    []float64
	// fit are the sites that would do, by name.
	fit []int32
	// held is the site that the application is on and stays on; nil: none.
	held *site
	// cheapest of the costs of those that would do; priced: some are known.
	cheapest float64
	priced   bool
	worst    []worst
	// bound: some claims can be reached from one target only.
	bound bool

	picks  []pick
	arena  []int32
	counts [reasons]int32
	some   [reasons][]int32
}

// opinion is whether an audience has the application's namespace in it.
type opinion uint8

const (
	unheard opinion = iota
	admitted
	refused
)

// rule is about other applications of the namespace.
type rule struct {
	selector labels.Selector
	level    level
	// weight, where it is no requirement; below 0 where they shall be apart.
	weight int64
	// self: the application is one of those that the rule is about.
	self bool
	// counts how many of the others are in each place, and total in all.
	counts []int32
	total  int64
}

// spread is a rule about how even the numbers are.
type spread struct {
	rule
	maxSkew  int32
	required bool
	// fewest is what the place with the fewest has, of those where the application
	// may run; and any of the sites there.
	fewest   int32
	fewestAt *site
}

// ask prepares to answer.
func (s *State) ask(w *Workload, now time.Time) *question {
	q := &s.asked
	q.targets, q.space, q.w, q.now = s.targets, s.tenants.spaces[w.Name.Namespace], w, now
	q.self = s.tenants.placed[w.UID]
	q.broken, q.selector, q.wants, q.guarded, q.held = nil, nil, "", [levels][]int32{}, nil
	q.placement = w.Placement
	if q.placement == nil {
		q.placement = &workload.Placement{}
	}
	q.only = w.Only
	if q.only == "" && q.placement.Pin {
		q.only = w.Current
	}
	q.requests = requests(q.requests[:0], w.takes(), s.targets.resources.find)
	q.ordinary = [2]request{{resource: s.targets.resources.find(cpu)}, {resource: s.targets.resources.find("memory")}}
	q.required, q.forbidden, q.preferred, q.spreads = q.required[:0], q.forbidden[:0], q.preferred[:0], q.spreads[:0]
	q.picks, q.arena, q.fit = q.picks[:0], q.arena[:0], q.fit[:0]
	q.heard = zeroed(q.heard, q.audiences.size())
	q.answers = zeroed(q.answers, q.regions.size())
	q.verdicts = zeroed(q.verdicts, len(q.sites))
	q.costs = zeroed(q.costs, len(q.sites))
	for i := range q.counts {
		q.counts[i], q.some[i] = 0, q.some[i][:0]
	}
	q.measure()
	if q.only == "" {
		q.parse()
		q.look()
	}
	return q
}

// zeroed returns a slice of that length, all zero.
func zeroed[T any](s []T, length int) []T {
	s = slices.Grow(s[:0], length)[:length]
	clear(s)
	return s
}

// parse reads what the developer says.
func (q *question) parse() {
	p := q.placement
	if p.TargetSelector != nil {
		q.selector = q.read("targetSelector", p.TargetSelector)
	}
	if a := p.Affinity; a != nil {
		q.required = q.rules(q.required, "affinity", a.Required)
		q.preferred = q.wishes(q.preferred, "affinity", a.Preferred, 1)
	}
	if a := p.AntiAffinity; a != nil {
		q.forbidden = q.rules(q.forbidden, "antiAffinity", a.Required)
		q.preferred = q.wishes(q.preferred, "antiAffinity", a.Preferred, -1)
	}
	for i := range p.Spread {
		s := &p.Spread[i]
		q.spreads = append(q.spreads, spread{rule: q.rule("spread", &s.Selector, s.Topology), maxSkew: max(s.MaxSkew, 1), required: s.Required})
	}
}

func (q *question) rules(into []rule, field string, terms []workload.AffinityTerm) []rule {
	for i := range terms {
		into = append(into, q.rule(field, &terms[i].Selector, terms[i].Topology))
	}
	return into
}

func (q *question) wishes(into []rule, field string, terms []workload.WeightedAffinityTerm, sign int64) []rule {
	for i := range terms {
		r := q.rule(field, &terms[i].Selector, terms[i].Topology)
		r.weight = sign * int64(terms[i].Weight)
		into = append(into, r)
	}
	return into
}

func (q *question) rule(field string, selector *metav1.LabelSelector, topology workload.Topology) rule {
	parsed := q.read(field, selector)
	return rule{selector: parsed, level: levelOf(topology), self: parsed.Matches(labels.Set(q.w.Labels))}
}

func (q *question) read(field string, selector *metav1.LabelSelector) labels.Selector {
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		q.broken = errors.Join(q.broken, fmt.Errorf("placement.%s can't be read: %w", field, err))
		return labels.Nothing()
	}
	return parsed
}

// look counts which other applications are where, as far as the rules ask.
func (q *question) look() {
	if q.space == nil {
		q.space = &space{}
	}
	for _, rules := range [][]rule{q.required, q.forbidden, q.preferred} {
		for i := range rules {
			q.count(&rules[i])
		}
	}
	for i := range q.spreads {
		q.count(&q.spreads[i].rule)
	}
	for key, guard := range q.space.guards {
		if !guard.selector.Matches(labels.Set(q.w.Labels)) {
			continue
		}
		if q.guarded[guard.level] == nil {
			q.guarded[guard.level] = q.scratch(q.placesOf(guard.level))
		}
		self := q.isPlaced() && slices.Contains(q.self.guards, key)
		q.add(q.guarded[guard.level], guard, guard.level, self)
	}
}

// isPlaced reports whether the application counts in its namespace by now.
func (q *question) isPlaced() bool { return q.self != nil && q.self.namespace == q.w.Name.Namespace }

// count counts the others that a rule is about.
func (q *question) count(r *rule) {
	r.counts = q.scratch(q.placesOf(r.level))
	for key, crowd := range q.space.crowds {
		if r.selector.Matches(crowd.labels) {
			r.total += q.add(r.counts, crowd, r.level, q.isPlaced() && q.self.crowd == key)
		}
	}
}

// add adds up a crowd by places, without the application itself, and returns the
// sum. Who is on a target that is not known is nowhere.
func (q *question) add(counts []int32, c *crowd, l level, self bool) int64 {
	total := int64(0)
	for _, h := range c.at {
		site := q.sites[h.site]
		if !site.known {
			continue
		}
		n := h.count
		if self && h.site == q.self.site {
			n--
		}
		counts[site.in(l)] += n
		total += int64(n)
	}
	return total
}

// scratch returns numbers that are all zero, for the time of this question.
func (q *question) scratch(length int) []int32 {
	start := len(q.arena)
	q.arena = slices.Grow(q.arena, length)[:start+length]
	out := q.arena[start : start+length : start+length]
	clear(out)
	return out
}
