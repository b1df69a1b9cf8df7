// SPDX-License-Identifier: Apache-2.0

package wait_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/e2e/wait"
)

func TestUntil(t *testing.T) {
	asked := 0
	third := func(context.Context) (bool, error) { asked++; return asked == 3, nil }
	if err := wait.Until(t.Context(), time.Minute, time.Millisecond, "it is so", third); err != nil || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	last := errors.New("not yet")
	err := wait.Until(t.Context(), time.Millisecond, time.Millisecond, "it is so", func(context.Context) (bool, error) { return false, last })
	if !errors.Is(err, wait.ErrTooLong) || !errors.Is(err, last) || !strings.Contains(err.Error(), "waiting until it is so") {
		t.Errorf("got %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := wait.Until(ended, time.Minute, time.Hour, "it is so", func(context.Context) (bool, error) { return false, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
