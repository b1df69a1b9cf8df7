// SPDX-License-Identifier: Apache-2.0

package kubetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/crossplaneio/crossplane/shared/kubetest/controlplane"
)

const (
	startWait = 2 * time.Minute
	stopWait  = 10 * time.Second
)

// Start starts an API server with its store and installs the definitions found in folders,
// relative to the repository's root. It takes about three seconds.
func Start(crdDirs ...string) (*Cluster, error) {
	dir, err := assets()
	if err != nil {
		return nil, err
	}
	environment := &envtest.Environment{
		BinaryAssetsDirectory:    dir,
		ControlPlaneStartTimeout: startWait,
		ControlPlaneStopTimeout:  stopWait,
	}
	config, err := startTied(environment)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting an API server: %w", err), environment.Stop())
	}
	return complete(context.Background(), config, environment.KubeConfig, environment.Stop, crdDirs)
}

// StartFull starts a whole control plane, with controller manager and scheduler, and installs the
// definitions found in folders, relative to the repository's root.
func StartFull(crdDirs ...string) (*Cluster, error) { return StartAudited("", crdDirs...) }

// StartAudited is StartFull with an API server that records mutating requests in a file, as package
// audit reads them.
func StartAudited(auditLog string, crdDirs ...string) (*Cluster, error) {
	binary, err := Hyperkube()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kubetest-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for a control plane: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startWait)
	defer cancel()
	plane, err := controlplane.Start(ctx, controlplane.Options{Binary: binary, Dir: dir, AuditLog: auditLog})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return complete(ctx, plane.Config, plane.Kubeconfig, func() error {
		return errors.Join(plane.Kill(), os.RemoveAll(dir)) // its data go with it: it has nothing to finish
	}, crdDirs)
}

// startTied starts the environment's processes so that they end when this one does, however it
// does. The environment offers no way to say so to them, but they inherit variables.
func startTied(environment *envtest.Environment) (*rest.Config, error) {
	if err := os.Setenv(controlplane.ParentVariable, strconv.Itoa(os.Getpid())); err != nil {
		return nil, fmt.Errorf("setting %s: %w", controlplane.ParentVariable, err)
	}
	defer func() { _ = os.Unsetenv(controlplane.ParentVariable) }() // for what the tests start themselves
	return environment.Start()
}

// complete makes a cluster of running processes, or stops them.
func complete(
	ctx context.Context, config *rest.Config, kubeconfig []byte, stop func() error, crdDirs []string,
) (*Cluster, error) {
	cluster, err := newCluster(config, kubeconfig, stop)
	if err == nil && len(crdDirs) > 0 {
		err = cluster.InstallCRDs(ctx, crdDirs...)
	}
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	return cluster, nil
}
