// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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

// settle is how long operators are left alone before they are weighed: they look every half minute
// whether they have memory to give back.
const settle = 40 * time.Second

// weigh tells what memory the first two operators have.
func weigh(ctx context.Context, s *story) error {
	return s.weighAtRest(ctx, stack.CoreOperator, stack.AWSOperator)
}

// weighOthers tells what memory those have that came later.
func weighOthers(ctx context.Context, s *story) error {
	return s.weighAtRest(ctx, stack.GCPOperator, stack.AzureOperator, stack.WorkloadOperator)
}

// weighAtRest tells what memory operators have: of each, the pod that has most, which is the one that
// works.
func (s *story) weighAtRest(ctx context.Context, names ...string) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting for a moment of rest: %w", context.Cause(ctx))
	case <-time.After(settle):
	}
	for _, operator := range names {
		used, err := heaviest(operator)
		if err != nil {
			return err
		}
		const mebibyte = 1 << 20
		resident, own := float64(used.RSS)/mebibyte, float64(used.Anon)/mebibyte
		fmt.Fprintf(s.out, "  %s: %.1f MiB, of which %.1f MiB are its own and the rest pages of its program\n", operator, resident, own)
		s.figure("memory."+operator, resident, "MiB")
		s.figure("memory."+operator+".own", own, "MiB")
	}
	return nil
}
