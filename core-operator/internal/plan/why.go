// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// why says in words why a site was rejected. It names no other target: not every
// application may know of them.
func (q *question) why(s *site, v verdict) string {
	switch v {
	case otherTarget:
		if q.w.Only != "" {
			return "the application names " + q.only
		}
		return "the application is pinned to " + q.only
	case provider, wrongRegion, zone, selector:
		return q.whyUnwanted(s, v)
	case notReady:
		return "it is not ready"
	case unreachable:
		return "it has not answered since " + s.target.UnreachableSince.UTC().Format(time.RFC3339)
	case unschedulable:
		return "it takes no more applications: unschedulable is set"
	case taint:
		return q.whyRepelled(s)
	case capacity:
		r := q.lacking(s)
		asked, left := quantityOf(r.name, r.amount), quantityOf(r.name, max(q.left(s, r.resource), 0))
		return fmt.Sprintf("%s of %s is asked for and %s is left", asked.String(), r.name, left.String())
	case affinity, antiAffinity, skewed:
		return q.whyOthers(s, v)
	case dataElsewhere, noClass, optionsExhausted:
		return q.whyUnserved(s, v)
	default:
		return ""
	}
}

func (q *question) whyUnwanted(s *site, v verdict) string {
	p, at := q.placement, s.target.Location
	switch {
	case v == provider:
		return fmt.Sprintf("provider %s is none of %s", orUnknown(at.Provider), strings.Join(p.Providers, ", "))
	case v == wrongRegion:
		return fmt.Sprintf("region %s is none of %s", orUnknown(at.Region), strings.Join(p.Regions, ", "))
	case v == zone:
		return "it has none of the zones " + strings.Join(p.Zones, ", ")
	case q.broken != nil:
		return strings.ReplaceAll(q.broken.Error(), "\n", "; ")
	default:
		if q.wants == "" {
			q.wants = "its labels are not as targetSelector wants them: " + q.selector.String()
		}
		return q.wants
	}
}

func orUnknown(name string) string {
	if name == "" {
		return "(not known)"
	}
	return name
}

func (q *question) whyRepelled(s *site) string {
	t := q.repelling(s, workload.TaintNoExecute)
	if t == nil {
		t = q.repelling(s, workload.TaintNoSchedule)
	}
	of := t.Key
	if t.Value != "" {
		of += "=" + t.Value
	}
	for i := range q.placement.Tolerations {
		if covers(&q.placement.Tolerations[i], t) {
			return fmt.Sprintf("taint %s:%s is not tolerated any longer", of, t.Effect)
		}
	}
	return fmt.Sprintf("taint %s:%s is not tolerated", of, t.Effect)
}

func (q *question) whyOthers(s *site, v verdict) string {
	switch v {
	case affinity:
		r := q.unmet(s)
		if r.total == 0 {
			return fmt.Sprintf("no application with %s has a place yet", said(r.selector))
		}
		return fmt.Sprintf("no application with %s is %s", said(r.selector), here(r.level))
	case antiAffinity:
		if r := q.disliked(s); r != nil {
			return fmt.Sprintf("an application with %s is %s", said(r.selector), here(r.level))
		}
		return "an application there does not want this one near it"
	default:
		p := q.uneven(s)
		return fmt.Sprintf("%s would be %d more with %s than %s, where fewest are; at most %d are allowed",
			here(p.level), p.skew(s), said(p.selector), p.elsewhere(), p.maxSkew)
	}
}

func said(selector labels.Selector) string {
	if selector.Empty() {
		return "any labels"
	}
	return selector.String()
}

func here(l level) string {
	return [levels]string{onTarget: "on this target", inRegion: "in this region", inProvider: "in this cloud"}[l]
}

// elsewhere names the place that has the fewest: among those where the application
// may run, which its namespace may know of.
func (p *spread) elsewhere() string {
	at := p.fewestAt.target.Location
	switch {
	case p.level == inRegion && at.Region != "":
		return fmt.Sprintf("in %s of %s", at.Region, orUnknown(at.Provider))
	case p.level == inProvider && at.Provider != "":
		return "in " + at.Provider
	default:
		return "on " + p.fewestAt.name
	}
}

func (q *question) whyUnserved(s *site, v verdict) string {
	if i := q.cutOff(s); i >= 0 && v == dataElsewhere {
		return q.w.Claims[i].title() + " can only be used on the cluster that it runs on"
	}
	c := &q.w.Claims[q.answer(s).failing]
	switch v {
	case dataElsewhere:
		return fmt.Sprintf("%s is in %s of %s and has to be near", c.title(), orUnknown(c.At.Region), orUnknown(c.At.Provider))
	case optionsExhausted:
		return c.title() + ": " + strings.Join(c.failures(s), "; ")
	default:
		return c.title() + ": " + strings.Join(c.absences(s), "; ")
	}
}

func (c *Claim) title() string { return c.Kind + " " + c.Name }

// mostOptions are told of in one message.
const mostOptions = 3

// failures says what was tried in vain that a target could have used.
func (c *Claim) failures(s *site) []string {
	var out []string
	for i := range c.Options {
		o := &c.Options[i]
		regions := o.Regions
		if len(regions) == 0 {
			if o.Provider != s.target.Location.Provider {
				continue
			}
			regions = []string{s.target.Location.Region}
		}
		for _, region := range regions {
			near := nearnessOf(s.target.Location, o.Provider, region) == sameRegion || len(o.Regions) == 0
			if o.failed(region) != "" && (near || !o.Near) && len(out) < mostOptions {
				out = append(out, fmt.Sprintf("%s failed in %s: %s", o.Class, orUnknown(region), o.failed(region)))
			}
		}
	}
	return out
}

// absences says why no class can serve a target.
func (c *Claim) absences(s *site) []string {
	if len(c.Options) == 0 {
		return []string{"there is no class for it"}
	}
	var out []string
	for i := range c.Options[:min(len(c.Options), mostOptions)] {
		o := &c.Options[i]
		if o.Provider != s.target.Location.Provider {
			out = append(out, fmt.Sprintf("%s is for %s", o.Class, orUnknown(o.Provider)))
		} else {
			out = append(out, fmt.Sprintf("%s has no region %s", o.Class, orUnknown(s.target.Location.Region)))
		}
	}
	return out
}

// unreachableTaint is what a target counts as having while it does not answer.
func unreachableTaint(since time.Time) workload.Taint {
	return workload.Taint{Key: workload.TaintUnreachable, Effect: workload.TaintNoExecute, TimeAdded: &metav1.Time{Time: since}}
}
