// SPDX-License-Identifier: Apache-2.0

// Package wait waits until something is so.
package wait

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrTooLong says that something was not so in time.
var ErrTooLong = errors.New("it took too long")

// Until asks, with a pause between, until something is so, for as long as patience
// lasts. Its error tells what was waited for, why no longer, and what was said last.
func Until(ctx context.Context, patience, pause time.Duration, what string, so func(ctx context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, ErrTooLong)
	defer cancel()
	for {
		ok, err := so(ctx)
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, errors.Join(context.Cause(ctx), err))
		case <-time.After(pause):
		}
	}
}
