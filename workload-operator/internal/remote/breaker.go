// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// doubt is how long a request may wait while nothing at all is heard of the
// cluster, before nobody begins anything new there: whoever waited along could do
// something for another one meanwhile.
const doubt = time.Second

// breaker knows whether a cluster answers, from every request that is made. Once
// one was not answered only the target's own look asks, and what watches it.
type breaker struct {
	// turned is called when a request other than of a look shows that the cluster
	// has begun or ceased to answer: a look is due. Optional.
	turned func()

	mu      sync.Mutex
	open    bool
	waiting int       // requests that are not answered yet
	heard   time.Time // of the cluster; or, without an answer, when the first of those was made
}

// closed reports whether the cluster may be asked.
func (b *breaker) closed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.open && (b.waiting == 0 || time.Since(b.heard) < doubt)
}

func (b *breaker) ask() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting == 0 {
		b.heard = time.Now()
	}
	b.waiting++
}

// note takes note of what came of a request, and reports whether that turns what is
// known of the cluster.
func (b *breaker) note(err error) (turned bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting--
	was := b.open
	switch {
	case err == nil:
		b.open, b.heard = false, time.Now()
	case !errors.Is(err, context.Canceled): // that is our own doing
		b.open = true
	}
	return b.open != was
}

// watch returns next with a note taken of whatever comes of its requests. Looks tell
// of no turns: they see for themselves.
func (b *breaker) watch(next http.RoundTripper, looks bool) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		b.ask()
		response, err := next.RoundTrip(r)
		if b.note(err) && !looks && b.turned != nil {
			b.turned()
		}
		return response, err //nolint:wrapcheck // passed on as it is
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
