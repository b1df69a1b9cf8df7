// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

// scalesPoll is what operators do by themselves.
const scalesPoll = 10 * time.Minute

const mebibyte = 1 << 20

// claimsThere is the condition that says how many claims there are.
const claimsThere = "claims"

// scales measures what varies: time, processor time and memory.
func scales(ctx context.Context, o Options) (err error) {
	r, err := start(ctx, o, scalesPoll)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stack.Down()) }()
	there := 0
	for i, n := range o.Scales {
		r.sayf("%d claims", n)
		before, err := r.processorTime()
		if err != nil {
			return err
		}
		began := time.Now()
		if err := errors.Join(r.claim(ctx, there, n), r.awaitReady(ctx, claimKind, n)); err != nil {
			return err
		}
		if i == 0 {
			if err := r.burst(before, n, time.Since(began)); err != nil {
				return err
			}
		}
		if err := r.memory(n); err != nil {
			return err
		}
		there = n
	}
	return r.restart(ctx, there)
}

// processorTime returns what each process has used so far.
func (r *run) processorTime() (map[string]time.Duration, error) {
	used := map[string]time.Duration{}
	for _, name := range append([]string{stack.ControlPlane}, r.stack.Operators()...) {
		u, err := r.stack.Usage(name)
		if err != nil {
			return nil, fmt.Errorf("usage of %s: %w", name, err)
		}
		used[name] = u.CPU
	}
	return used, nil
}

// burst prints what n claims at once took.
func (r *run) burst(before map[string]time.Duration, n int, took time.Duration) error {
	after, err := r.processorTime()
	if err != nil {
		return err
	}
	each := func(name string) float64 { return float64((after[name] - before[name]).Milliseconds()) / float64(n) }
	c := r.with(map[string]any{claimsThere: n, "seconds": took.Seconds()})
	err = errors.Join(
		Figure{"burst_per_second", float64(n) / took.Seconds(), "claims/s", c}.Print(r.Out),
		Figure{"apiserver_cpu_ms", each(stack.ControlPlane), "ms/claim", r.with(map[string]any{claimsThere: n, "process": "control plane: etcd, API server, controller manager, scheduler"})}.Print(r.Out),
	)
	for _, name := range r.stack.Operators() {
		err = errors.Join(err, Figure{"operator_cpu_ms", each(name), "ms/claim", r.with(map[string]any{claimsThere: n, "operator": name})}.Print(r.Out))
	}
	return err
}

// memory prints what the operators hold while there are n claims.
func (r *run) memory(n int) error {
	var err error
	for _, name := range r.stack.Operators() {
		u, failed := r.stack.Usage(name)
		if failed != nil {
			return fmt.Errorf("usage of %s: %w", name, failed)
		}
		c := r.with(map[string]any{claimsThere: n, "operator": name, "peakMiB": u.PeakRSS / mebibyte})
		err = errors.Join(err, Figure{"operator_rss_mib", float64(u.RSS) / mebibyte, "MiB", c}.Print(r.Out))
	}
	return err
}

// restart starts the operators anew with n claims there and prints what they
// write and change when nothing has changed.
func (r *run) restart(ctx context.Context, n int) error {
	mark, err := r.mark(ctx)
	if err != nil {
		return err
	}
	ledger, err := r.cloud.Ledger(ctx, 0)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	before, err := r.calls(ctx, "")
	if err != nil {
		return err
	}
	for _, name := range r.stack.Operators() {
		if err := r.stack.Restart(ctx, name); err != nil {
			return fmt.Errorf("restart %s: %w", name, err)
		}
	}
	began, last, quiet := time.Now(), before, time.Now()
	err = r.await(ctx, "the operators are quiet", func(ctx context.Context) (bool, error) {
		now, err := r.calls(ctx, "")
		if now != last {
			last, quiet = now, time.Now()
		}
		// With many of them the polls never pause: each was looked at once then.
		return err == nil && last > before && (last-before >= n || time.Since(quiet) > 3*time.Second), err
	})
	if err != nil {
		return err
	}
	writes, err := r.writes(mark, r.stack.Operators()...)
	if err != nil {
		return err
	}
	changes, err := r.cloud.Ledger(ctx, len(ledger))
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	c := r.with(map[string]any{claimsThere: n, "cloudCalls": last - before})
	return errors.Join(
		Figure{"restart_quiet_seconds", quiet.Sub(began).Seconds(), "s", c}.Print(r.Out),
		Figure{"restart_api_writes", float64(writes), "writes", c}.Print(r.Out),
		Figure{"restart_cloud_mutations", float64(len(changes)), "changes", c}.Print(r.Out),
	)
}
