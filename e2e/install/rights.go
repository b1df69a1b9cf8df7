// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest/audit"
)

var (
	errForbidden = errors.New("an operator was refused")
	errSilent    = errors.New("an operator asked nothing: the record is not what it should be")
)

// watchRights begins to judge once every chart is installed: until then rights may be on their way,
// and operators wait for them.
func watchRights(_ context.Context, s *story) error {
	var err error
	s.judged, err = s.stack.Audit().Mark()
	if err != nil {
		return fmt.Errorf("marking the record: %w", err)
	}
	return nil
}

// judgeRights looks at all that operators asked for since.
func judgeRights(_ context.Context, s *story) error {
	requests, err := s.stack.Audit().Since(s.judged)
	if err != nil {
		return fmt.Errorf("reading the record: %w", err)
	}
	for _, operator := range stack.Operators() {
		own := requests.Where(func(r audit.Request) bool { return r.User == stack.User(operator) })
		refused := own.Where(func(r audit.Request) bool { return r.Forbidden })
		fmt.Fprintf(s.out, "  %s: %d requests, %d refused\n", operator, len(own), len(refused))
		if len(own) == 0 {
			return fmt.Errorf("%s: %w", operator, errSilent)
		}
		if len(refused) > 0 {
			first := refused[0]
			return fmt.Errorf("%s: %w: %s %s %s/%s", operator, errForbidden, first.Verb, first.Target(), first.Namespace, first.Name)
		}
	}
	return nil
}
