// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// coolDown is how long nobody but the target's own look asks a cluster that did
// not answer.
const coolDown = 5 * time.Second

// breaker knows whether a cluster answers, from every request that is made.
type breaker struct {
	mu     sync.Mutex
	failed time.Time // zero: the last one was answered
}

// closed reports whether the cluster may be asked. After a while one may try, and
// the others wait for what comes of it.
func (b *breaker) closed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed.IsZero() {
		return true
	}
	if time.Since(b.failed) < coolDown {
		return false
	}
	b.failed = time.Now()
	return true
}

func (b *breaker) note(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil:
		b.failed = time.Time{}
	case !errors.Is(err, context.Canceled): // that is our own doing
		b.failed = time.Now()
	}
}

// watch returns next with a note taken of whatever comes of its requests.
func (b *breaker) watch(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		b.note(err)
		return response, err //nolint:wrapcheck // passed on as it is
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
