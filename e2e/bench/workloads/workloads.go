// SPDX-License-Identifier: Apache-2.0

// Package workloads measures what workload-operator does with many applications on
// many targets: how long a change takes to get there, how many get there in a
// second, what is written while nothing changes, and whether targets that do not
// answer hold up the others.
//
// All targets lead to one real API server, each by an address, an account and a
// namespace of its own: to the operator they are as many clusters. Writes there are
// counted by its audit log.
package workloads

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/bench"
)

// Options say how much to measure.
type Options struct {
	Targets      int           // that applications are for
	Applications int           // for each of them
	Rate         float64       // at which applications are made or changed, per second, whatever becomes of the ones before
	Renewals     int           // of kubeconfigs, while the applications are made
	Rest         time.Duration // without a change, while writes are counted
	Dead         int           // of the targets: half of them refuse connections, half accept them and never answer
	Pairs        int           // of runs with all targets alive and with dead ones
	Window       time.Duration // that such a run takes
	Out          io.Writer     // gets a line of JSON for each figure
	Log          io.Writer     // gets what goes on
}

// run is a measurement under way.
type run struct {
	Options
	*world

	version int // of all applications: the number of the last change
}

// Run measures and prints.
func Run(ctx context.Context, o Options) (err error) {
	w, err := build(ctx, o)
	if err != nil {
		return fmt.Errorf("workloads: %w", err)
	}
	defer func() { err = errors.Join(err, w.close()) }() //nolint:contextcheck // it ends what there is, whatever has ended ctx
	r := &run{Options: o, world: w}
	for _, step := range []func(context.Context) error{r.arrivals, r.rest, r.burst, r.dead} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("workloads: %w", err)
		}
	}
	return nil
}

// print prints a figure under the conditions of the run, and others.
func (r *run) print(name string, value float64, unit string, more map[string]any) error {
	conditions := map[string]any{
		"targets": r.Targets, "applications": r.Targets * r.Applications, "processors": runtime.NumCPU(), "loadAverage": loadAverage(),
	}
	maps.Copy(conditions, more)
	return bench.Figure{Name: name, Value: value, Unit: unit, Conditions: conditions}.Print(r.Out)
}

func sayf(to io.Writer, format string, args ...any) {
	fmt.Fprintf(to, time.Now().Format(time.TimeOnly)+" "+format+"\n", args...)
}

// loadAverage is how many threads have wanted a processor in the last minute; -1
// where the kernel does not say.
func loadAverage() float64 {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return -1
	}
	first, _, _ := strings.Cut(string(content), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return -1
	}
	return load
}
