// SPDX-License-Identifier: Apache-2.0

// Package schedule decides where applications run, and with them where the claims
// that they use are satisfied. One loop takes one decision at a time with the
// planner, counts it at once, and has it written: the target, the class and the
// place of each claim in one write, that fails where the application has changed
// meanwhile. What is written is what counts: whoever leads next begins with that.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// FieldManager is the name under which core owns the fields that it writes.
const FieldManager = "core-operator"

const (
	// defaultWriters is how many placements are written at a time.
	defaultWriters = 16
	// recheck is how often an application is looked at whose target it does not put up
	// with for ever, or that is to leave it.
	recheck = 5 * time.Second
	// sweepEvery bounds how often all that wait are looked at.
	sweepEvery = 200 * time.Millisecond
	// retryAfter is after what time something is tried again that failed.
	retryAfter = time.Second
	// settling is how long a new application waits for its claims before it says that
	// they are not there: what is applied together comes within seconds.
	settling = 3 * time.Second
	// soon is after what time something is looked for again that is not known yet.
	soon = 100 * time.Millisecond
)

// Env is what the scheduler needs of the operator that it runs in.
type Env struct {
	// Kube reads through the manager's cache, and writes.
	Kube client.Client
	// Live reads from the API server itself.
	Live client.Reader
	// Kinds knows the managed resources of every operator.
	Kinds *contract.Kinds
	// Workloads knows the applications and the targets.
	Workloads *contract.Workloads
	// Claims are the kinds of claims.
	Claims []schema.GroupVersionKind
	// Namespace of the operator, where the prices are.
	Namespace string
	// Clock tells the time.
	Clock clock.PassiveClock
	// Events records moves on applications.
	Events events.EventRecorder
	// Writers is how many placements are written at a time; 0: 16.
	Writers int

	// Nomination says which cluster is being made for an application of this uid;
	// nil where none is. Optional.
	Nomination func(types.UID) *workload.Nomination
	// Draining reports whether a target is being emptied to be removed. Optional.
	Draining func(target string) bool
	// Departure says that an application is to leave a target that is being emptied;
	// nil where it is not. Optional.
	Departure func(types.UID) *Departure
	// Reserved reports whether a target is kept empty: no application that leaves
	// another for the sake of its pool goes there. Optional.
	Reserved func(target string) bool
}

// Scheduler decides. It is a manager.Runnable that runs where the operator leads.
type Scheduler struct {
	Env

	queue *queue
	facts *facts
	inbox inbox
	jobs  chan job

	mu      sync.Mutex // guards what follows
	state   *plan.State
	targets map[string]plan.Target
	marks   map[types.NamespacedName]*mark
	waiting map[types.NamespacedName]*mark // those that wait
	begun   bool                           // the state is whole
	since   time.Time                      // when it began
	swept   time.Time                      // when all that wait were queued
	due     bool                           // they will be again
}

// New returns a scheduler.
func New(env Env) *Scheduler {
	if env.Writers == 0 {
		env.Writers = defaultWriters
	}
	return &Scheduler{
		Env: env, queue: newQueue(), facts: newFacts(), jobs: make(chan job),
		state: plan.NewState(), targets: map[string]plan.Target{}, marks: map[types.NamespacedName]*mark{}, waiting: map[types.NamespacedName]*mark{},
	}
}

// NeedLeaderElection implements manager.LeaderElectionRunnable: one decides.
func (s *Scheduler) NeedLeaderElection() bool { return true }

// Start decides until ctx ends, and returns once what was decided is written.
func (s *Scheduler) Start(ctx context.Context) error {
	if err := s.synced(ctx); err != nil {
		return err
	}
	for err := s.rebuild(ctx); err != nil; err = s.rebuild(ctx) {
		s.log(ctx).Error(err, "can't begin to decide yet")
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(retryAfter):
		}
	}
	var running sync.WaitGroup
	for range s.Writers {
		running.Go(func() { s.write(ctx) })
	}
	running.Go(func() { s.readPrices(ctx) })
	for s.step(ctx) {
	}
	close(s.jobs)
	running.Wait()
	return nil
}

// synced waits until it is known which managed resources, applications and
// targets there are.
func (s *Scheduler) synced(ctx context.Context) error {
	if err := s.Kinds.WaitForSync(ctx); err != nil {
		return fmt.Errorf("waiting for the managed resources: %w", err)
	}
	if err := s.Workloads.WaitForSync(ctx); err != nil {
		return fmt.Errorf("waiting for the applications: %w", err)
	}
	for {
		_, applications := s.Workloads.All()
		_, targets := s.Workloads.Targets()
		if err := errors.Join(applications, targets); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the applications: %w", context.Cause(ctx))
		case <-time.After(soon):
		}
	}
}

// step takes note of what has changed, then looks at one application. It returns
// false once ctx has ended.
func (s *Scheduler) step(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	s.notice(ctx)
	key, ok := s.queue.next()
	if !ok {
		return s.queue.wait(ctx)
	}
	j, err := s.look(ctx, key)
	if err != nil {
		if errors.Is(err, contract.ErrNotSynced) || apierrors.IsNotFound(err) { // of its namespace, that is
			s.after(soon, key)
			return true
		}
		s.log(ctx).Error(err, "can't decide", "application", key)
		s.after(retryAfter, key)
		return true
	}
	if j != nil {
		s.jobs <- *j // writers do not end before this loop does
	}
	return true
}

// after has an application looked at after some time.
func (s *Scheduler) after(d time.Duration, key types.NamespacedName) {
	s.inbox.after(d, key, s.queue.wake)
}

func (s *Scheduler) log(ctx context.Context) logr.Logger {
	return log.FromContext(ctx).WithName("scheduler")
}
