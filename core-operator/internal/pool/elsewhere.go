// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// elsewhere finds a place on other clusters for all applications on one, and returns
// them in the order in which they can go; or why they can't all. With margin each asks
// for a quarter more than it does: a cluster is not drained when the others would be
// full then, and one made again for the next application. If all can go they count as
// having gone for whoever asks next.
func (p *Pools) elsewhere(ctx context.Context, s *simulation, m *member, margin bool) (order []*contract.Application, why string, err error) {
	state := s.state.With(s.closed(m)...)
	var left []leaver
	for _, a := range s.on[m.Target] {
		if a.DeletionTimestamp != nil || a.Destination() != m.Target {
			continue // it goes by itself
		}
		w, why, err := p.Scheduler.Leaving(ctx, a)
		if err != nil {
			return nil, "", err
		}
		if why != "" {
			return nil, fmt.Sprintf("application %s/%s does not leave it: %s", a.Namespace, a.Name, why), nil
		}
		if margin {
			w.Requests, w.Measured = more(w.Requests), more(w.Measured)
		}
		left = append(left, leaver{application: a, asks: w})
	}
	for len(left) > 0 { // one may have to follow another
		var stuck []leaver
		for _, l := range left {
			d := state.Plan(l.asks, s.now)
			if d.Target == "" {
				l.why = reasons(d)
				stuck = append(stuck, l)
				continue
			}
			state.Place(l.asks, d.Target, d.Claims)
			order = append(order, l.application)
		}
		if len(stuck) == len(left) {
			a := stuck[0].application
			return nil, fmt.Sprintf("application %s/%s has no place elsewhere%s", a.Namespace, a.Name, stuck[0].why), nil
		}
		left = stuck
	}
	s.state = state
	return order, "", nil
}

// leaver is an application that is to go, what the planner is asked about it, and why
// there is no place for it.
type leaver struct {
	application *contract.Application
	asks        plan.Workload
	why         string
}

// closed are the targets to which no application goes that leaves a cluster: that one
// itself, clusters that are kept empty, and those that are not there yet.
func (s *simulation) closed(from *member) []plan.Target {
	var out []plan.Target
	for _, f := range s.fleets {
		for _, m := range f.members {
			if m.living() && (m == from || m.empty() || m.State == compute.ClusterPending) || m.State == compute.ClusterDraining && m.used {
				t := f.target(m)
				t.Unschedulable = true
				out = append(out, t)
			}
		}
	}
	return out
}

// reasons says how many targets were rejected, and why.
func reasons(d plan.Decision) string {
	var out strings.Builder
	for i, r := range d.Rejected {
		fmt.Fprintf(&out, "%s%d %s", map[bool]string{true: ": ", false: ", "}[i == 0], r.Count, r.Reason)
	}
	return out.String()
}

// more is a quarter more than what is asked for.
func more(requests map[string]resource.Quantity) map[string]resource.Quantity {
	out := maps.Clone(requests)
	for name, q := range out {
		const large = 1 << 40 // of which thousandths could be too many to count
		quarter := resource.NewMilliQuantity(q.MilliValue()/4, q.Format)
		if q.CmpInt64(large) > 0 {
			quarter = resource.NewQuantity(q.Value()/4, q.Format)
		}
		total := q.DeepCopy()
		total.Add(*quarter)
		out[name] = total
	}
	return out
}
