// SPDX-License-Identifier: Apache-2.0

// Package pool makes clusters when applications find no place, and removes those that
// nobody needs any more. One pass looks at all pools together, so that no two of them
// serve the same need; it plans with the planner, so that what is made is what the
// scheduler then uses. How many nodes a cluster has is its autoscaler's business.
package pool

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/core-operator/internal/schedule"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// fieldManager is the name under which core owns the fields that it writes.
const fieldManager = "core-operator"

// Env is what pools need of the operator that they run in.
type Env struct {
	// Kube reads through the manager's cache, and writes.
	Kube client.Client
	// Live reads from the API server itself.
	Live client.Reader
	// Workloads knows applications and targets.
	Workloads *contract.Workloads
	// Scheduler is who places applications.
	Scheduler Scheduler
	// Clock tells the time; tests replace it.
	Clock clock.PassiveClock
	// Events records on pools what was done.
	Events events.EventRecorder
	// Pause is how much time is left between two passes; 0: a second.
	Pause time.Duration
	// Settle is how long a cluster is drained before it is looked at for the last time:
	// longer than a decision that was made before takes to be written. It is also what
	// is left between two looks for a cluster to drain; 0: 10 s.
	Settle time.Duration
}

// Scheduler is what pools ask of who places applications: what they simulate is then
// what that does. *schedule.Scheduler has it.
type Scheduler interface {
	// Snapshot is what it decides by, for the caller alone; nil: not known yet.
	Snapshot() *plan.State
	// Question is what the planner is asked about an application that has found no
	// place; false: it can't be asked.
	Question(context.Context, *contract.Application) (plan.Workload, bool, error)
	// Leaving is what the planner is asked about an application that is to leave the
	// target that it is on; or why it does not leave.
	Leaving(context.Context, *contract.Application) (w plan.Workload, why string, err error)
}

// Pools keeps the clusters of all pools, and tells the scheduler of them.
type Pools struct {
	Env

	// What happens in a pass: there is one at a time.
	last       time.Time
	considered map[types.UID]time.Time // when it was looked for a cluster to drain, by pool

	mu        sync.RWMutex
	nominated map[types.UID]workload.Nomination
	draining  map[string]time.Time // since when it was told here, by target
	departing map[types.UID]schedule.Departure
	reserved  map[string]bool // targets that are kept empty
	told      bool
	onChange  []func(applications []types.UID, targets []string)
}

// New returns pools that have to be added to a manager by SetupWithManager, once they
// have a Scheduler.
func New(env Env) *Pools {
	if env.Pause == 0 {
		env.Pause = time.Second
	}
	if env.Settle == 0 {
		env.Settle = 10 * time.Second
	}
	return &Pools{
		Env: env, considered: map[types.UID]time.Time{},
		nominated: map[types.UID]workload.Nomination{}, draining: map[string]time.Time{},
	}
}

// Nomination returns the cluster that is being made for an application; nil where
// none is.
func (p *Pools) Nomination(application types.UID) *workload.Nomination {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if n, ok := p.nominated[application]; ok {
		return &n
	}
	return nil
}

// Draining reports whether nothing may be placed on a target any more, because its
// pool is about to remove it. A decision that was made before has to be written within
// Env.Settle.
func (p *Pools) Draining(target string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, ok := p.draining[target]
	return ok
}

// Departure returns from where, and why, an application is to go; nil where it may
// stay.
func (p *Pools) Departure(application types.UID) *schedule.Departure {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if d, ok := p.departing[application]; ok {
		return &d
	}
	return nil
}

// Reserved reports whether a target is kept empty, or is not in use yet: no
// application goes there because another cluster is emptied.
func (p *Pools) Reserved(target string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.reserved[target]
}

// OnChange calls f when applications came to have another nomination or departure, or
// none, and when targets began or ceased to be draining. To be called before the manager starts;
// f must not block.
func (p *Pools) OnChange(f func(applications []types.UID, targets []string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onChange = append(p.onChange, f)
}

// Known reports whether it is known what the pools have on record.
func (p *Pools) Known() bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.told
}

// learn takes note of what is on record, before the first pass.
func (p *Pools) learn(ctx context.Context) error {
	list := &compute.ClusterPoolList{}
	if err := p.Live.List(ctx, list); err != nil {
		return fmt.Errorf("reading the cluster pools: %w", err)
	}
	p.tell(list.Items)
	return nil
}

// tell has the scheduler know what the pools have on record.
func (p *Pools) tell(pools []compute.ClusterPool) {
	now := p.Clock.Now()
	nominated, draining := map[types.UID]workload.Nomination{}, map[string]time.Time{}
	departing, reserved := departures(pools), map[string]bool{}
	for i := range pools {
		for _, c := range pools[i].Status.Clusters {
			if leaving(c.State) || goes(&pools[i]) {
				draining[c.Target] = now
				continue
			}
			reserved[c.Target] = c.State == compute.ClusterIdle || c.State == compute.ClusterPending
			for _, a := range c.For {
				nominated[a.UID] = workload.Nomination{Pool: pools[i].Name, Cluster: c.Name}
			}
		}
	}
	p.mu.Lock()
	applications := append(differing(p.nominated, nominated), differing(p.departing, departing)...)
	targets := differing(p.draining, draining, func(time.Time, time.Time) bool { return true })
	for target, since := range p.draining {
		if _, still := draining[target]; still {
			draining[target] = since
		}
	}
	p.nominated, p.draining, p.departing, p.reserved, p.told = nominated, draining, departing, reserved, true
	subscribers := p.onChange
	p.mu.Unlock()
	if len(applications)+len(targets) > 0 {
		for _, f := range subscribers {
			f(applications, targets)
		}
	}
}

// departures are the applications that may leave clusters which are drained.
func departures(pools []compute.ClusterPool) map[types.UID]schedule.Departure {
	out := map[types.UID]schedule.Departure{}
	for i := range pools {
		for _, c := range pools[i].Status.Clusters {
			if c.Drain == "" {
				continue // it was kept, and who is on the move from it has left
			}
			for _, a := range c.Moving {
				out[a.UID] = schedule.Departure{From: c.Target, Why: fmt.Sprintf("ClusterPool %s drains cluster %s", pools[i].Name, c.Name)}
			}
		}
	}
	return out
}

// goes reports whether a pool is to go, and its clusters with it: were anything placed
// on those that have applications it would never end.
func goes(p *compute.ClusterPool) bool {
	return p.DeletionTimestamp != nil && p.Spec.DeletionPolicy != v1alpha1.DeletionOrphan
}

// leaving reports whether nothing is placed on a cluster of this state.
func leaving(s compute.ClusterState) bool {
	return s == compute.ClusterDraining || s == compute.ClusterDeleting
}

// close has the scheduler place nothing on a target from now on, before it is on
// record: the other way round something might slip through.
func (p *Pools) close(target string) {
	p.mu.Lock()
	_, already := p.draining[target]
	if !already {
		p.draining[target] = p.Clock.Now()
	}
	subscribers := p.onChange
	p.mu.Unlock()
	for _, f := range subscribers {
		if !already {
			f(nil, []string{target})
		}
	}
}

// closed returns since when the scheduler of this process has known that a target is
// draining; zero where it does not.
func (p *Pools) closed(target string) time.Time {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.draining[target]
}

// differing returns the keys whose values are not the same, as those that are only in
// one of them.
func differing[K comparable, V comparable](a, b map[K]V, same ...func(V, V) bool) []K {
	equal := func(x, y V) bool { return x == y }
	if len(same) > 0 {
		equal = same[0]
	}
	var keys []K
	for k, x := range a {
		if y, ok := b[k]; !ok || !equal(x, y) {
			keys = append(keys, k)
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	return keys
}
