// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// space is a namespace: which of its applications are where.
type space struct {
	owner  *owner
	crowds map[string]*crowd
	guards map[string]*crowd
}

// crowd are applications that have the same labels, or that want the same others to
// stay away; and how many of them are on which site.
type crowd struct {
	owner *owner
	// labels that they have.
	labels labels.Set
	// selector of those that they want away from where they are, and what that is.
	selector labels.Selector
	level    level
	at       []head
}

// head counts the applications of a crowd on one site.
type head struct{ site, count int32 }

// space returns a namespace, to be changed in place.
func (t *tenants) space(own *owner, namespace string) *space {
	old := t.spaces[namespace]
	switch {
	case old == nil:
		t.spaces[namespace] = &space{owner: own, crowds: map[string]*crowd{}, guards: map[string]*crowd{}}
	case old.owner != own:
		t.spaces[namespace] = &space{owner: own, crowds: maps.Clone(old.crowds), guards: maps.Clone(old.guards)}
	}
	return t.spaces[namespace]
}

func (s *space) empty() bool { return len(s.crowds) == 0 && len(s.guards) == 0 }

// join adds an application to those with the same labels, and returns their key.
func (s *space) join(own *owner, of map[string]string, site int32) string {
	key := labelKey(of)
	if s.crowds[key] == nil {
		s.crowds[key] = &crowd{owner: own, labels: of}
	}
	count(s.crowds, own, key, site, 1)
	return key
}

// guard adds an application to those that want the same others away, and returns
// their keys. A selector that can't be parsed keeps nobody away: Check tells of it.
func (s *space) guard(own *owner, terms []workload.AffinityTerm, site int32) []string {
	var keys []string
	for i := range terms {
		selector, err := metav1.LabelSelectorAsSelector(&terms[i].Selector)
		if err != nil {
			continue
		}
		key := string(terms[i].Topology) + " " + selector.String()
		if slices.Contains(keys, key) {
			continue
		}
		if s.guards[key] == nil {
			s.guards[key] = &crowd{owner: own, selector: selector, level: levelOf(terms[i].Topology)}
		}
		count(s.guards, own, key, site, 1)
		keys = append(keys, key)
	}
	return keys
}

// leave is the reverse of join and guard.
func (s *space) leave(own *owner, p *placement) {
	count(s.crowds, own, p.crowd, p.site, -1)
	for _, key := range p.guards {
		count(s.guards, own, key, p.site, -1)
	}
}

// count changes how many of a crowd are on a site.
func count(crowds map[string]*crowd, own *owner, key string, site, by int32) {
	c := crowds[key]
	if c.owner != own {
		copied := *c
		copied.owner, copied.at = own, slices.Clone(c.at)
		c = &copied
		crowds[key] = c
	}
	i := slices.IndexFunc(c.at, func(h head) bool { return h.site == site })
	if i < 0 {
		c.at = append(c.at, head{site: site})
		i = len(c.at) - 1
	}
	c.at[i].count += by
	if c.at[i].count == 0 {
		c.at[i] = c.at[len(c.at)-1]
		c.at = c.at[:len(c.at)-1]
	}
	if len(c.at) == 0 {
		delete(crowds, key)
	}
}

// labelKey is the same for the same labels.
func labelKey(of map[string]string) string {
	if len(of) == 0 {
		return ""
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(of)) {
		b.WriteString(name)
		b.WriteByte(0)
		b.WriteString(of[name])
		b.WriteByte(0)
	}
	return b.String()
}
