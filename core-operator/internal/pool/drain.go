// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

const (
	defaultDrain = 30 * time.Minute
	// longestMove is how long a move may take. After that the cluster is not drained
	// any further: something is wrong with where its applications go.
	longestMove = 15 * time.Minute
	// maxMoving is how many applications may be on the move from one cluster.
	maxMoving = 20
	// maxKept bounds what is said of why a cluster stays, in bytes.
	maxKept = 512
)

// drain empties one cluster of a pool, if that is wanted and its applications find a
// place on others. What is being emptied already goes before what could be next.
func (p *Pools) drain(ctx context.Context, w *world, f *fleet) error {
	f.follow(w, p.Settle)
	if f.deleting() || !f.drains() {
		for _, m := range f.members {
			switch {
			case m.Drain != "" && m.State == compute.ClusterDraining:
				f.retain(w, m, "the pool does not drain clusters any more")
			case m.State == compute.ClusterMovable:
				m.moves(compute.ClusterReady, w.now)
			}
		}
		return nil
	}
	for _, m := range f.members {
		if m.State != compute.ClusterDraining || m.Drain == "" {
			continue
		}
		if s := p.simulation(w); s == nil {
			w.again(w.now.Add(untilKnown))
		} else if err := p.empty(ctx, s, f, m); err != nil {
			return err
		}
	}
	if next := p.considered[f.pool.UID].Add(p.Settle); w.now.Before(next) {
		w.again(next) // it takes a while where many applications are
		return nil
	}
	s := p.simulation(w)
	if s == nil {
		w.again(w.now.Add(untilKnown))
		return nil
	}
	p.considered[f.pool.UID] = w.now
	return p.consider(ctx, s, f)
}

// drains reports whether clusters that are used are emptied.
func (f *fleet) drains() bool {
	return f.pool.Spec.Drain != nil && f.pool.Spec.Drain.Policy == compute.DrainWhenMovable
}

// retain has a cluster stay that was about to go, and where applications were sent away
// from it says why.
func (f *fleet) retain(w *world, m *member, why string) {
	if m.Drain != "" {
		m.Kept = brief(why)
		f.sayf(corev1.EventTypeWarning, compute.ReasonClusterKept, "Cluster %s is not drained any further: %s", m.Name, why)
	}
	if m.used {
		m.moves(compute.ClusterReady, w.now)
	} else {
		m.moves(compute.ClusterIdle, w.now)
	}
}

func brief(why string) string {
	if len(why) > maxKept {
		return why[:maxKept-3] + "..."
	}
	return why
}

// empty goes on with a cluster that is being drained: it lets as many applications move
// as the budget allows, or keeps the cluster where one can't.
func (p *Pools) empty(ctx context.Context, s *simulation, f *fleet, m *member) error {
	if i := slices.IndexFunc(m.Moving, s.overdue); i >= 0 {
		f.retain(s.world, m, fmt.Sprintf("application %s/%s left it %s ago, and is not ready elsewhere", m.Moving[i].Namespace, m.Moving[i].Name, longestMove))
		return nil
	}
	leaving, why, err := p.elsewhere(ctx, s, m, false)
	if err != nil {
		return err
	}
	if m.Drain == compute.DrainMaxExceeded && f.count((*member).living) < f.limits.max {
		why = fmt.Sprintf("max is %d now", f.limits.max)
	}
	if why != "" {
		f.retain(s.world, m, why)
		return nil
	}
	ready := p.closed(m.Target).Add(p.Settle)
	if m.was != compute.ClusterDraining || s.now.Before(ready) {
		s.again(ready)
		return nil // what was decided before may not be known yet
	}
	free := f.budget(s.world) - f.onTheMove(s.world)
	for _, a := range leaving {
		if free <= 0 || len(m.Moving) == maxMoving {
			break
		}
		if slices.ContainsFunc(m.Moving, func(b compute.MovingApplication) bool { return b.UID == a.UID }) {
			continue
		}
		m.Moving = append(m.Moving, compute.MovingApplication{
			PoolApplication: compute.PoolApplication{Namespace: a.Namespace, Name: a.Name, UID: a.UID},
			Since:           metav1.NewTime(s.now.Truncate(time.Second)), WasReady: isReady(a),
		})
		free--
		s.again(s.now.Add(longestMove))
	}
	return nil
}

// follow finds out which of the applications that were told to leave have arrived. It
// goes on after a cluster was kept, for then as well they count as being on the move.
func (f *fleet) follow(w *world, settle time.Duration) {
	for _, m := range f.members {
		m.Moving = slices.DeleteFunc(m.Moving, func(a compute.MovingApplication) bool {
			return w.arrived(a, m) || m.Drain == "" && (w.overdue(a) || w.stays(a, m, settle))
		})
		for _, a := range m.Moving {
			if until := a.Since.Add(longestMove); w.now.Before(until) {
				w.again(until)
			}
		}
	}
}

// overdue reports whether an application is on the move for longer than it may.
func (w *world) overdue(a compute.MovingApplication) bool {
	return !w.now.Before(a.Since.Add(longestMove))
}

// stays reports whether an application did not leave a cluster before that was kept,
// of which a decision to leave may have been on its way then.
func (w *world) stays(moving compute.MovingApplication, m *member, settle time.Duration) bool {
	if w.byUID[moving.UID].Destination() != m.Target {
		return false
	}
	known := m.Since.Add(time.Second + settle) // times on record are in seconds
	if w.now.Before(known) {
		w.again(known)
		return false
	}
	return true
}

// arrived reports whether an application has left a cluster for good: nothing of it is
// there any more, and it is as ready as it was.
func (w *world) arrived(moving compute.MovingApplication, m *member) bool {
	a := w.byUID[moving.UID]
	if a == nil || a.DeletionTimestamp != nil {
		return true
	}
	to := a.Destination()
	if to == m.Target || a.On(m.Target) {
		return false
	}
	return !moving.WasReady || a.On(to) && isReady(a)
}

func isReady(a *contract.Application) bool {
	return meta.IsStatusConditionTrue(a.Status.Conditions, v1alpha1.ConditionReady)
}

// onTheMove counts the applications of a pool that are on the move: those that were
// told to go and have not arrived, and those that have objects elsewhere than where
// they are meant to be, whoever sent them.
func (f *fleet) onTheMove(w *world) int {
	moving := map[types.UID]bool{}
	for _, m := range f.members {
		for _, a := range m.Moving {
			moving[a.UID] = true
		}
		for _, a := range w.on[m.Target] {
			to := a.Destination()
			if a.DeletionTimestamp == nil && to != "" && slices.ContainsFunc(a.TargetNames(), func(name string) bool { return name != to }) {
				moving[a.UID] = true
			}
		}
	}
	return len(moving)
}

// budget is how many of a pool's applications may be on the move at once.
func (f *fleet) budget(w *world) int {
	limit := f.pool.Spec.Drain.MaxUnavailable
	if limit == nil {
		return 1
	}
	all := map[types.UID]bool{}
	for _, m := range f.members {
		for _, a := range w.on[m.Target] {
			all[a.UID] = true
		}
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(limit, len(all), true)
	if err != nil {
		return 1 // which the API server does not admit
	}
	return min(n, maxMoving)
}

// consider drains the first cluster, the least preferred one first, whose applications
// have found a place elsewhere for long enough. One that may be that is Movable.
func (p *Pools) consider(ctx context.Context, s *simulation, f *fleet) error {
	next, err := p.movable(ctx, s, f)
	if err != nil {
		return err
	}
	for _, m := range f.members {
		if m.State == compute.ClusterMovable && m != next {
			m.moves(compute.ClusterReady, s.now)
		}
	}
	if next == nil {
		return nil
	}
	why := compute.DrainMovable
	if f.exceeds() {
		why = compute.DrainMaxExceeded
	}
	next.moves(compute.ClusterMovable, s.now)
	if until := next.Since.Add(after(f)); (why == compute.DrainMovable || next.Kept != "") && s.now.Before(until) {
		s.again(until)
		return nil
	}
	next.moves(compute.ClusterDraining, s.now)
	next.Drain, next.Kept = why, ""
	f.sayf(corev1.EventTypeNormal, compute.ReasonClusterDraining, "Cluster %s is drained: %s", next.Name, map[compute.DrainReason]string{
		compute.DrainMovable:     "its applications have a place on other clusters",
		compute.DrainMaxExceeded: fmt.Sprintf("max is %d", f.limits.max),
	}[why])
	return nil
}

// movable returns the cluster that could be drained next; nil where there is none.
func (p *Pools) movable(ctx context.Context, s *simulation, f *fleet) (*member, error) {
	living := f.count((*member).living)
	if f.moving() > 0 || f.wanting || f.unserved > 0 || living <= f.limits.min || f.count((*member).empty) < f.pool.Spec.Spare {
		return nil, nil //nolint:nilnil // the pool grows, or is as small as may be
	}
	all := f.leastPreferred()
	slices.SortStableFunc(all, func(a, b *member) int { return known(b) - known(a) })
	for _, m := range all {
		if !m.used || m.expected || m.State != compute.ClusterReady && m.State != compute.ClusterMovable || !usable(m.target) {
			continue
		}
		leaving, why, err := p.elsewhere(ctx, s, m, true)
		switch {
		case err != nil:
			return nil, err
		case why == "" && len(leaving) > 0:
			return m, nil
		case f.exceeds():
			m.Kept = brief(why)
		}
	}
	return nil, nil //nolint:nilnil // there is none
}

// known puts the cluster first that was found before, that it may come to be drained.
func known(m *member) int {
	if m.State == compute.ClusterMovable {
		return 1
	}
	return 0
}

func (f *fleet) exceeds() bool { return f.count((*member).living) > f.limits.max }

func after(f *fleet) time.Duration {
	if d := f.pool.Spec.Drain.After; d != nil {
		return d.Duration
	}
	return defaultDrain
}
