// SPDX-License-Identifier: Apache-2.0

// Package operator is what every operator's main shares: flags, logging, metrics,
// health, leader election, and a manager whose kinds may come and go.
//
// An operator needs these rights beside those on its own kinds:
//
//	customresourcedefinitions.apiextensions.k8s.io  get, list, watch
//	namespaces, only kube-system                    get
//	leases.coordination.k8s.io, in --namespace      get, create, update
//	events.events.k8s.io                            create, patch
package operator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/go-logr/logr"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/crossplaneio/crossplane/shared/logging"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Options say what an operator is.
type Options struct {
	// Name of the operator, for example aws-operator: of its Lease, its field
	// manager, and the label crossplane.io/operator of its CRDs.
	Name string

	// Version that --version prints and the API server is told. Absent: what the
	// linker was told, else the main module's, as the go command recorded it.
	Version string

	// Scheme adds the operator's own kinds; Kubernetes' own and
	// CustomResourceDefinition are there.
	Scheme []func(*runtime.Scheme) error

	// MaxConcurrent is how many objects of a kind are worked on at a time unless a
	// flag says otherwise. Absent: 10.
	MaxConcurrent int

	// Flags adds flags of the operator's own. Optional.
	Flags func(*pflag.FlagSet)

	// Manager changes what the manager is made with. Optional.
	Manager func(*ctrl.Options)

	// Setup adds controllers that are not kinds, and completes what the kinds
	// share, before they are set up. Nothing has started then: read with
	// env.Live. Optional.
	Setup func(ctx context.Context, mgr ctrl.Manager, env managed.Env) error
}

// version is that of a release: images are built with -ldflags "-X ...operator.version=v0.1.0".
var version string // the linker sets it

// Exit statuses of Run.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Run runs an operator with the process's arguments until it is told to end, and
// returns the process's exit status. It is all that a main has to call.
func Run(o Options, kinds ...managed.Controller) int {
	err := RunWith(ctrl.SetupSignalHandler(), os.Args[1:], os.Stdout, os.Stderr, o, kinds...)
	switch {
	case err == nil || errors.Is(err, pflag.ErrHelp):
		return exitOK
	case errors.Is(err, ErrUsage):
		fmt.Fprintf(os.Stderr, "%s: %v\n", o.Name, err)
		return exitUsage
	default:
		fmt.Fprintf(os.Stderr, "%s: %v\n", o.Name, err)
		return exitFailed
	}
}

// RunWith runs an operator with other arguments than the process's, until ctx
// ends. It writes what was asked for, such as the version, to out and log lines
// to log. Loggers are the process's: one operator at a time.
func RunWith(ctx context.Context, args []string, out, log io.Writer, o Options, kinds ...managed.Controller) error {
	f, err := parse(args, out, o)
	if err != nil {
		return err
	}
	if f.version {
		_, err := fmt.Fprintf(out, "%s %s\n", o.Name, o.version())
		return err //nolint:wrapcheck // nothing to add
	}
	if f.awaitReady != "" {
		return awaitReady(ctx, f.awaitReady, out)
	}
	return run(ctx, f, logging.Install(logging.New(log, f.format, f.level)), o, kinds)
}

func run(ctx context.Context, f *flags, log logr.Logger, o Options, kinds []managed.Controller) error {
	limitMemory(f.memoryLimit)
	mgr, err := newManager(f, log, o)
	if err != nil {
		return err
	}
	env, err := newEnv(ctx, mgr, f, o)
	if err != nil {
		return err
	}
	if o.Setup != nil {
		if err := o.Setup(ctx, mgr, env); err != nil {
			return fmt.Errorf("setting up: %w", err)
		}
	}
	for _, k := range kinds {
		if err := k.SetupWithManager(mgr, env); err != nil {
			return fmt.Errorf("setting up %T: %w", k.Object(), err)
		}
	}
	if err := takeCensus(mgr, kinds); err != nil {
		return err
	}
	log.Info("starting", "operator", o.Name, "version", o.version(), "namespace", f.namespace, "kinds", len(kinds))
	go tellElected(ctx, mgr, log)
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("running: %w", err)
	}
	log.Info("ended", "operator", o.Name)
	return nil
}

// tellElected logs the moment from which this process is the one that works.
func tellElected(ctx context.Context, mgr ctrl.Manager, log logr.Logger) {
	select {
	case <-mgr.Elected():
		log.Info("leading")
	case <-ctx.Done():
	}
}

func (o Options) version() string {
	if o.Version != "" {
		return o.Version
	}
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
