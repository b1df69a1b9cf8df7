// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/typed"
)

// kubectl runs kubectl as a person would and shows both what was typed and what
// came of it.
func (s *show) kubectl(ctx context.Context, args ...string) error {
	fmt.Fprintf(s.out, "$ kubectl %s\n", typed.Args(args))
	out, err := s.run(ctx, args...)
	for line := range strings.Lines(out) {
		fmt.Fprint(s.out, "  "+line)
	}
	return err
}

// query runs kubectl without showing it.
func (s *show) query(ctx context.Context, args ...string) (string, error) {
	out, err := s.run(ctx, args...)
	return strings.TrimSpace(out), err
}

func (s *show) run(ctx context.Context, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, s.stack.Kubectl(), args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+s.stack.Kubeconfig())
	cmd.Dir = s.manifests
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("kubectl %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}
