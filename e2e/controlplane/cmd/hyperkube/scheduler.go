// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	scheduleroptions "k8s.io/kubernetes/cmd/kube-scheduler/app/options"
)

// runScheduler runs the scheduler without its command, which would set up a signal handler: in one
// process that may be done once only, and the API server's command has done it.
func runScheduler(ctx context.Context, args []string) error {
	chosen := scheduleroptions.NewOptions()
	flags := pflag.NewFlagSet("kube-scheduler", pflag.ContinueOnError)
	for _, set := range chosen.Flags.FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading the scheduler's arguments: %w", err)
	}
	if err := chosen.ComponentGlobalsRegistry.Set(); err != nil {
		return fmt.Errorf("setting the scheduler's feature gates: %w", err)
	}
	config, built, err := scheduler.Setup(ctx, chosen)
	if err != nil {
		return fmt.Errorf("setting up the scheduler: %w", err)
	}
	if err := scheduler.Run(ctx, config, built); err != nil {
		return fmt.Errorf("running the scheduler: %w", err)
	}
	return nil
}
