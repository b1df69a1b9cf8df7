// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

var errValuesUnused = errors.New("the values had no effect")

// upgradeAndBack changes what pods are like, which replaces all of them, and goes back.
func upgradeAndBack(ctx context.Context, s *story) error {
	const changed = "log.level=debug"
	return s.untouched(ctx, "the upgrade and the rollback", func(ctx context.Context) error {
		for _, operator := range []string{stack.CoreOperator, stack.AWSOperator} {
			chart, err := s.chart(operator)
			if err != nil {
				return err
			}
			if err := s.helm(ctx, "upgrade", operator, chart, "--reuse-values", "--set", changed,
				"--wait", "--timeout=2m", "--hide-notes"); err != nil {
				return err
			}
			if err := s.hasLevel(ctx, operator, "debug"); err != nil {
				return err
			}
		}
		if err := errors.Join(s.lookedAt(ctx), s.allReady(ctx)); err != nil {
			return err
		}
		for _, operator := range []string{stack.CoreOperator, stack.AWSOperator} {
			if err := s.helm(ctx, "rollback", operator, "--wait", "--timeout=2m"); err != nil {
				return err
			}
			if err := s.hasLevel(ctx, operator, "info"); err != nil {
				return err
			}
		}
		return errors.Join(s.lookedAt(ctx), s.allReady(ctx), s.noteIsThere(ctx))
	})
}

func (s *story) hasLevel(ctx context.Context, operator, level string) error {
	args, err := s.query(ctx, "-n", operators, "get", "deployment", operator, "-o", "jsonpath={.spec.template.spec.containers[0].args}")
	if err != nil {
		return err
	}
	if !strings.Contains(args, `"--log-level=`+level+`"`) {
		return fmt.Errorf("%w: %s has %s", errValuesUnused, operator, args)
	}
	return nil
}
