// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/crossplaneio/crossplane/shared/kubetest/controlplane"
)

func metricsOf(operator string) string { return operator + "-metrics" }

func healthOf(operator string) string { return operator + "-health" }

// portTries is how often ports are looked for that no other stack is about to use.
const portTries = 20

var errPortsTaken = errors.New("other stacks are about to use them")

// claimPorts returns free ports that no other stack is about to use: it takes a while until
// somebody listens on each. The marks are sockets in the abstract namespace, which end with this
// process, however that ends; like addresses of loopback, those are a network namespace's own.
func (s *Stack) claimPorts(ctx context.Context, count int) ([]int, error) {
	for range portTries {
		ports, err := controlplane.FreePorts(ctx, count)
		if err != nil {
			return nil, fmt.Errorf("looking for free ones: %w", err)
		}
		if marks, ok := mark(ctx, ports); ok {
			s.marks = marks
			return ports, nil
		}
	}
	return nil, errPortsTaken
}

// mark marks ports as those of a stack, unless one is marked already.
func mark(ctx context.Context, ports []int) ([]net.Listener, bool) {
	var config net.ListenConfig
	var marks []net.Listener
	for _, port := range ports {
		held, err := config.Listen(ctx, "unix", fmt.Sprintf("@stack-port-%d", port))
		if err != nil {
			unmark(marks)
			return nil, false
		}
		marks = append(marks, held)
	}
	return marks, true
}

func unmark(marks []net.Listener) {
	for _, held := range marks {
		_ = held.Close() // nothing to lose
	}
}

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
	free, err := s.claimPorts(ctx, len(listeners))
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
