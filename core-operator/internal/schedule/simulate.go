// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"

	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// Snapshot returns what the scheduler decides by, with what it has decided and is
// still writing; nil while it does not know what there is. It is the caller's alone:
// neither sees what becomes of the other.
func (s *Scheduler) Snapshot() *plan.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun {
		return nil
	}
	return s.state.With()
}

// Question returns what the planner is asked about an application that has found no
// place; its claims that hold nothing yet may go anywhere. It returns false where that
// is not for the planner to say: a claim is not there, what its chart takes is being found
// out, or what is wanted can't be.
func (s *Scheduler) Question(ctx context.Context, a *contract.Application) (plan.Workload, bool, error) {
	namespace, err := claim.NamespaceOf(ctx, s.Kube, a.Namespace)
	if err != nil {
		return plan.Workload{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unread(a) > 0 {
		return plan.Workload{}, false, nil // the scheduler says when
	}
	w, u := s.described(a, namespace), userOf(a, namespace)
	if len(u.uses) > 0 {
		u.others = s.neighbours(a.Namespace)
	}
	is, err := s.used(ctx, u, true)
	if err != nil || is.unsettled != "" {
		return w, false, err
	}
	w.Claims = is.claims
	return w, plan.Check(w) == nil, nil
}
