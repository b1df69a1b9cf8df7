// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

// RestOptions say what is there when operators are weighed at rest.
type RestOptions struct {
	Bin    string        // folder of the programs; empty: .cache/bin
	Claims int           // of each cloud, for a database
	Settle time.Duration // how long nothing happens before
	Out    io.Writer     // gets a line of JSON for each operator
	Log    io.Writer     // gets what goes on
}

// Rest measures the memory of every operator with a few resources that have not changed for a
// while: what an installation takes on which little goes on.
func Rest(ctx context.Context, o RestOptions) (err error) {
	dir, err := os.MkdirTemp("", "crossplane-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	s, err := stack.Up(ctx, stack.Options{Dir: dir, Bin: o.Bin, Operators: stack.Operators(), CloudDelay: time.Second, Progress: o.Log})
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	r := &run{Options: Options{Out: o.Out, Log: o.Log}, stack: s, conditions: map[string]any{
		"claimsOfEachCloud": o.Claims, "settleSeconds": o.Settle.Seconds(),
	}}
	defer func() { err = errors.Join(err, s.Down()) }()
	if err := r.furnish(ctx, o.Claims); err != nil {
		return err
	}
	r.sayf("nothing happens for %s", o.Settle)
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait for rest: %w", context.Cause(ctx))
	case <-time.After(o.Settle):
	}
	return r.weigh()
}

// furnish makes n claims of each cloud, and waits until all are ready.
func (r *run) furnish(ctx context.Context, n int) error {
	clouds := slices.Sorted(maps.Keys(subjects))
	for _, cloud := range clouds {
		home := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace + "-" + cloud, Labels: map[string]string{"cloud": cloud}}}
		if err := r.stack.Client.Create(ctx, home); err != nil {
			return fmt.Errorf("create a namespace: %w", err)
		}
		if err := r.stack.Connect(ctx, cloud); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		for i := range n {
			claim := newClaim(i)
			claim.SetNamespace(home.Name)
			if err := r.stack.Client.Create(ctx, claim); err != nil {
				return fmt.Errorf("create a claim: %w", err)
			}
		}
	}
	return r.awaitReady(ctx, claimKind, n*len(clouds))
}

// weigh prints what each operator holds, and which part of it is its own.
func (r *run) weigh() error {
	var failures []error
	for _, name := range r.stack.Operators() {
		u, err := r.stack.Usage(name)
		if err != nil {
			return fmt.Errorf("usage of %s: %w", name, err)
		}
		c := r.with(map[string]any{
			"operator": name, "ownMiB": mebibytes(u.Anon), "fileMiB": mebibytes(u.File), "peakMiB": mebibytes(u.PeakRSS), "cpuSeconds": u.CPU.Seconds(),
		})
		failures = append(failures, Figure{"operator_rest_mib", mebibytes(u.RSS), "MiB", c}.Print(r.Out))
	}
	return errors.Join(failures...)
}

// mebibytes rounds to a tenth.
func mebibytes(bytes uint64) float64 {
	return float64(bytes*10/mebibyte) / 10
}
