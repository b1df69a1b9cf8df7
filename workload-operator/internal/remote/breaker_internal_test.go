// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

// TestBreaker: after an unanswered request nobody but looks asks, until one is
// answered. Whoever else finds a turn tells of it.
func TestBreaker(t *testing.T) {
	turns := 0
	b := &breaker{turned: func() { turns++ }}
	request := func(looks bool, outcome error) {
		t.Helper()
		next := roundTripper(func(*http.Request) (*http.Response, error) { return nil, outcome })
		if _, err := b.watch(next, looks).RoundTrip(nil); !errors.Is(err, outcome) { //nolint:bodyclose // there is none
			t.Fatalf("want what came of the request: %v", err)
		}
	}
	mute := errors.New("no answer")
	for _, step := range []struct {
		name    string
		looks   bool
		outcome error
		closed  bool
		turns   int
	}{
		{"nothing is wrong", false, nil, true, 0},
		{"we gave up", false, context.Canceled, true, 0},
		{"no answer", false, mute, false, 1},
		{"still none", false, mute, false, 1},
		{"a look has none either", true, mute, false, 1},
		{"a look has one", true, nil, true, 1},
		{"a look has none", true, mute, false, 1},
		{"a watch has one", false, nil, true, 2},
	} {
		if request(step.looks, step.outcome); b.closed() != step.closed || turns != step.turns {
			t.Errorf("%s: closed: %t, and told of %d turns", step.name, b.closed(), turns)
		}
	}
}

// TestDoubt: while a request waits and nothing is heard, nobody begins another.
func TestDoubt(t *testing.T) {
	b := &breaker{}
	b.ask()
	if b.ask(); !b.closed() {
		t.Error("want some patience")
	}
	b.heard = time.Now().Add(-doubt)
	if b.closed() {
		t.Error("want nobody to begin anything")
	}
	if b.note(nil); !b.closed() {
		t.Error("one was answered, so the other may be slow")
	}
	b.heard = time.Now().Add(-doubt)
	if b.note(context.Canceled); !b.closed() {
		t.Error("nobody waits any more")
	}
	if b.ask(); !b.closed() {
		t.Error("want patience with a request after a pause")
	}
}
