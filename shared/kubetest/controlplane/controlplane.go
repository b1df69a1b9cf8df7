// SPDX-License-Identifier: Apache-2.0

// Package controlplane runs a whole Kubernetes control plane (etcd, API server, controller manager
// and scheduler) as one process on the loopback interface.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
	"github.com/crossplaneio/crossplane/shared/kubetest/process"
)

const (
	// ParentVariable names the environment variable that tells a Kubernetes component which
	// process it must not outlive, by process id.
	ParentVariable = "HYPERKUBE_PARENT"

	// attempts bounds how often a start is repeated: another program may take a free port between
	// its choice and its use.
	attempts = 3
)

// Options say how to run a control plane.
type Options struct {
	// Binary is the program that holds every Kubernetes component.
	Binary string
	// Dir is the folder for data, certificates and the log; a control plane started again there
	// finds its data.
	Dir string
	// Log is the file for its output; empty means controlplane.log in the folder.
	Log string
	// Port of the API server; 0 means any that is free.
	Port int
	// Address is what the API server listens on, and where nodes reach it; empty means loopback only,
	// and no nodes.
	Address string
	// AuditLog is the file for the API server's record of mutating requests; empty means none.
	AuditLog string
	// AuditReaders are users whose reads are recorded there, too.
	AuditReaders []string
	// APIServerArgs are more flags for the API server.
	APIServerArgs []string
	// ControllerArgs are more flags for the controller manager.
	ControllerArgs []string
	// Detach lets it outlive this process.
	Detach bool
	// Started is called as soon as the process runs, before it is ready. Optional.
	Started func(*process.Process) error
}

// ControlPlane is one that runs.
type ControlPlane struct {
	*process.Process

	// Port is where the API server listens.
	Port int
	// Config reaches the API as an administrator.
	Config *rest.Config
	// Kubeconfig is the content of a kubeconfig for the same administrator.
	Kubeconfig []byte
}

// KubeconfigPath returns where a control plane with this folder keeps the administrator's
// kubeconfig.
func KubeconfigPath(dir string) string {
	return filepath.Join(dir, "pki", "admin.kubeconfig")
}

// Start starts a control plane and returns once its API server is ready.
func Start(ctx context.Context, options Options) (*ControlPlane, error) {
	if options.Log == "" {
		options.Log = filepath.Join(options.Dir, "controlplane.log")
	}
	if options.Started == nil {
		options.Started = func(*process.Process) error { return nil }
	}
	var failures []error
	for range attempts {
		plane, err := start(ctx, options)
		if err == nil {
			return plane, nil
		}
		failures = append(failures, err)
		if options.Port != 0 || ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("starting a control plane: %w", errors.Join(failures...))
}

func start(ctx context.Context, options Options) (*ControlPlane, error) {
	port := options.Port
	if port == 0 {
		free, err := FreePorts(ctx, 1)
		if err != nil {
			return nil, err
		}
		port = free[0]
	}
	args, err := arguments(options, port)
	if err != nil {
		return nil, err
	}
	running, err := process.Start(process.Spec{
		Path: options.Binary, Args: args, Env: environment(options.Detach), Log: options.Log, Detach: options.Detach,
	})
	if err != nil {
		return nil, fmt.Errorf("starting it on port %d: %w", port, err)
	}
	if err := options.Started(running); err != nil {
		return nil, errors.Join(err, running.Kill())
	}
	plane := &ControlPlane{Process: running, Port: port}
	if err := running.AwaitReady(ctx, func(ctx context.Context) bool { return plane.ready(ctx, options.Dir) }); err != nil {
		return nil, errors.Join(err, running.Kill())
	}
	return plane, nil
}

func arguments(options Options, port int) ([]string, error) {
	args := []string{"allinone", "-dir", options.Dir, "-port", strconv.Itoa(port)}
	if options.Address != "" {
		args = append(args, "-bind", "0.0.0.0", "-advertise", options.Address)
	}
	if options.AuditLog != "" {
		policy := filepath.Join(options.Dir, "audit-policy.yaml")
		if err := write(policy, audit.Policy(options.AuditReaders...)); err != nil {
			return nil, err
		}
		args = append(args, "-audit-policy", policy, "-audit-log", options.AuditLog)
	}
	for _, arg := range options.APIServerArgs {
		args = append(args, "-apiserver-arg", arg)
	}
	for _, arg := range options.ControllerArgs {
		args = append(args, "-controller-manager-arg", arg)
	}
	return args, nil
}

// environment is this process's own, less what would tie a detached program to it or another
// parent.
func environment(detach bool) []string {
	var variables []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOGC", "GOMEMLIMIT"} {
		if value, ok := os.LookupEnv(name); ok {
			variables = append(variables, name+"="+value)
		}
	}
	if !detach {
		variables = append(variables, ParentVariable+"="+strconv.Itoa(os.Getpid()))
	}
	return variables
}

// ready asks the API server with the administrator's kubeconfig, once that is there.
func (p *ControlPlane) ready(ctx context.Context, dir string) bool {
	content, err := os.ReadFile(filepath.Clean(KubeconfigPath(dir)))
	if err != nil {
		return false
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(content)
	if err != nil {
		return false
	}
	config.QPS = -1 // no limit: the server has its own
	p.Config, p.Kubeconfig = config, content
	return probe(ctx, config)
}
