// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"math"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
)

// State is what is known of targets and of the applications that have a place. In
// which order it came to know has no influence on what it says. It is not safe for
// concurrent use. What it is given it keeps, so that must not be changed
// afterwards.
type State struct {
	own     *owner
	targets *targets
	tenants *tenants
	// asked is where a call of Plan or Explain works; what is in it is of no
	// meaning to the next.
	asked question
}

// targets are the sites, and numbers for what they have in common.
type targets struct {
	owner     *owner
	sites     []*site // by number; nil: free
	order     []int32 // their numbers, by their names
	free      []int32
	regions   ids[place]
	providers ids[place]
	audiences ids[string]
	admits    []audience // by number
	resources resources
}

// tenants are the applications that have a place.
type tenants struct {
	owner  *owner
	spaces map[string]*space
	placed map[types.UID]*placement
}

// placement is what one application takes, and where it is counted. It does not
// change.
type placement struct {
	namespace string
	site      int32
	takes     []request
	crowd     string
	guards    []string
}

// NewState returns a State that knows nothing.
func NewState() *State {
	own := new(owner)
	return &State{
		own:     own,
		targets: &targets{owner: own},
		tenants: &tenants{owner: own, spaces: map[string]*space{}, placed: map[types.UID]*placement{}},
	}
}

// With returns the same state with more targets beside, hypothetical ones for
// example. What it decides holds as soon as all of these are there. Neither sees what
// becomes of the other later, and each may be used by a goroutine of its own. It is
// cheap: the two share what neither has changed since.
func (s *State) With(extra ...Target) *State {
	s.own = new(owner)
	other := &State{own: new(owner), targets: s.targets, tenants: s.tenants}
	for _, t := range extra {
		other.SetTarget(t)
	}
	return other
}

// SetTarget adds a target, or replaces the one of that name.
func (s *State) SetTarget(t Target) {
	site := s.site(t.Name)
	s.forget(site)
	s.targets.learn(site, t)
}

// RemoveTarget removes a target. Applications that were placed there count as being
// there, should it come back, and for rules about others not before.
func (s *State) RemoveTarget(name string) {
	if n := s.targets.find(name); n >= 0 && s.targets.sites[n].known {
		site := s.site(name)
		s.forget(site)
		s.dropIfUnused(site)
	}
}

// Place makes an application count as being on a target, which need not be known
// yet: for what it asks for, and for the rules of others about it. It counts no more
// where it was before; without a target, nowhere. What was decided for its claims is
// nobody's limit.
func (s *State) Place(w Workload, target string, _ []Choice) {
	s.Remove(w.UID)
	if target == "" {
		return
	}
	site := s.site(target)
	site.tenants++
	tenants := s.ownTenants()
	p := &placement{namespace: w.Name.Namespace, site: site.number, takes: requests(nil, w.takes(), s.targets.resources.number)}
	for _, r := range p.takes {
		site.take(r)
	}
	space := tenants.space(s.own, w.Name.Namespace)
	p.crowd = space.join(s.own, w.Labels, site.number)
	if w.Placement != nil && w.Placement.AntiAffinity != nil {
		p.guards = space.guard(s.own, w.Placement.AntiAffinity.Required, site.number)
	}
	tenants.placed[w.UID] = p
}

// Remove makes an application count nowhere.
func (s *State) Remove(uid types.UID) {
	p := s.tenants.placed[uid]
	if p == nil {
		return
	}
	tenants := s.ownTenants()
	delete(tenants.placed, uid)
	site := s.ownSite(p.site)
	site.tenants--
	for _, r := range p.takes {
		if site.used.of(r.resource) == math.MaxInt64 { // the sum was too large to subtract from
			site.used.set(r.resource, s.asksFor(p.site, r.resource))
			site.refresh(r.resource)
			continue
		}
		site.give(r)
	}
	space := tenants.space(s.own, p.namespace)
	space.leave(s.own, p)
	if space.empty() {
		delete(tenants.spaces, p.namespace)
	}
	s.dropIfUnused(site)
}

// Free is what is left of a target's resources: what its nodes offer, without what
// is asked for there. Below 0 where more is asked for than there is; nil where that
// is unknown.
func (s *State) Free(target string) map[string]resource.Quantity {
	n := s.targets.find(target)
	if n < 0 || !s.targets.sites[n].known || !s.targets.sites[n].limited {
		return nil
	}
	out := map[string]resource.Quantity{}
	for number, name := range s.targets.resources.names {
		if _, offered := s.targets.sites[n].target.Allocatable[name]; offered {
			out[name] = quantityOf(name, s.targets.sites[n].left.of(int32(number)))
		}
	}
	return out
}

// asksFor sums anew what applications take of a resource.
func (s *State) asksFor(site, resource int32) int64 {
	sum := int64(0)
	for _, p := range s.tenants.placed {
		for _, r := range p.takes {
			if p.site == site && r.resource == resource {
				sum = plus(sum, r.amount)
			}
		}
	}
	return sum
}

// find returns the number of a site, or -1.
func (t *targets) find(name string) int32 {
	if i, found := t.search(name); found {
		return t.order[i]
	}
	return -1
}

func (t *targets) search(name string) (int, bool) {
	return slices.BinarySearchFunc(t.order, name, func(n int32, name string) int { return strings.Compare(t.sites[n].name, name) })
}

// site returns the site of a name, which it makes where there is none, to be
// changed in place.
func (s *State) site(name string) *site {
	t := s.ownTargets()
	if n := t.find(name); n >= 0 {
		return s.ownSite(n)
	}
	n := takeFree(&t.free, len(t.sites))
	if int(n) == len(t.sites) {
		t.sites = append(t.sites, nil)
	}
	t.sites[n] = &site{owner: s.own, number: n, name: name, hash: hash(name)}
	i, _ := t.search(name)
	t.order = slices.Insert(t.order, i, n)
	return t.sites[n]
}

// forget makes a target unknown, and keeps what applications take there.
func (s *State) forget(site *site) {
	if !site.known {
		return
	}
	t := s.targets
	t.regions.release(site.region)
	t.providers.release(site.provider)
	t.audiences.release(site.audience)
	site.known, site.target, site.left, site.limited = false, Target{}, nil, false
}

// dropIfUnused gives the number of a site back that nothing is known of.
func (s *State) dropIfUnused(site *site) {
	if site.known || site.tenants > 0 {
		return
	}
	t := s.ownTargets()
	i, _ := t.search(site.name)
	t.order = slices.Delete(t.order, i, i+1)
	t.sites[site.number] = nil
	t.free = append(t.free, site.number)
}

func (s *State) ownTargets() *targets {
	if t := s.targets; t.owner != s.own {
		s.targets = &targets{
			owner: s.own, sites: slices.Clone(t.sites), order: slices.Clone(t.order), free: slices.Clone(t.free),
			regions: t.regions.clone(), providers: t.providers.clone(), audiences: t.audiences.clone(),
			admits: slices.Clone(t.admits), resources: t.resources.clone(),
		}
	}
	return s.targets
}

func (s *State) ownSite(number int32) *site {
	t := s.ownTargets()
	if old := t.sites[number]; old.owner != s.own {
		copied := *old
		copied.owner, copied.used, copied.left = s.own, slices.Clone(old.used), slices.Clone(old.left)
		t.sites[number] = &copied
	}
	return t.sites[number]
}

func (s *State) ownTenants() *tenants {
	if t := s.tenants; t.owner != s.own {
		s.tenants = &tenants{owner: s.own, spaces: maps.Clone(t.spaces), placed: maps.Clone(t.placed)}
	}
	return s.tenants
}
