// SPDX-License-Identifier: Apache-2.0

// Package bench measures what a managed resource costs: writes to the
// Kubernetes API, counted by the API server's own record, cloud calls, counted
// by the cloud, processor time and memory, counted by the kernel.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

// cloudDelay is how long the local cloud takes to create and to change: long
// enough that a resource is seen, and said to be, Creating.
const cloudDelay = 5 * time.Second

// Options say how much to measure.
type Options struct {
	Counted int       // claims whose writes and calls are counted
	Scales  []int     // how many claims there are when memory is read, ascending; the first is the burst
	Cloud   string    // whose databases: aws, gcp or azure
	Out     io.Writer // gets a line of JSON for each figure
	Log     io.Writer // gets what goes on
}

// Run measures and prints.
func Run(ctx context.Context, o Options) error {
	if err := counts(ctx, o); err != nil {
		return fmt.Errorf("counts: %w", err)
	}
	if err := scales(ctx, o); err != nil {
		return fmt.Errorf("scales: %w", err)
	}
	return nil
}

// run is a stack that is measured.
type run struct {
	Options

	subject    subject
	stack      *stack.Stack
	cloud      *control.Client
	conditions map[string]any
}

// start starts a stack of its own, with an account and classes, in which a
// resource at rest is looked at every poll.
func start(ctx context.Context, o Options, poll time.Duration) (*run, error) {
	of, err := subjectOf(o.Cloud)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "crossplane-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	s, err := stack.Up(ctx, stack.Options{Dir: dir, Operators: []string{stack.CoreOperator, of.operator}, CloudDelay: cloudDelay, PollInterval: poll, Progress: o.Log})
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	r := &run{Options: o, subject: of, stack: s, conditions: map[string]any{
		"cloudDelaySeconds": cloudDelay.Seconds(), "pollSeconds": poll.Seconds(), "cloud": of.cloud, "claim": claimKind.Kind,
	}}
	if r.cloud, err = s.Control(of.cloud); err != nil {
		return nil, errors.Join(fmt.Errorf("start: %w", err), s.Down())
	}
	if err := r.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Down())
	}
	return r, nil
}

// with returns the run's conditions and others.
func (r *run) with(more map[string]any) map[string]any {
	c := maps.Clone(r.conditions)
	maps.Copy(c, more)
	return c
}

func (r *run) sayf(format string, args ...any) { fmt.Fprintf(r.Log, format+"\n", args...) }

// writes returns the writes to the API by an operator since mark: events,
// Leases and questions about permissions are not among them.
func (r *run) writes(mark audit.Mark, operators ...string) (int, error) {
	requests, err := r.stack.Audit().Since(mark)
	if err != nil {
		return 0, fmt.Errorf("read the audit log: %w", err)
	}
	n := 0
	for _, o := range operators {
		by := requests.By(stack.User(o)).Of(audit.Write)
		n += len(by)
		for key, count := range by.Count() {
			r.sayf("  %s: %d × %s %s", o, count, key.Verb, key.Target)
		}
	}
	return n, nil
}

// mark settles the audit log and returns its end.
func (r *run) mark(ctx context.Context) (audit.Mark, error) {
	if err := r.stack.Audit().Settle(ctx, time.Second); err != nil {
		return 0, fmt.Errorf("settle the audit log: %w", err)
	}
	m, err := r.stack.Audit().Mark()
	if err != nil {
		return 0, fmt.Errorf("mark the audit log: %w", err)
	}
	return m, nil
}

// calls returns how many calls the databases' API has had; operation "" is all of them.
func (r *run) calls(ctx context.Context, operation string) (int, error) {
	counts, err := r.cloud.Calls(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the cloud's calls: %w", err)
	}
	n := 0
	for _, c := range counts {
		if c.Service == r.subject.service && (operation == "" || c.Operation == operation) {
			n += c.Count
		}
	}
	return n, nil
}
