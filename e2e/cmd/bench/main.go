// SPDX-License-Identifier: Apache-2.0

// Command bench measures what managed resources cost and prints one line of
// JSON for each figure; what goes on is told on standard error.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/crossplaneio/crossplane/e2e/bench"
)

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
	o := bench.Options{Out: os.Stdout, Log: os.Stderr}
	flag.IntVar(&o.Counted, "counted", 20, "claims whose writes and calls are counted")
	flag.StringVar(&o.Cloud, "cloud", "aws", "whose databases are measured: aws, gcp or azure")
	scales := flag.String("scales", "1000,10000", "how many claims there are when memory is read; the first is the burst")
	flag.Parse()
	for s := range strings.SplitSeq(*scales, ",") {
		n, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("-scales: %w", err)
		}
		o.Scales = append(o.Scales, n)
	}
	return bench.Run(ctx, o)
}
