// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

var errGone = errors.New("something went with the release that should have stayed")

// uninstallInOrders takes the releases away, each order once, and brings them back under the same
// names. What users made stays, definitions too, and so does what is in the cloud.
func uninstallInOrders(ctx context.Context, s *story) error {
	const core, aws = stack.CoreOperator, stack.AWSOperator
	for _, order := range [][]string{{core, aws}, {aws, core}, {aws}, {core}} {
		what := "without " + strings.Join(order, ", then ")
		err := s.untouched(ctx, what, func(ctx context.Context) error {
			return s.uninstallAndBack(ctx, order)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return s.untouched(ctx, "under other names", s.renameAll)
}

// renameAll brings releases back under other names. That takes being told that they take over what
// others have left.
func (s *story) renameAll(ctx context.Context) error {
	for _, operator := range upgraded() {
		if err := s.helm(ctx, "uninstall", s.releaseOf(operator), "--wait", "--timeout=3m"); err != nil {
			return err
		}
	}
	s.renamed = map[string]string{stack.CoreOperator: "core", stack.AWSOperator: "amazon"}
	err := s.installCore(ctx)
	if err == nil || !strings.Contains(err.Error(), "invalid ownership metadata") {
		return errors.Join(fmt.Errorf("%w: another release took what one has left, without being told to", errExpected), err)
	}
	fmt.Fprintln(s.out, "  "+pick(err.Error(), "invalid ownership metadata"))
	return inTurn(ctx,
		func(ctx context.Context) error { return s.installCore(ctx, "--take-ownership") },
		func(ctx context.Context) error { return s.installAWS(ctx, "--take-ownership") },
		s.lookedAt, s.allReady, s.noteIsThere,
	)
}

func (s *story) uninstallAndBack(ctx context.Context, order []string) error {
	before, err := s.inventory(ctx)
	if err != nil {
		return err
	}
	for _, operator := range order {
		if err := s.helm(ctx, "uninstall", operator, "--wait", "--timeout=3m"); err != nil {
			return err
		}
	}
	after, err := s.inventory(ctx)
	if err != nil {
		return err
	}
	if after != before {
		return fmt.Errorf("%w:\nbefore:\n%s\nafter:\n%s", errGone, before, after)
	}
	for _, operator := range order {
		back := s.installCore
		if operator == stack.AWSOperator {
			back = s.installAWS
		}
		if err := back(ctx); err != nil {
			return err
		}
	}
	return errors.Join(s.lookedAt(ctx), s.allReady(ctx), s.noteIsThere(ctx))
}

// inventory lists what has to outlive a release: resource definitions, and every object that a person
// or an operator made of them, with the secrets of claims.
func (s *story) inventory(ctx context.Context) (string, error) {
	var all []string
	for _, args := range [][]string{
		{"customresourcedefinitions,awsproviders,resourceclasses,managed"},
		{"claims", "--all-namespaces"},
		{"secrets", "--namespace=" + tenant},
		{"secrets", "--namespace=" + connections},
		{"secrets", "aws-credentials", "--namespace=" + operators},
	} {
		names, err := s.names(ctx, args...)
		if err != nil {
			return "", err
		}
		all = append(all, names...)
	}
	return strings.Join(all, "\n"), nil
}
