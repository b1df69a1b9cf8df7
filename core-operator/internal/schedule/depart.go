// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// Departure has an application leave a target that its pool empties, if there is a
// place for it elsewhere.
type Departure struct {
	// From is the target's name.
	From string
	// Why it is emptied, for people.
	Why string
}

// Leaving returns what the planner is asked about an application that is to leave the
// target that it is on for the sake of others: its claims stay where they are, and it
// stays near those that it is near. Where it can't leave, why says what keeps it.
func (s *Scheduler) Leaving(ctx context.Context, a *contract.Application) (w plan.Workload, why string, err error) {
	namespace, err := claim.NamespaceOf(ctx, s.Kube, a.Namespace)
	if err != nil {
		return plan.Workload{}, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leaving(ctx, a, namespace)
}

func (s *Scheduler) leaving(ctx context.Context, a *contract.Application, namespace *metav1.PartialObjectMetadata) (w plan.Workload, why string, err error) {
	if why := keeps(a); why != "" {
		return w, why, nil
	}
	w, u := s.described(a, namespace), userOf(a, namespace)
	if len(u.uses) > 0 {
		u.others = s.neighbours(a.Namespace)
	}
	is, err := s.used(ctx, u, false)
	switch {
	case err != nil:
		return w, "", err
	case is.unsettled != "":
		return w, is.unsettled, nil
	case is.failed != "":
		return w, is.failed, nil
	}
	w.Claims = beside(is.claims, s.targets[w.Current].Location)
	w.Current = "" // where it would stay
	if err := plan.Check(w); err != nil {
		return w, flat(err), nil
	}
	return w, "", nil
}

// keeps says why an application does not leave its target for others; empty where it
// would.
func keeps(a *contract.Application) string {
	p := a.Spec.Placement
	switch {
	case a.Spec.TargetRef != nil:
		return "it names its target"
	case !ours(a):
		return "another scheduler places it"
	case p != nil && p.Pin:
		return "it is pinned"
	case a.Annotations[v1alpha1.AnnotationPaused] == v1alpha1.PausedTrue:
		return "it is paused"
	case isSilent(a) && a.Measured(a.Destination()) == nil:
		return "it is not known what its chart asks for: placement.requests can say so"
	}
	return ""
}

// beside has those claims that are in the region of a target hold an application there.
func beside(claims []plan.Claim, target v1alpha1.Location) []plan.Claim {
	here := func(provider, region string) bool {
		return region != "" && provider == target.Provider && region == target.Region
	}
	for i := range claims {
		c := &claims[i]
		if c.At != nil {
			c.Near = c.Near || here(c.At.Provider, c.At.Region)
			continue
		}
		c.Options = slices.Clone(c.Options)
		for j := range c.Options {
			o := &c.Options[j]
			o.Near = o.Near || slices.ContainsFunc(o.Regions, func(region string) bool { return here(o.Provider, region) })
		}
	}
	return claims
}

// depart decides where an application goes whose target is being emptied. It returns
// nil where it has not to go, or can't: then it stays as it is and is looked at again,
// and the pool, which asks the same question, finds that out.
func (s *Scheduler) depart(ctx context.Context, a *contract.Application, namespace *metav1.PartialObjectMetadata) (*outcome, error) {
	if s.Departure == nil || a.Destination() == "" {
		return nil, nil //nolint:nilnil // nothing is to be done
	}
	d := s.Departure(a.UID)
	if d == nil || d.From != a.Destination() {
		return nil, nil //nolint:nilnil // it may stay, or has gone
	}
	s.after(recheck, keyOf(a)) // unless it goes now, in which case nothing comes of that
	w, why, err := s.leaving(ctx, a, namespace)
	if err != nil || why != "" {
		return nil, err
	}
	decision := s.open(d.From).Plan(w, s.Clock.Now())
	if decision.Target == "" {
		return nil, nil //nolint:nilnil // it can't go
	}
	w.Current = d.From
	return &outcome{
		reason: workload.ReasonPlaced, message: fmt.Sprintf("It runs on KubernetesTarget %s; it left %s: %s", decision.Target, d.From, d.Why),
		workload: w, decision: &decision, from: d.Why,
	}, nil
}

// open is the state for an application that leaves a target: without that, and without
// those that are to stay empty.
func (s *Scheduler) open(from string) *plan.State {
	var closed []plan.Target
	for name, t := range s.targets {
		if name == from || s.Reserved != nil && s.Reserved(name) {
			t.Unschedulable = true
			closed = append(closed, t)
		}
	}
	return s.state.With(closed...)
}
