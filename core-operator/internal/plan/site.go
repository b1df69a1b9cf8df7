// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"encoding/json"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// site is a target by its name. It is not known as long as applications were placed
// there and nobody has said what it is.
type site struct {
	// Numbers of itself, of its region, its cloud and of who may use it.
	number, region, provider, audience int32
	// What most decisions ask of the target, so that they need not look at it:
	// limited, because what it offers is known; tainted; closed to more applications;
	// up, because it is ready and answers; and what it costs, -1 where that is unknown.
	// All that a decision reads of each site stands first, where one read of memory
	// gets it.
	known, limited, tainted, closed, up bool
	cost                                float64
	// left is what it offers, without what its tenants and what others ask for.
	left amounts

	hash                   uint64
	offered, used, foreign amounts
	// tenants is how many applications are placed there.
	tenants int
	name    string
	target  Target
	owner   *owner
}

// place is a region of a cloud, or a cloud. Where a target does not say in which it
// is, it is a place of its own: nothing else is known to be there.
type place struct{ provider, region, alone string }

func (t *Target) region() place {
	if t.Location.Provider == "" || t.Location.Region == "" {
		return place{provider: t.Location.Provider, region: t.Location.Region, alone: t.Name}
	}
	return place{provider: t.Location.Provider, region: t.Location.Region}
}

func (t *Target) provider() place {
	if t.Location.Provider == "" {
		return place{alone: t.Name}
	}
	return place{provider: t.Location.Provider}
}

// learn fills in what a target is.
func (t *targets) learn(s *site, target Target) {
	s.known, s.target = true, target
	s.region, s.provider = t.regions.take(target.region()), t.providers.take(target.provider())
	s.audience = t.audiences.take(keyOf(target.Allowed))
	if int(s.audience) >= len(t.admits) {
		t.admits = append(t.admits, audience{})
	}
	t.admits[s.audience] = audienceOf(target.Allowed)
	s.limited, s.tainted, s.closed = target.Allocatable != nil, len(target.Taints) > 0, target.Unschedulable
	s.up, s.cost = target.Ready && target.UnreachableSince == nil, -1
	if target.HourlyCost != nil {
		s.cost = price(*target.HourlyCost)
	}
	s.offered, s.foreign = t.resources.amounts(target.Allocatable, true), t.resources.amounts(target.Foreign, false)
	for n := range t.resources.names {
		s.refresh(int32(n))
	}
}

// take adds what an application asks for.
func (s *site) take(r request) {
	s.used.set(r.resource, plus(s.used.of(r.resource), r.amount))
	s.refresh(r.resource)
}

// give is the reverse of take.
func (s *site) give(r request) {
	s.used.set(r.resource, s.used.of(r.resource)-r.amount)
	s.refresh(r.resource)
}

// refresh computes what is left of a resource.
func (s *site) refresh(resource int32) {
	if s.limited {
		s.left.set(resource, minus(minus(s.offered.of(resource), s.foreign.of(resource)), s.used.of(resource)))
	}
}

// level is a topology; the wider one has the greater number.
type level uint8

const (
	onTarget level = iota
	inRegion
	inProvider
	levels
)

// levelOf is a target for a topology that does not exist.
func levelOf(t workload.Topology) level {
	switch t {
	case workload.TopologyRegion:
		return inRegion
	case workload.TopologyProvider:
		return inProvider
	case workload.TopologyTarget:
		return onTarget
	default:
		return onTarget
	}
}

// in is the number of the place that the site is in.
func (s *site) in(l level) int32 {
	switch l {
	case inRegion:
		return s.region
	case inProvider:
		return s.provider
	default:
		return s.number
	}
}

// placesOf is one more than the highest number of such a place.
func (t *targets) placesOf(l level) int {
	switch l {
	case inRegion:
		return t.regions.size()
	case inProvider:
		return t.providers.size()
	default:
		return len(t.sites)
	}
}

// audience is whose applications may run on targets.
type audience struct {
	namespaces []string
	selector   labels.Selector
}

func (a *audience) admits(namespace string, of map[string]string) bool {
	return slices.Contains(a.namespaces, namespace) || a.selector.Matches(labels.Set(of))
}

// audienceOf parses what [v1alpha1.BindableBy.Admits] would parse for each question.
func audienceOf(b *v1alpha1.BindableBy) audience {
	if b == nil {
		return audience{selector: labels.Nothing()}
	}
	selector, err := metav1.LabelSelectorAsSelector(b.NamespaceSelector) // none selects nothing
	if err != nil {
		selector = labels.Nothing()
	}
	return audience{namespaces: b.Namespaces, selector: selector}
}

// keyOf is the same for those that admit the same namespaces in the same words.
func keyOf(b *v1alpha1.BindableBy) string {
	key, err := json.Marshal(b)
	if err != nil { // strings alone can't fail
		panic(err)
	}
	return string(key)
}

// hash spreads names over all numbers (FNV-1a).
func hash(name string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return h
}

// mix makes one number of two, each bit of which depends on all of theirs
// (the finaliser of SplitMix64).
func mix(a, b uint64) uint64 {
	h := a ^ (b + 0x9e3779b97f4a7c15)
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9
	h = (h ^ (h >> 27)) * 0x94d049bb133111eb
	return h ^ (h >> 31)
}
