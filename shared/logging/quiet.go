// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"
)

// quiet keeps libraries quiet. What they say of their own life is of interest to
// who debugs them. What goes wrong is said once: a reconciler's error is in the
// conditions of its object already, and comes back with every back-off.
type quiet struct {
	next  slog.Handler
	scope string // the attributes given with With, as part of what is repeated
	said  *repeats
}

func newQuiet(next slog.Handler) *quiet {
	return &quiet{next: next, said: &repeats{last: map[string]time.Time{}}}
}

// Enabled implements slog.Handler.
func (q *quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return q.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (q *quiet) Handle(ctx context.Context, r slog.Record) error {
	if !ours(r.PC) && q.chatter(r) {
		r.Level = min(r.Level, slog.LevelDebug)
	}
	if !q.next.Enabled(ctx, r.Level) {
		return nil
	}
	if err := q.next.Handle(ctx, r); err != nil {
		return fmt.Errorf("writing a log line: %w", err)
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (q *quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	scope := strings.Builder{}
	scope.WriteString(q.scope)
	for _, a := range attrs {
		addTo(&scope, a)
	}
	return &quiet{next: q.next.WithAttrs(attrs), scope: scope.String(), said: q.said}
}

// WithGroup implements slog.Handler.
func (q *quiet) WithGroup(name string) slog.Handler {
	return &quiet{next: q.next.WithGroup(name), scope: q.scope + name, said: q.said}
}

// What libraries report as errors when a manager that was told to end gives its
// Lease back and cuts off what it was about to ask.
const (
	leaseGivenBack = "error received after stop sequence was engagederr=leader election lost"
	cutOff         = "context canceled"
)

// chatter says that a library's record is for its own developers.
func (q *quiet) chatter(r slog.Record) bool {
	if r.Level < slog.LevelWarn {
		return true
	}
	line := q.line(r)
	return strings.HasSuffix(line, leaseGivenBack) || strings.Contains(line, cutOff) || q.said.before(line, r.Time)
}

// line is what makes two records the same.
func (q *quiet) line(r slog.Record) string {
	line := strings.Builder{}
	line.WriteString(q.scope)
	line.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		addTo(&line, a)
		return true
	})
	return line.String()
}

// passID is the key of the id that controller-runtime gives each pass.
const passID = "reconcileID"

// addTo adds what tells one line from another.
func addTo(line *strings.Builder, a slog.Attr) {
	if a.Key != passID {
		line.WriteString(a.String())
	}
}

// ours says that a record was written by an operator, not by a library.
func ours(pc uintptr) bool {
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return strings.HasPrefix(frame.Function, "github.com/crossplaneio/") || strings.HasPrefix(frame.Function, "main.")
}

const (
	repeatEvery = 10 * time.Minute
	repeatsKept = 4096
)

// repeats remembers what was said when.
type repeats struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// before reports whether line was said within the last repeatEvery; if not, it
// is said now.
func (s *repeats) before(line string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.last[line]; ok && now.Sub(last) < repeatEvery {
		return true
	}
	if len(s.last) >= repeatsKept {
		clear(s.last)
	}
	s.last[line] = now
	return false
}
