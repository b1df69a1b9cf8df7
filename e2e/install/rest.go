// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/e2e/stack"
)

// oneMore is another of the developer's claims.
const oneMore = `apiVersion: database.crossplane.io/v1alpha1
kind: MySQLInstance
metadata: {name: %[1]s, namespace: ` + tenant + `}
spec:
  engineVersion: "8.4"
  storageGiB: 20
  databaseName: notes
  requests: {memory: 2Gi}
  writeConnectionSecretToRef: {name: %[1]s-db}
---
`

// claimMore brings the number of claims to what was asked for.
func claimMore(ctx context.Context, s *story) error {
	var text strings.Builder
	for i := range s.options.Claims - 1 {
		fmt.Fprintf(&text, oneMore, fmt.Sprintf("more-%03d", i))
	}
	return s.claim(ctx, text.String())
}

// claimOne makes a claim beyond the number that was asked for, and waits for it.
func (s *story) claimOne(ctx context.Context, name string) error {
	s.more++
	return s.claim(ctx, fmt.Sprintf(oneMore, name))
}

func (s *story) claim(ctx context.Context, text string) error {
	file := filepath.Join(s.options.Dir, "claims.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing claims: %w", err)
	}
	if _, err := s.query(ctx, "apply", "-f", file); err != nil {
		return err
	}
	return s.allReady(ctx)
}

// allReady waits until every claim is, as a person would.
func (s *story) allReady(ctx context.Context) error {
	if _, err := s.query(ctx, "-n", tenant, "wait", "--for=condition=Ready", "mysqlinstance", "--all", "--timeout=2m"); err != nil {
		return err
	}
	names, err := s.names(ctx, "mysqlinstances", "--namespace="+tenant)
	if err != nil {
		return err
	}
	got, want := len(names), s.options.Claims+s.more+s.elsewhere
	if got != want {
		return fmt.Errorf("%w: %d claims, want %d", errOtherNumber, got, want)
	}
	fmt.Fprintf(s.out, "  %d claims, all ready\n", got)
	return nil
}

// settle is how long operators are left alone before they are weighed.
const settle = 12 * time.Second

// weigh tells what memory the operators have: of each, the pod that has most, which is the one that
// works.
func weigh(ctx context.Context, s *story) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting for a moment of rest: %w", context.Cause(ctx))
	case <-time.After(settle):
	}
	return s.weighEach(stack.CoreOperator, stack.AWSOperator)
}

func (s *story) weighEach(names ...string) error {
	for _, operator := range names {
		mib, err := residentMiB(operator)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "  %s: %s MiB\n", operator, strconv.FormatFloat(mib, 'f', 1, 64))
		s.figure("memory."+operator, mib, "MiB")
	}
	return nil
}
