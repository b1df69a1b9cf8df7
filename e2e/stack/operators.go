// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"fmt"

	"github.com/crossplaneio/crossplane/shared/kubetest/manifest"
)

// Install brings an operator's resource definitions and permissions to the API server, as its chart
// would, and makes it a kubeconfig. It does not start it.
func (s *Stack) Install(ctx context.Context, name string) error {
	o, err := operatorNamed(name)
	if err != nil {
		return err
	}
	if err := s.InstallCRDs(ctx, name); err != nil {
		return err
	}
	if err := s.admit(ctx, o); err != nil {
		return fmt.Errorf("giving %s its permissions: %w", name, err)
	}
	s.progressf("%s installed", name)
	return nil
}

// InstallCRDs installs an operator's resource definitions, or brings them up to date.
func (s *Stack) InstallCRDs(ctx context.Context, name string) error {
	if err := manifest.InstallCRDs(ctx, s.Config, s.crds(name)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// RemoveCRDs deletes an operator's resource definitions. It does not wait: while objects with
// finalizers are left, they stay terminating.
func (s *Stack) RemoveCRDs(ctx context.Context, name string) error {
	if err := manifest.RemoveCRDs(ctx, s.Config, s.crds(name)); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// launch starts an operator without waiting for it, with a fresh token: one lasts for a day.
func (s *Stack) launch(ctx context.Context, name string) error {
	o, err := operatorNamed(name)
	if err != nil {
		return err
	}
	if err := s.writeKubeconfig(ctx, o); err != nil {
		return fmt.Errorf("making a kubeconfig for %s: %w", name, err)
	}
	s.progressf("starting %s", name)
	return s.launchProcess(name, s.operatorArgs(o), s.operatorEnv(o))
}

func (s *Stack) awaitOperator(ctx context.Context, name string) error {
	err := s.running[name].AwaitReady(ctx, func(ctx context.Context) bool {
		return ready(ctx, "http://"+s.state.address(healthOf(name))+"/readyz")
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s.progressf("%s ready", name)
	return nil
}

func (s *Stack) operatorArgs(o operator) []string {
	args := []string{
		"--kubeconfig", s.layout.kubeconfig(o.name),
		"--namespace", Namespace,
		"--metrics-bind-address", s.state.address(metricsOf(o.name)),
		"--health-probe-bind-address", s.state.address(healthOf(o.name)),
		"--log-format", "text",
		"--identity", o.name, // it takes over from itself at once after a crash
	}
	if o.connections != "" {
		args = append(args, "--connection-namespace", o.connections)
	}
	if o.charts != "" {
		args = append(args, "--chart-namespace", o.charts)
	}
	if o.cloud != "" && s.options.PollInterval > 0 {
		args = append(args, "--poll-interval", s.options.PollInterval.String())
	}
	if c, found := cloudNamed(o.cloud); found && c.args != nil {
		args = append(args, c.args(s)...)
	}
	return args
}

func (s *Stack) operatorEnv(o operator) []string {
	if c, found := cloudNamed(o.cloud); found && c.env != nil {
		return c.env(s)
	}
	return nil
}
