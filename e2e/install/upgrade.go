// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

var (
	errValuesUnused = errors.New("the values had no effect")
	errDefinition   = errors.New("the resource definitions are of another release")
)

// shown is a kind of each operator whose definition the next release changes.
func shown() map[string]string {
	return map[string]string{stack.CoreOperator: "mysqlinstances", stack.AWSOperator: "rdsinstances"}
}

// upgradeAndBack goes to a release with other resource definitions, templates and values, and back.
// Every pod is replaced, twice.
func upgradeAndBack(ctx context.Context, s *story) error {
	return s.untouched(ctx, "the upgrade and the rollback", func(ctx context.Context) error {
		for _, operator := range []string{stack.CoreOperator, stack.AWSOperator} {
			if err := s.upgrade(ctx, operator); err != nil {
				return err
			}
		}
		if err := errors.Join(s.lookedAt(ctx), s.allReady(ctx)); err != nil {
			return err
		}
		for _, operator := range []string{stack.CoreOperator, stack.AWSOperator} {
			if err := s.helm(ctx, "rollback", operator, "--wait", "--timeout=3m"); err != nil {
				return err
			}
			if err := errors.Join(s.hasLevel(ctx, operator, "info"), s.hasColumn(ctx, operator, false)); err != nil {
				return err
			}
		}
		return errors.Join(s.lookedAt(ctx), s.allReady(ctx), s.noteIsThere(ctx))
	})
}

func (s *story) upgrade(ctx context.Context, operator string) error {
	chart, err := s.nextChart(ctx, operator)
	if err != nil {
		return err
	}
	err = s.helm(ctx, "upgrade", operator, chart, "--reuse-values", "--set", "log.level=debug", "--wait", "--timeout=3m", "--hide-notes")
	if err != nil {
		return err
	}
	return errors.Join(s.hasLevel(ctx, operator, "debug"), s.hasColumn(ctx, operator, true))
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

// hasColumn looks for what the next release's definitions show, as a person sees it. The API server
// needs a moment to learn of a definition.
func (s *story) hasColumn(ctx context.Context, operator string, want bool) error {
	return await(ctx, operator+" shows the columns of its release", func(ctx context.Context) (bool, error) {
		table, err := s.query(ctx, "get", shown()[operator], "--all-namespaces")
		if err != nil {
			return false, err
		}
		header, _, _ := strings.Cut(table, "\n")
		if strings.Contains(header, nextColumn) != want {
			return false, fmt.Errorf("%w: %s", errDefinition, header)
		}
		return true, nil
	})
}
