// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"fmt"

	"github.com/crossplaneio/crossplane/shared/kubetest/controlplane"
)

func metricsOf(operator string) string { return operator + "-metrics" }

func healthOf(operator string) string { return operator + "-health" }

// choosePorts gives everything its port for as long as the stack is up: a process that is started
// again listens where it did.
func (s *Stack) choosePorts(ctx context.Context) error {
	listeners := []string{ControlPlane}
	for _, c := range clouds() {
		listeners = append(listeners, c.name)
	}
	for _, name := range Operators() {
		listeners = append(listeners, metricsOf(name), healthOf(name))
	}
	free, err := controlplane.FreePorts(ctx, len(listeners))
	if err != nil {
		return fmt.Errorf("choosing ports: %w", err)
	}
	ports := make(map[string]int, len(listeners))
	for i, listener := range listeners {
		ports[listener] = free[i]
	}
	s.state = state{
		Root: s.options.Root, Bin: s.options.Bin, Operators: s.options.Operators, Clouds: s.options.Clouds,
		PollInterval: s.options.PollInterval, Args: s.options.Args, Env: s.options.Env,
		Ports: ports,
	}
	return s.layout.save(s.state)
}
