// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// database is what a client does with one.
type database interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

var errCloudChanged = errors.New("something was created, changed or deleted in the cloud")

// untouched does something and fails if it created, changed or deleted anything in the cloud. What
// is at rest is looked at once more before that is judged.
func (s *story) untouched(ctx context.Context, what string, do func(ctx context.Context) error) error {
	before, err := s.aws.Ledger(ctx, 0)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	if err := do(ctx); err != nil {
		return err
	}
	since := 0
	if len(before) > 0 {
		since = before[len(before)-1].Seq
	}
	after, err := s.aws.Ledger(ctx, since)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	if len(after) > 0 {
		return fmt.Errorf("%s: %w: %s", what, errCloudChanged, entriesOf(after))
	}
	fmt.Fprintf(s.out, "  %s: nothing was created, changed or deleted in the cloud (%d entries before and after)\n", what, len(before))
	return nil
}

func entriesOf(ledger []local.Entry) string {
	const most = 5
	var told []string
	for _, e := range ledger[:min(most, len(ledger))] {
		told = append(told, fmt.Sprintf("%s %s %s", e.Action, e.Kind, e.ID))
	}
	if len(ledger) > most {
		told = append(told, fmt.Sprintf("and %d more", len(ledger)-most))
	}
	return strings.Join(told, ", ")
}

// lookedAt waits until an operator has looked at every database once more: the cloud counts calls.
func (s *story) lookedAt(ctx context.Context) error {
	before, err := s.describes(ctx)
	if err != nil {
		return err
	}
	live, err := s.aws.Live(ctx)
	if err != nil {
		return fmt.Errorf("asking what there is: %w", err)
	}
	databases := 0
	for _, r := range live {
		if r.Kind == "DBInstance" {
			databases++
		}
	}
	return await(ctx, "every database was looked at", func(ctx context.Context) (bool, error) {
		now, err := s.describes(ctx)
		return now-before >= databases, err
	})
}

// describes counts how often databases were looked at.
func (s *story) describes(ctx context.Context) (int, error) {
	calls, err := s.aws.Calls(ctx)
	if err != nil {
		return 0, fmt.Errorf("counting calls: %w", err)
	}
	total := 0
	for _, c := range calls {
		if c.Operation == "DescribeDBInstances" {
			total += c.Count
		}
	}
	return total, nil
}

// nothingLeft fails if anything is left in the cloud that was made there, but for the last snapshot of
// each database: the ready-made classes have it taken.
func (s *story) nothingLeft(ctx context.Context) error {
	live, err := s.aws.Live(ctx)
	if err != nil {
		return fmt.Errorf("asking what there is: %w", err)
	}
	ledger, err := s.aws.Ledger(ctx, 0)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	others := slices.DeleteFunc(slices.Clone(live), func(r local.Resource) bool { return r.Kind == "DBSnapshot" })
	if len(others) > 0 {
		return fmt.Errorf("%w: %v", errLeft, others)
	}
	made, gone, snapshots := databases(ledger, local.Created), databases(ledger, local.Deleted), len(live)
	fmt.Fprintf(s.out, "  The ledger: %d databases created, %d deleted. What there is in the cloud now: %d last snapshots\n", made, gone, snapshots)
	if want := s.options.Claims + s.more; made != want || gone != want || snapshots != want {
		return fmt.Errorf("%w: %d were claimed", errOtherNumber, want)
	}
	return nil
}

// databases counts those to which something happened.
func databases(ledger []local.Entry, action string) int {
	count := 0
	for _, e := range ledger {
		if e.Kind == "DBInstance" && e.Action == action {
			count++
		}
	}
	return count
}

var (
	errLeft        = errors.New("something is left in the cloud")
	errOtherNumber = errors.New("the cloud made or deleted another number of databases than were claimed")
)
