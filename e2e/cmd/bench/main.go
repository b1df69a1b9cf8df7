// SPDX-License-Identifier: Apache-2.0

// Command bench measures what managed resources and workloads cost and prints one
// line of JSON for each figure; what goes on is told on standard error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/crossplaneio/crossplane/e2e/bench"
	"github.com/crossplaneio/crossplane/e2e/bench/workloads"
)

var errNoPart = errors.New("no such part")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	only := flag.String("only", "", "the part to measure: claims, workloads or rest (default: all)")
	claims := bench.Options{Out: os.Stdout, Log: os.Stderr}
	scales := claimFlags(&claims)
	applications := workloads.Options{Out: os.Stdout, Log: os.Stderr}
	workloadFlags(&applications)
	rest := bench.RestOptions{Out: os.Stdout, Log: os.Stderr}
	restFlags(&rest)
	flag.Parse()
	var err error
	if claims.Scales, err = numbers(*scales); err != nil {
		return fmt.Errorf("-scales: %w", err)
	}
	switch *only {
	case "claims":
		return bench.Run(ctx, claims)
	case "workloads":
		return workloads.Run(ctx, applications)
	case "rest":
		return bench.Rest(ctx, rest)
	case "":
		return errors.Join(workloads.Run(ctx, applications), bench.Rest(ctx, rest), bench.Run(ctx, claims))
	}
	return fmt.Errorf("-only: %w: %q", errNoPart, *only)
}

func claimFlags(o *bench.Options) (scales *string) {
	flag.IntVar(&o.Counted, "counted", 20, "claims whose writes and calls are counted")
	flag.StringVar(&o.Cloud, "cloud", "aws", "whose databases are measured: aws, gcp or azure")
	return flag.String("scales", "1000,10000", "how many claims there are when memory is read; the first is the burst")
}

func workloadFlags(o *workloads.Options) {
	flag.IntVar(&o.Targets, "targets", 100, "clusters that applications run on")
	flag.IntVar(&o.Applications, "applications", 50, "applications on each of them")
	flag.Float64Var(&o.Rate, "rate", 20, "applications made or changed in a second")
	flag.IntVar(&o.Renewals, "renewals", 100, "kubeconfigs of targets that are renewed while applications are made")
	flag.DurationVar(&o.Rest, "rest", 2*time.Minute, "how long writes are counted while nothing changes")
	flag.IntVar(&o.Dead, "dead", 10, "targets that do not answer; half of them refuse connections")
	flag.IntVar(&o.Pairs, "pairs", 5, "runs with and without them")
	flag.DurationVar(&o.Window, "window", time.Minute, "how long applications are changed in such a run")
}

func restFlags(o *bench.RestOptions) {
	flag.StringVar(&o.Bin, "bin", "", "folder of the programs that are weighed at rest (default: .cache/bin)")
	flag.IntVar(&o.Claims, "few", 5, "claims of each cloud that there are at rest")
	flag.DurationVar(&o.Settle, "settle", 150*time.Second, "how long nothing has happened at rest")
}

func numbers(list string) ([]int, error) {
	var all []int
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil, fmt.Errorf("reading a number: %w", err)
		}
		all = append(all, n)
	}
	return all, nil
}
