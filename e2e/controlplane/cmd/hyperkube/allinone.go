// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	logsapi "k8s.io/component-base/logs/api/v1"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"

	"github.com/crossplaneio/crossplane/e2e/controlplane/internal/pki"
)

// stopWait is how long the API server may take to finish what it is answering.
const stopWait = 3 * time.Second

var errExited = errors.New("a component ended by itself")

// allInOne runs etcd, kube-apiserver, kube-controller-manager and kube-scheduler in this process
// until it is told to end or one of them ends.
func allInOne(args []string) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := prepare(&o); err != nil {
		return err
	}
	stored, err := startStore()
	if err != nil {
		return err
	}
	defer stored.Server.HardStop() // to close it properly would wait for the components' open watches
	report("etcd", began)

	ended := make(chan error)
	startAPIServer(&o, ended)
	if err := awaitReady(&o, ended); err != nil {
		return err
	}
	report("apiserver", began)
	startControllers(&o, ended)
	return awaitEnd(ended)
}

// prepare makes the certificates and the working folder, which is where the store's sockets are:
// a path from the root may be too long for one.
func prepare(o *options) error {
	certificates := pki.Options{Dir: filepath.Join(o.dir, "pki"), Server: o.server(), Node: "node1"}
	if o.advertise != "" {
		certificates.Names = []string{o.advertise}
	}
	if err := pki.Make(certificates); err != nil {
		return err
	}
	if err := os.Chdir(o.dir); err != nil {
		return fmt.Errorf("changing to the data folder: %w", err)
	}
	return nil
}

// startAPIServer first settles what components in one process share: one feature gate and one
// logging configuration, which the second of them may not apply again.
func startAPIServer(o *options, ended chan<- error) {
	logsapi.ReapplyHandling = logsapi.ReapplyHandlingIgnoreUnchanged
	go runCommand(apiserver.NewAPIServerCommand(), o.apiServerArguments(), ended)
}

// startControllers starts what needs a ready API server, and would end without one.
func startControllers(o *options, ended chan<- error) {
	go runCommand(controllers.NewControllerManagerCommand(), o.controllerArguments(), ended)
	if o.scheduler {
		go func() { ended <- runScheduler(context.Background(), o.schedulerArguments()) }()
	}
}

func runCommand(command *cobra.Command, args []string, ended chan<- error) {
	command.SetArgs(args)
	code := cli.Run(command)
	ended <- fmt.Errorf("%w: %s with status %d", errExited, command.Name(), code)
}

// awaitEnd returns an error if a component ends unasked. When this process is told to end, so is
// the API server by the same signal, and the others need no time.
func awaitEnd(ended <-chan error) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	select {
	case err := <-ended:
		if len(signals) > 0 {
			return nil
		}
		return err
	case <-signals:
	}
	select {
	case <-ended:
	case <-time.After(stopWait):
	}
	return nil
}

func report(what string, began time.Time) {
	fmt.Printf("%s ready %.2fs\n", what, time.Since(began).Seconds())
}
