// SPDX-License-Identifier: Apache-2.0

package install

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/typed"
	"github.com/crossplaneio/crossplane/e2e/wait"
)

// operators is the namespace that everything is installed in.
const operators = "crossplane-system"

// patience is how long is waited for whatever is waited for.
const patience = 120 * time.Second

var errExpected = errors.New("it should have failed")

// kubectl runs kubectl as a person would, and shows what was typed and what came of it.
func (s *story) kubectl(ctx context.Context, args ...string) error {
	return s.show(ctx, "kubectl", s.stack.Kubectl(), args)
}

// helm runs Helm as a person would. Its notes are left out.
func (s *story) helm(ctx context.Context, args ...string) error {
	return s.show(ctx, "helm", s.options.Helm, args)
}

func (s *story) show(ctx context.Context, name, program string, args []string) error {
	fmt.Fprintf(s.out, "$ %s %s\n", name, typed.Args(args))
	out, err := s.run(ctx, program, args...)
	for line := range strings.Lines(out) {
		fmt.Fprint(s.out, "  "+strings.TrimRight(line, "\n")+"\n")
	}
	return err
}

// query runs kubectl without showing it.
func (s *story) query(ctx context.Context, args ...string) (string, error) {
	out, err := s.run(ctx, s.stack.Kubectl(), args...)
	return strings.TrimSpace(out), err
}

// names lists what there is, with each name's kind before it: "secret/x".
func (s *story) names(ctx context.Context, what ...string) ([]string, error) {
	out, err := s.query(ctx, slices.Concat([]string{"get"}, what, []string{"--output=name"})...)
	return strings.Fields(out), err
}

func (s *story) run(ctx context.Context, program string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	home := filepath.Join(s.options.Dir, "home") // Helm keeps things there
	path := filepath.Join(s.options.Root, ".cache", "bin") + ":" + os.Getenv("PATH")
	cmd.Env = append(os.Environ(), "PATH="+path, "KUBECONFIG="+s.kubeconfig, "HOME="+home, "HELM_NAMESPACE="+operators)
	cmd.Dir = filepath.Join(s.options.Root, "e2e", "install", "manifests")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%s %s: %w: %s", filepath.Base(program), typed.Args(args), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}

// inTurn does one thing after the other until one fails.
func inTurn(ctx context.Context, things ...func(ctx context.Context) error) error {
	for _, do := range things {
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// await waits until something is so.
func await(ctx context.Context, what string, so func(ctx context.Context) (bool, error)) error {
	const pause = 200 * time.Millisecond
	return wait.Until(ctx, patience, pause, what, so)
}
