// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

var errRefused = errors.New("the API server did not take everything")

// RunWithoutNode brings each chart to a real API server, as far as one gets without a node: everything
// is made, and taken away again, but no pod runs.
func RunWithoutNode(ctx context.Context, o Options) error {
	if err := o.complete(); err != nil {
		return err
	}
	if err := os.RemoveAll(o.Dir); err != nil {
		return fmt.Errorf("removing what an earlier run left: %w", err)
	}
	s := &story{options: o, out: o.Out, began: time.Now(), installed: o.Release}
	var err error
	if s.stack, err = stack.Up(ctx, stack.Options{Dir: filepath.Join(o.Dir, "stack"), Root: o.Root, Progress: o.Out}); err != nil {
		return fmt.Errorf("starting the control plane: %w", err)
	}
	s.kubeconfig = s.stack.Kubeconfig()
	err = errors.Join(s.installWithoutNode(ctx), s.stack.Down())
	if err == nil {
		s.sayf("The charts are taken, and leave what they should. No pod ran: that takes root. %.0f seconds.", time.Since(s.began).Seconds())
	}
	return err
}

func (s *story) installWithoutNode(ctx context.Context) error {
	if err := errors.Join(s.kubectl(ctx, "create", "namespace", tenant), s.kubectl(ctx, "create", "namespace", operators)); err != nil {
		return err
	}
	for _, operator := range stack.Operators() {
		chart, err := s.chart(operator)
		if err != nil {
			return err
		}
		if err := s.helm(ctx, "install", operator, chart, "--hide-notes"); err != nil {
			return err
		}
	}
	if err := s.kubectl(ctx, "-n", operators, "get", "deployments"); err != nil {
		return err
	}
	before, err := s.definitions(ctx)
	if err != nil {
		return err
	}
	for _, operator := range stack.Operators() {
		if err := s.helm(ctx, "uninstall", operator); err != nil {
			return err
		}
	}
	after, err := s.definitions(ctx)
	if err != nil {
		return err
	}
	if len(before) == 0 || !slices.Equal(before, after) {
		return fmt.Errorf("%w: definitions before: %q, after: %q", errRefused, before, after)
	}
	fmt.Fprintf(s.out, "  %d definitions stay\n", len(after))
	return nil
}

func (s *story) definitions(ctx context.Context) ([]string, error) {
	return s.names(ctx, "customresourcedefinitions", "-l", "crossplane.io/operator")
}
