// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// Check finds contradictions in what an application asks for that no target could
// meet, whichever there are. The error says all of them.
func Check(w Workload) error {
	p := w.Placement
	if p == nil {
		p = &workload.Placement{}
	}
	return errors.Join(checkSelectors(p), checkRequests(w), checkOthers(p), checkClaims(w, p))
}

func checkSelectors(p *workload.Placement) error {
	q := &question{w: &Workload{}, placement: p}
	q.parse()
	return q.broken
}

func checkRequests(w Workload) error {
	var all []error
	for _, name := range slices.Sorted(maps.Keys(w.Requests)) {
		if q := w.Requests[name]; q.Sign() < 0 {
			all = append(all, fmt.Errorf("requests of %s are %s, which is less than nothing", name, q.String()))
		}
	}
	return errors.Join(all...)
}

// checkOthers finds others that the application both has to be with and must not be
// with: where two are on one target, they are in one region and in one cloud, too.
func checkOthers(p *workload.Placement) error {
	if p.Affinity == nil || p.AntiAffinity == nil {
		return nil
	}
	var all []error
	for i := range p.Affinity.Required {
		with := &p.Affinity.Required[i]
		for j := range p.AntiAffinity.Required {
			without := &p.AntiAffinity.Required[j]
			if levelOf(without.Topology) >= levelOf(with.Topology) && metav1.FormatLabelSelector(&with.Selector) == metav1.FormatLabelSelector(&without.Selector) {
				all = append(all, fmt.Errorf("affinity requires to be with %s in one %s, and antiAffinity forbids to be with them in one %s",
					metav1.FormatLabelSelector(&with.Selector), with.Topology, without.Topology))
			}
		}
	}
	return errors.Join(all...)
}

// checkClaims finds claims that want the application in a region that it may not be
// in, or in two at once.
func checkClaims(w Workload, p *workload.Placement) error {
	var all []error
	var near, bound *Claim
	for i := range w.Claims {
		c := &w.Claims[i]
		if c.Cluster != "" {
			if bound != nil && bound.Cluster != c.Cluster {
				all = append(all, fmt.Errorf("%s and %s can each only be used on the cluster that it runs on, and those are two", bound.title(), c.title()))
			}
			if w.Only != "" && w.Only != c.Cluster {
				all = append(all, fmt.Errorf("%s can only be used on the cluster that it runs on, and targetRef is another", c.title()))
			}
			bound = c
		}
		if c.At == nil || !c.Near {
			continue
		}
		if w.Only == "" {
			all = append(all, checkPlace(c, p))
		}
		if near != nil && !together(*near.At, *c.At) {
			all = append(all, fmt.Errorf("the application has to be near %s in %s and near %s in %s", near.title(), spot(*near.At), c.title(), spot(*c.At)))
		}
		near = c
	}
	return errors.Join(all...)
}

func checkPlace(c *Claim, p *workload.Placement) error {
	switch {
	case c.At.Provider != "" && len(p.Providers) > 0 && !slices.Contains(p.Providers, c.At.Provider):
		return fmt.Errorf("the application has to be near %s in %s, and providers has only %s", c.title(), spot(*c.At), strings.Join(p.Providers, ", "))
	case c.At.Region != "" && len(p.Regions) > 0 && !slices.Contains(p.Regions, c.At.Region):
		return fmt.Errorf("the application has to be near %s in %s, and regions has only %s", c.title(), spot(*c.At), strings.Join(p.Regions, ", "))
	default:
		return nil
	}
}

// together reports whether one target can be near both.
func together(a, b v1alpha1.Location) bool {
	return (a.Provider == b.Provider || a.Provider == "" || b.Provider == "") && (a.Region == b.Region || a.Region == "" || b.Region == "")
}

func spot(at v1alpha1.Location) string {
	return fmt.Sprintf("%s of %s", orUnknown(at.Region), orUnknown(at.Provider))
}
