// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// dead measures what targets that do not answer do to the others: changes at the
// same rate, for all targets, with all of them alive and with some that die as the
// first change is due; of both, those to the targets that always live are counted.
func (r *run) dead(ctx context.Context) error {
	if r.Dead == 0 {
		return nil
	}
	var ratios, living, among []float64
	for n := range r.Pairs {
		if err := r.settled(ctx); err != nil {
			return err
		}
		alive, err := r.lastTail(ctx, nil)
		if err != nil {
			return err
		}
		if err := r.settled(ctx); err != nil {
			return err
		}
		beside, err := r.lastTail(ctx, r.targets[:r.Dead])
		if err != nil {
			return err
		}
		sayf(r.Log, "pair %d: p99 %.0f ms alive, %.0f ms beside dead ones", n+1, alive, beside)
		ratios, living, among = append(ratios, beside/alive), append(living, alive), append(among, beside)
	}
	conditions := map[string]any{
		"ratePerSecond": r.Rate, "deadTargets": r.Dead, "pairs": r.Pairs, "windowSeconds": r.Window.Seconds(), "change": "another manifest",
		"p99AliveMs": living, "p99BesideDeadMs": among, "ratios": slices.Clone(ratios),
	}
	return errors.Join(
		r.print("propagation_p99_alive_ms", median(living), "ms", conditions),
		r.print("propagation_p99_beside_dead_ms", median(among), "ms", conditions),
		r.print("dead_targets_p99_ratio", median(ratios), "ratio", conditions),
	)
}

// lastTail changes applications for a window, while some targets are dead, and
// returns how long the slowest hundredth for those took that never die. It returns
// once all changes have arrived, after the dead have come back.
func (r *run) lastTail(ctx context.Context, dead []*target) (float64, error) {
	sayf(r.Log, "changes, %d targets dead", len(dead))
	for i, t := range dead {
		if err := t.relay.set(ctx, []mode{silent, refusing}[i%2]); err != nil {
			return 0, err
		}
	}
	changes, err := r.apply(ctx, r.some(), r.Rate, r.edit)
	if err != nil {
		return 0, err
	}
	others := slices.DeleteFunc(slices.Clone(changes), func(c change) bool {
		return slices.ContainsFunc(r.targets[:r.Dead], func(t *target) bool { return t.name == c.target })
	})
	took, err := r.propagated(ctx, others)
	if err != nil {
		return 0, err
	}
	r.saySlowest(others)
	if arrived := r.arrived(changes, dead); arrived > 0 {
		return 0, fmt.Errorf("%w: %d changes got through to dead targets", errWrong, arrived)
	}
	for _, t := range dead {
		if err := t.relay.set(ctx, passing); err != nil {
			return 0, err
		}
	}
	_, err = r.propagated(ctx, changes)
	return quantile(took, 0.99), err
}

// slowest is how many of the changes are told of one by one.
const slowest = 3

// saySlowest tells which changes took longest: what held them up is often seen by
// when they were due.
func (r *run) saySlowest(changes []change) {
	took := func(c change) time.Duration { return r.seen.of(c.sight).Sub(c.due) }
	sorted := slices.SortedFunc(slices.Values(changes), func(a, b change) int { return cmp.Compare(took(b), took(a)) })
	for _, c := range sorted[:min(slowest, len(sorted))] {
		sayf(r.Log, "  %s/%s took %s, due after %s", c.target, c.name, took(c).Round(time.Millisecond), c.due.Sub(changes[0].due).Round(time.Millisecond))
	}
}

// arrived counts the changes that were seen on some targets.
func (r *run) arrived(changes []change, on []*target) int {
	n := 0
	for _, c := range changes {
		if slices.ContainsFunc(on, func(t *target) bool { return t.name == c.target }) && !r.seen.of(c.sight).IsZero() {
			n++
		}
	}
	return n
}

// median returns the middle one of some values, the lesser of two in the middle.
func median(values []float64) float64 {
	return quantile(slices.Sorted(slices.Values(values)), 0.5)
}
