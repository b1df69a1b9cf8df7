// SPDX-License-Identifier: Apache-2.0

// Package demo shows what the project does, the way a person would do it with
// kubectl, and checks every step: it fails where the show would be a lie.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/login"
	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/e2e/wait"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// What the show runs with.
const (
	CloudDelay   = 2 * time.Second  // how long the local cloud takes for anything
	PollInterval = 10 * time.Second // how often a database at rest is looked at
	patience     = time.Minute      // for whatever is waited for
)

// DefaultStage is shown where none is asked for.
const DefaultStage = "database"

// ErrNoStage says that there is no stage of a name.
var ErrNoStage = errors.New("no such stage")

// Options say what to show.
type Options struct {
	Stage string    // its name; empty: DefaultStage
	Keep  bool      // leave everything running
	Out   io.Writer // gets what a person sees
}

// step is one thing that is shown, under a title.
type step struct {
	title string
	show  func(ctx context.Context, s *show) error
}

// stage is what is shown at a time, with what it needs.
type stage struct {
	operators []string // that run from the start
	clouds    []string // that are there before their operators
	steps     []step
}

func stages() map[string]stage {
	return map[string]stage{DefaultStage: database(), "clouds": clouds(), "clusters": clusters(), "placement": placement()}
}

// Run shows a stage. It returns an error if a step did not hold.
func Run(ctx context.Context, o Options) error {
	if o.Stage == "" {
		o.Stage = DefaultStage
	}
	shown, ok := stages()[o.Stage]
	if !ok {
		return fmt.Errorf("%w: %q; there are: %s", ErrNoStage, o.Stage, strings.Join(slices.Sorted(maps.Keys(stages())), ", "))
	}
	s, err := begin(ctx, o, shown)
	if err != nil {
		return err
	}
	err = s.tell(ctx, shown.steps)
	return errors.Join(err, s.end(err))
}

// show is a stage that is on.
type show struct {
	out       io.Writer
	keep      bool
	began     time.Time
	stack     *stack.Stack
	control   map[string]*control.Client // by cloud
	manifests string
	dir       string                      // for files of the show's own
	seen      map[string]login.Connection // what a client used, by claim
	closed    []string                    // claims behind which there is no server
}

func begin(ctx context.Context, o Options, shown stage) (*show, error) {
	root, err := kubetest.Root()
	if err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	s := &show{out: o.Out, keep: o.Keep, began: time.Now(), manifests: filepath.Join(root, "e2e", "demo", "manifests"), seen: map[string]login.Connection{}, control: map[string]*control.Client{}}
	dir := filepath.Join(root, ".cache", "stack") // where `make down` looks
	if !o.Keep {
		if dir, err = os.MkdirTemp("", "crossplane-demo-"); err != nil {
			return nil, fmt.Errorf("make a folder: %w", err)
		}
	}
	s.sayf("Starting a Kubernetes API, local clouds, %s", strings.Join(shown.operators, ", "))
	s.dir = dir
	s.stack, err = stack.Up(ctx, stack.Options{
		Dir: dir, Root: root, Operators: shown.operators, Clouds: shown.clouds, CloudDelay: CloudDelay, PollInterval: PollInterval, Detach: o.Keep, Progress: o.Out,
	})
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	for _, cloud := range s.stack.Clouds() {
		if s.control[cloud], err = s.stack.Control(cloud); err != nil {
			return nil, errors.Join(fmt.Errorf("start: %w", err), s.stack.Down())
		}
	}
	return s, nil
}

// tell shows the steps one after another, and stops at the first that fails.
func (s *show) tell(ctx context.Context, steps []step) error {
	for i, step := range steps {
		fmt.Fprintf(s.out, "\n%d. %s\n", i+1, step.title)
		if err := step.show(ctx, s); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.title, err)
		}
	}
	return nil
}

// end ends what was started, or says how to.
func (s *show) end(failure error) error {
	if failure != nil {
		s.showLogs()
	}
	if s.keep {
		s.sayf("Everything goes on running. To look around, then to end it:\n\n  export KUBECONFIG=%s\n  %s get claims -A\n  make down",
			s.stack.Kubeconfig(), s.stack.Kubectl())
		return nil
	}
	if err := s.stack.Down(); err != nil {
		return fmt.Errorf("end: %w", err)
	}
	if failure == nil {
		s.sayf("Every step held. %.0f seconds.", time.Since(s.began).Seconds())
	}
	return nil
}

// showLogs shows the ends of the operators' logs, for whoever finds out why.
func (s *show) showLogs() {
	const tail = 4000
	for _, name := range s.stack.Operators() {
		text, err := os.ReadFile(s.stack.Log(name))
		if err != nil {
			text = []byte(err.Error())
		}
		fmt.Fprintf(s.out, "\n--- the end of %s's log\n%s\n", name, text[max(0, len(text)-tail):])
	}
}

func (s *show) sayf(format string, args ...any) {
	fmt.Fprintf(s.out, "\n"+format+"\n", args...)
}

// await waits until something is so.
func await(ctx context.Context, what string, so func(ctx context.Context) (bool, error)) error {
	const pause = 200 * time.Millisecond
	return wait.Until(ctx, patience, pause, what, so)
}
