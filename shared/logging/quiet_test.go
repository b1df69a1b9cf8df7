// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// library is the address of code that is not ours: what a record of
// controller-runtime carries.
var library = reflect.ValueOf(reconcile.TerminalError).Pointer() + 1

type record struct {
	after time.Duration
	level slog.Level
	text  string
	attrs []any
	own   bool
}

func TestLibrariesAreQuiet(t *testing.T) {
	t.Parallel()
	failed := func(after time.Duration, cause string, more ...any) record {
		return record{after: after, level: slog.LevelError, text: "Reconciler error", attrs: append(more, "err", errors.New(cause))}
	}
	for name, tc := range map[string]struct {
		level   slog.Level
		records []record
		want    []string
	}{
		"business of their own": {
			records: []record{{text: "Starting workers"}, {text: "created", own: true}},
			want:    []string{"level=INFO msg=created"},
		},
		"business of their own, debugging": {
			level:   slog.LevelDebug,
			records: []record{{text: "Starting workers"}},
			want:    []string{`level=DEBUG msg="Starting workers"`},
		},
		"an error that comes back": {
			records: []record{failed(0, "no such host"), failed(time.Second, "no such host"), failed(time.Minute, "no such host")},
			want:    []string{`level=ERROR msg="Reconciler error" err="no such host"`},
		},
		"the same error of another pass": {
			records: []record{failed(0, "no such host", "reconcileID", "1"), failed(1, "no such host", "reconcileID", "2")},
			want:    []string{`level=ERROR msg="Reconciler error" err="no such host"`},
		},
		"an error that changes": {
			records: []record{failed(0, "no such host"), failed(1, "refused")},
			want:    []string{`level=ERROR msg="Reconciler error" err="no such host"`, `level=ERROR msg="Reconciler error" err=refused`},
		},
		"the same error of another object": {
			records: []record{failed(0, "refused", "name", "a"), failed(1, "refused", "name", "b")},
			want:    []string{`level=ERROR msg="Reconciler error" name=a err=refused`, `level=ERROR msg="Reconciler error" name=b err=refused`},
		},
		"an error that lasts": {
			records: []record{failed(0, "refused"), failed(11*time.Minute, "refused")},
			want:    []string{`level=ERROR msg="Reconciler error" err=refused`, `level=ERROR msg="Reconciler error" err=refused`},
		},
		"an orderly end": {
			records: []record{
				{level: slog.LevelError, text: "error received after stop sequence was engaged", attrs: []any{"err", errors.New("leader election lost")}},
				{level: slog.LevelError, text: "Error retrieving lease lock", attrs: []any{"err", errors.New("Get lease: context canceled"), "lock", "a/b"}},
			},
		},
		"our own are never held back": {
			records: []record{{text: "a", own: true}, {text: "a", own: true}},
			want:    []string{"level=INFO msg=a", "level=INFO msg=a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := &bytes.Buffer{}
			write(t, New(out, Text, tc.level).Handler(), tc.records)
			checkLines(t, out.String(), tc.want)
		})
	}
}

func TestAttributesOfALoggerTellErrorsApart(t *testing.T) {
	t.Parallel()
	out := &bytes.Buffer{}
	root := New(out, Text, slog.LevelInfo).Handler()
	same := []record{{level: slog.LevelError, text: "x"}}
	write(t, root.WithAttrs([]slog.Attr{slog.String("controller", "a")}), same)
	write(t, root.WithAttrs([]slog.Attr{slog.String("controller", "b")}), same)
	write(t, root.WithGroup("g"), same)
	write(t, root.WithGroup("g"), same)
	if got := strings.Count(out.String(), "\n"); got != 3 {
		t.Errorf("%d lines, want one per controller and one of the group:\n%s", got, out)
	}
}

func TestRepeatsAreBounded(t *testing.T) {
	t.Parallel()
	r := newQuiet(slog.DiscardHandler).said
	for i := range 3 * repeatsKept {
		r.before(fmt.Sprint(i), time.Time{})
	}
	if len(r.last) > repeatsKept {
		t.Errorf("%d lines remembered, want at most %d", len(r.last), repeatsKept)
	}
}

func write(t *testing.T, h slog.Handler, records []record) {
	t.Helper()
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, r := range records {
		pc := library
		if r.own {
			pc = reflect.ValueOf(write).Pointer() + 1
		}
		rec := slog.NewRecord(begin.Add(r.after), r.level, r.text, pc)
		rec.Add(r.attrs...)
		if err := h.Handle(context.Background(), rec); err != nil {
			t.Fatal(err)
		}
	}
}

func checkLines(t *testing.T, out string, want []string) {
	t.Helper()
	var got []string
	for line := range strings.Lines(out) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		got = append(got, rest)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("lines\n%q\nwant\n%q", got, want)
	}
}
