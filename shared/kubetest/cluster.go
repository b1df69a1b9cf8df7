// SPDX-License-Identifier: Apache-2.0

// Package kubetest gives Go tests a real Kubernetes API.
//
// Start is quick and has the API server alone. StartFull adds the controller manager and the
// scheduler, for tests of what those do: garbage collection, the end of a namespace, aggregated
// ClusterRoles. Neither leaves a process behind, however the test ends.
package kubetest

import (
	"context"
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

// Cluster is a running Kubernetes API.
type Cluster struct {
	// Config reaches the API as an administrator who may do everything.
	Config *rest.Config
	// Kubeconfig is the content of a kubeconfig for the same administrator.
	Kubeconfig []byte
	// Scheme has Kubernetes' own kinds and CustomResourceDefinition; tests add theirs.
	Scheme *runtime.Scheme
	// Client reads and writes the API directly, as the administrator, with the scheme.
	Client client.Client

	stop func() error
}

// Stop ends every process of the cluster and removes its data.
func (c *Cluster) Stop() error {
	return c.stop()
}

// As returns a client that the API server takes for another user, to test what that user may do.
// A user such as system:serviceaccount:NAMESPACE:NAME has that account's groups.
func (c *Cluster) As(user string, groups ...string) (client.Client, error) {
	as, err := client.New(c.ConfigAs(user, groups...), client.Options{Scheme: c.Scheme})
	if err != nil {
		return nil, fmt.Errorf("making a client for %s: %w", user, err)
	}
	return as, nil
}

// ConfigAs returns the configuration of a client that the API server takes for another user.
func (c *Cluster) ConfigAs(user string, groups ...string) *rest.Config {
	config := rest.CopyConfig(c.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	return config
}

// InstallCRDs installs the definitions found in folders, relative to the repository's root, and
// returns once the API serves them.
func (c *Cluster) InstallCRDs(ctx context.Context, dirs ...string) error {
	paths, err := Paths(dirs...)
	if err != nil {
		return err
	}
	return manifest.InstallCRDs(ctx, c.Config, paths...)
}

// RemoveCRDs deletes the definitions found in folders, relative to the repository's root. Objects
// with finalizers keep their definition terminating: it does not wait for that.
func (c *Cluster) RemoveCRDs(ctx context.Context, dirs ...string) error {
	paths, err := Paths(dirs...)
	if err != nil {
		return err
	}
	return manifest.RemoveCRDs(ctx, c.Config, paths...)
}

// AwaitCRDsRemoved returns once none of the definitions found in folders, relative to the
// repository's root, is there.
func (c *Cluster) AwaitCRDsRemoved(ctx context.Context, dirs ...string) error {
	paths, err := Paths(dirs...)
	if err != nil {
		return err
	}
	return manifest.AwaitCRDsRemoved(ctx, c.Config, paths...)
}

// Apply applies the manifests found in files and folders, relative to the repository's root.
func (c *Cluster) Apply(ctx context.Context, paths ...string) error {
	absolute, err := Paths(paths...)
	if err != nil {
		return err
	}
	objects, err := manifest.Read(absolute...)
	if err != nil {
		return err
	}
	return manifest.Apply(ctx, c.Client, objects)
}

// newCluster fills in what a configuration is enough for.
func newCluster(config *rest.Config, kubeconfig []byte, stop func() error) (*Cluster, error) {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("adding Kubernetes' own kinds to a scheme: %w", err)
	}
	if err := apiextensionsv1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("adding CustomResourceDefinition to a scheme: %w", err)
	}
	direct, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return &Cluster{Config: config, Kubeconfig: kubeconfig, Scheme: scheme, Client: direct, stop: stop}, nil
}
