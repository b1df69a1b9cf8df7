// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/contract"
)

const (
	defaultDelay = 30 * time.Second
	// maxFor is how many applications are on record as waiting for a cluster.
	maxFor = 20
)

// simulation is what would become of the applications that wait.
type simulation struct {
	*world

	state *plan.State
	// at has the cluster whose target it is, draining those that are to go and could
	// stay, held the applications whose cluster failed and is not gone.
	at       map[string]*member
	draining []reprieve
	held     map[types.UID]bool
}

// reprieve is a cluster that is about to go, and the target that it is if it stays.
type reprieve struct {
	*member

	fleet *fleet
	as    plan.Target
}

// serve finds a place for the applications that have none: on what is there, on a
// cluster that is being made, on one that is about to go, and at last on one that is
// put on record to be made. Each takes its room, so that what one cluster is enough
// for makes one.
func (p *Pools) serve(ctx context.Context, w *world) error {
	for _, a := range w.applications {
		since := waiting(a)
		if since.IsZero() || len(w.fleets) == 0 {
			continue
		}
		it, asks, err := p.Scheduler.Question(ctx, a)
		if err != nil {
			return err
		}
		if !asks {
			continue
		}
		s := p.simulation(w)
		if s == nil {
			return contract.ErrNotSynced
		}
		s.place(it, since)
	}
	for _, f := range w.fleets {
		f.settled(w)
	}
	return nil
}

// simulation is the one of a pass, which is made when somebody waits or a cluster may
// be drained, for both are seldom so; nil while the scheduler does not know what there
// is.
func (p *Pools) simulation(w *world) *simulation {
	if w.simulated == nil {
		w.simulated = p.simulate(w)
	}
	return w.simulated
}

// simulate puts before the planner what there is and what is being made.
func (p *Pools) simulate(w *world) *simulation {
	s := &simulation{world: w, state: p.Scheduler.Snapshot(), at: map[string]*member{}, held: map[types.UID]bool{}}
	if s.state == nil {
		return nil
	}
	for _, f := range w.fleets {
		for _, m := range f.members {
			switch {
			case m.living() && (m.used || !f.deleting()):
				m.For = nil // found out anew
				s.state.SetTarget(f.target(m))
				s.at[m.Target] = m
			case m.State == compute.ClusterDraining && !f.deleting():
				s.state.RemoveTarget(m.Target)
				s.draining = append(s.draining, reprieve{m, f, f.target(m)})
			default:
				s.state.RemoveTarget(m.Target)
				for _, a := range m.For {
					s.held[a.UID] = s.held[a.UID] || m.held()
				}
			}
		}
	}
	return s
}

// place finds a place for one application.
func (s *simulation) place(it plan.Workload, since time.Time) {
	if d := s.state.Plan(it, s.now); d.Target != "" {
		s.take(it, d)
		return
	}
	if len(s.draining) > 0 {
		targets := make([]plan.Target, 0, len(s.draining))
		for _, r := range s.draining {
			targets = append(targets, r.as)
		}
		if d := s.state.With(targets...).Plan(it, s.now); d.Target != "" {
			s.reopen(d.Target, it)
			s.take(it, d)
			return
		}
	}
	if s.held[it.UID] {
		return
	}
	var short []func()
	for _, f := range s.fleets {
		ready := since.Add(delay(f.pool))
		if s.now.Before(ready) {
			s.again(ready)
			f.wanting = true
			continue
		}
		why, made := s.make(f, it)
		if made {
			return
		}
		if why != nil {
			short = append(short, func() { f.lack(why) })
		}
	}
	for _, note := range short {
		note()
	}
}

// take keeps room for an application on the target that was decided on.
func (s *simulation) take(it plan.Workload, d plan.Decision) {
	s.state.Place(it, d.Target, d.Claims)
	m := s.at[d.Target]
	if m == nil {
		return
	}
	m.expected = true
	if m.State == compute.ClusterPending && len(m.For) < maxFor {
		m.For = append(m.For, compute.PoolApplication{Namespace: it.Name.Namespace, Name: it.Name.Name, UID: it.UID})
	}
}

// reopen keeps a cluster that was about to go.
func (s *simulation) reopen(target string, it plan.Workload) {
	for i, r := range s.draining {
		if r.Target != target {
			continue
		}
		r.fleet.retain(s.world, r.member, fmt.Sprintf("application %s has no other place", it.Name))
		s.state.SetTarget(r.as)
		s.at[target] = r.member
		s.draining = append(s.draining[:i:i], s.draining[i+1:]...)
		return
	}
}

// make puts a cluster on record by the first template that the application would fit
// on and that can be had. Where none can, it returns why the first could not that it
// would fit on; nil where there is none.
func (s *simulation) make(f *fleet, it plan.Workload) (why *refusal, made bool) {
	for i := range f.pool.Spec.Templates {
		t := &f.pool.Spec.Templates[i]
		name := f.nextName()
		candidate := f.hypothesis(t, f.nextTarget(name))
		d := s.state.With(candidate).Plan(it, s.now)
		if d.Target != candidate.Name {
			continue
		}
		if refused := f.refused(s.world, t); refused != nil {
			why = first(why, refused)
			continue
		}
		m := f.begin(s.world, t)
		f.sayf(corev1.EventTypeNormal, compute.ReasonClusterMade, "Making cluster %s by template %s: application %s finds no place", m.Name, t.Name, it.Name)
		s.state.SetTarget(candidate)
		s.at[candidate.Name] = m
		s.take(it, d)
		return nil, true
	}
	return why, false
}

// first keeps the first of reasons, and what all say.
func first(all, more *refusal) *refusal {
	if all == nil {
		return more
	}
	if all.message == more.message {
		return all
	}
	return &refusal{all.reason, all.message + "; " + more.message}
}

// lack notes that an application waits for a cluster that can't be had.
func (f *fleet) lack(why *refusal) {
	f.unserved++
	if f.short == nil {
		f.short = why
	}
}

func delay(pool *compute.ClusterPool) time.Duration {
	if d := pool.Spec.ScaleUpDelay; d != nil {
		return d.Duration
	}
	return defaultDelay
}

// settled gives each cluster that can be used the state that follows from who needs it.
func (f *fleet) settled(w *world) {
	for _, m := range f.members {
		if m.living() && (w.simulated == nil || f.deleting()) {
			m.For = nil
		}
		switch {
		case m.State == compute.ClusterPending || m.State == compute.ClusterDeleting:
		case m.State == compute.ClusterDraining && (!m.used || m.Drain != ""):
		case m.State == compute.ClusterMovable && m.used && !m.expected: // which is looked at next
		case m.used || m.expected:
			m.moves(compute.ClusterReady, w.now)
		default:
			m.moves(compute.ClusterIdle, w.now)
		}
	}
}
