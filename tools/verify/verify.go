// SPDX-License-Identifier: Apache-2.0

// Package verify checks what must be true of every commit: generated files are those that would
// be generated, modules are tidy and level, the rules of the house hold, commits are signed off.
package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// ErrFailed says that a check found something, which has been printed.
var ErrFailed = errors.New("verification failed")

// ErrNotChecked is what a check wraps when it needs something that is out of reach.
var ErrNotChecked = errors.New("not checked")

// A Check returns the problems that it finds in the repository at root, one per line to print.
type Check struct {
	Name string
	Find func(ctx context.Context, root string) (problems []string, err error)
}

// All are the checks in the order of their cost.
func All() []Check {
	return []Check{SignOff(), House(), Format(), Generated(), Tidy(), Level()}
}

// Run runs the checks, all of them even if one fails, and prints what they find. A check that
// cannot be made for want of the network says so and fails nothing.
func Run(ctx context.Context, out io.Writer, root string, checks ...Check) error {
	failed := false
	for _, check := range checks {
		start := time.Now()
		problems, err := check.Find(ctx, root)
		for _, problem := range problems {
			fmt.Fprintln(out, problem)
		}
		fmt.Fprintf(out, "verify: %-10s %s (%.1f s)\n", check.Name, verdict(problems, err), time.Since(start).Seconds())
		failed = failed || len(problems) > 0 || err != nil && !errors.Is(err, ErrNotChecked)
	}
	if failed {
		return ErrFailed
	}
	return nil
}

func verdict(problems []string, err error) string {
	switch {
	case errors.Is(err, ErrNotChecked):
		return "NOT CHECKED: " + err.Error()
	case err != nil:
		return "FAILED: " + err.Error()
	case len(problems) > 0:
		return fmt.Sprintf("FAILED: %d problems", len(problems))
	}
	return "ok"
}
