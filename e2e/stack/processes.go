// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/crossplaneio/crossplane/shared/kubetest/process"
)

// Process is one that the stack should have. Its PID is 0 if it was not started or was ended on
// request.
type Process struct {
	Name  string
	PID   int
	Alive bool
}

// Processes returns those that the stack should have, and others that were started, in the order
// of their start.
func (s *Stack) Processes() []Process {
	wanted := processNames(s.options.clouds(), s.options.Operators)
	var all []Process
	for _, name := range s.names() {
		p, found := s.running[name]
		switch {
		case found:
			all = append(all, Process{Name: name, PID: p.PID, Alive: p.Alive()})
		case slices.Contains(wanted, name):
			all = append(all, Process{Name: name})
		}
	}
	return all
}

// Start starts a process and returns once it is ready. ErrUp if it runs. An operator has to be
// installed. The control plane finds its data again; a local cloud begins anew.
func (s *Stack) Start(ctx context.Context, name string) error {
	if p, found := s.running[name]; found && p.Alive() {
		return fmt.Errorf("starting %s: %w", name, ErrUp)
	}
	if name == ControlPlane {
		return s.startControlPlane(ctx)
	}
	if c, found := cloudNamed(name); found {
		if err := s.startCloud(c); err != nil {
			return err
		}
		return s.awaitCloud(ctx, c)
	}
	if err := s.launch(ctx, name); err != nil {
		return err
	}
	return s.awaitOperator(ctx, name)
}

// Restart ends a process, if it runs, and starts it again.
func (s *Stack) Restart(ctx context.Context, name string) error {
	if err := s.Stop(name); err != nil && !errors.Is(err, ErrNoProcess) {
		return err
	}
	return s.Start(ctx, name)
}

// Stop asks a process to end, kills it if it does not within ten seconds, and returns once it is
// gone. ErrNoProcess if it does not run.
func (s *Stack) Stop(name string) error {
	return s.finish(name, func(p *process.Process) error { return p.Stop(stopWait) })
}

// Kill ends a process at once, as a crash would. ErrNoProcess if it does not run.
func (s *Stack) Kill(name string) error {
	return s.finish(name, (*process.Process).Kill)
}

// Usage returns what a process has used since its start. ErrNoProcess if it does not run.
func (s *Stack) Usage(name string) (process.Usage, error) {
	p, found := s.running[name]
	if !found {
		return process.Usage{}, fmt.Errorf("usage of %s: %w", name, ErrNoProcess)
	}
	usage, err := p.Usage()
	if err != nil {
		return process.Usage{}, fmt.Errorf("usage of %s: %w", name, errors.Join(ErrNoProcess, err))
	}
	return usage, nil
}

func (s *Stack) finish(name string, end func(*process.Process) error) error {
	p, found := s.running[name]
	if !found {
		return fmt.Errorf("ending %s: %w", name, ErrNoProcess)
	}
	ran := p.Alive()
	if err := end(p); err != nil {
		return fmt.Errorf("ending %s: %w", name, err)
	}
	delete(s.running, name)
	if err := os.RemoveAll(s.layout.pid(name)); err != nil {
		return fmt.Errorf("forgetting %s: %w", name, err)
	}
	if !ran {
		return fmt.Errorf("ending %s: %w", name, ErrNoProcess)
	}
	return nil
}

// launchProcess starts a program of the stack. What is in this process's environment stays out of
// its own: a developer's cloud credentials must not reach an operator.
func (s *Stack) launchProcess(name string, args, env []string) error {
	p, err := process.Start(process.Spec{
		Path:   s.program(name),
		Args:   append(args, s.options.Args[name]...),
		Env:    slices.Concat(inherited(), env, s.options.Env[name]),
		Log:    s.layout.log(name),
		Detach: s.options.Detach,
	})
	if err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	return s.register(name, p)
}

// register keeps a process as soon as it runs, so that it can be ended whatever happens next.
func (s *Stack) register(name string, p *process.Process) error {
	s.running[name] = p
	return s.layout.savePID(name, p.Identity)
}

// attach finds the processes that another one started.
func (s *Stack) attach() error {
	ids, err := s.layout.loadPIDs()
	if err != nil {
		return err
	}
	for name, id := range ids {
		s.running[name] = process.Attach(id)
	}
	return nil
}

// names are those of all processes that may run, in the order of their start.
func (s *Stack) names() []string {
	return processNames(clouds(), Operators())
}

func processNames(clouds []cloud, operators []string) []string {
	var names []string
	for _, c := range clouds {
		names = append(names, c.name)
	}
	return append(append(names, ControlPlane), operators...)
}

func (s *Stack) program(name string) string {
	return filepath.Join(s.options.Bin, name)
}

func inherited() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, found := os.LookupEnv(name); found {
			env = append(env, name+"="+value)
		}
	}
	return env
}
