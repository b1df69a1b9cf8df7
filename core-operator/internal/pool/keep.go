// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

const defaultIdle = 10 * time.Minute

// keep makes the clusters that there have to be whoever waits: min, and the spare ones.
// Where one is about to go it stays.
func (f *fleet) keep(w *world) {
	for !f.deleting() && (f.lacksMin() || f.lacksSpare()) {
		if m := f.anyDraining(); m != nil {
			f.retain(w, m, fmt.Sprintf("min is %d, spare %d", f.limits.min, f.pool.Spec.Spare))
			continue
		}
		if why := f.makeAny(w); why != nil {
			if f.short == nil && (f.lacksMin() || why.reason != compute.ReasonMaxReached) {
				f.short = why // that there is no room for a spare one is nobody's fault
			}
			return
		}
	}
}

func (f *fleet) lacksMin() bool {
	return f.count(func(m *member) bool { return m.living() || m.held() }) < f.limits.min
}

func (f *fleet) lacksSpare() bool {
	return f.count(func(m *member) bool { return m.empty() || m.held() && len(m.For) == 0 }) < f.pool.Spec.Spare
}

// makeAny puts a cluster on record by the first template that can be had; where none
// can it returns why.
func (f *fleet) makeAny(w *world) (why *refusal) {
	for i := range f.pool.Spec.Templates {
		t := &f.pool.Spec.Templates[i]
		refused := f.refused(w, t)
		if refused == nil {
			m := f.begin(w, t)
			f.sayf(corev1.EventTypeNormal, compute.ReasonClusterMade, "Making cluster %s by template %s: min is %d, spare %d", m.Name, t.Name, f.limits.min, f.pool.Spec.Spare)
			return nil
		}
		why = first(why, refused)
	}
	return why
}

func (f *fleet) anyDraining() *member {
	for _, m := range f.members {
		if m.State == compute.ClusterDraining {
			return m
		}
	}
	return nil
}

// shrink drains the clusters that nobody has needed for so long, the least preferred
// first. More than there may be, by a schedule for example, and those of a pool that is
// to go, are not waited for.
func (f *fleet) shrink(w *world) {
	for _, m := range f.leastPreferred() {
		if !m.empty() {
			continue
		}
		switch {
		case f.deleting(): // whatever their state: nobody needs it
		case m.State != compute.ClusterIdle:
			continue
		case f.count((*member).living) > f.limits.max:
		case f.count((*member).living) <= f.limits.min || f.count((*member).empty) <= f.pool.Spec.Spare:
			continue
		default:
			if until := m.Since.Add(idle(f)); w.now.Before(until) {
				w.again(until)
				continue
			}
		}
		m.moves(compute.ClusterDraining, w.now)
	}
}

func idle(f *fleet) time.Duration {
	if d := f.pool.Spec.IdleAfter; d != nil {
		return d.Duration
	}
	return defaultIdle
}

// leastPreferred returns the clusters in the order in which they go: those of the last
// template first, and of one template the youngest.
func (f *fleet) leastPreferred() []*member {
	rank := func(m *member) int {
		for i := range f.pool.Spec.Templates {
			if f.pool.Spec.Templates[i].Name == m.Template {
				return i
			}
		}
		return len(f.pool.Spec.Templates)
	}
	all := slices.Clone(f.members)
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b *member) int { return cmp.Compare(rank(b), rank(a)) })
	return all
}

// settle looks for the last time at clusters that have been drained for long enough,
// by asking the API server itself: what was decided before is written by now. Where
// an application came to be there it stays.
func (p *Pools) settle(ctx context.Context, w *world, f *fleet) error {
	for _, m := range f.members {
		if m.State != compute.ClusterDraining {
			continue
		}
		p.close(m.Target)
		at := p.closed(m.Target).Add(p.Settle)
		if m.was != compute.ClusterDraining || w.now.Before(at) {
			w.again(at)
			continue
		}
		if m.used || m.Drain != "" && len(m.Moving) > 0 {
			continue // it is being emptied
		}
		a, err := contract.FindApplication(ctx, p.Live, func(a *contract.Application) bool {
			return slices.Contains(a.TargetNames(), m.Target)
		})
		switch {
		case err != nil:
			return err
		case a != nil:
			m.moves(compute.ClusterReady, w.now)
		default:
			m.moves(compute.ClusterDeleting, w.now)
		}
	}
	return nil
}
