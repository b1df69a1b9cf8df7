// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/shared/fault"
)

func TestByCode(t *testing.T) {
	got := fault.ByCode(map[fault.Class][]string{fault.Quota: {"a", "b"}, fault.Gone: {"c"}})
	if diff := cmp.Diff(map[string]fault.Class{"a": fault.Quota, "b": fault.Quota, "c": fault.Gone}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSaid(t *testing.T) {
	if got := fault.Said("insert", "no (x)").Error(); got != "insert: no (x)" {
		t.Error(got)
	}
	if got := fault.Said("", "no (x)").Error(); got != "no (x)" {
		t.Error(got)
	}
}

func TestUnreachable(t *testing.T) {
	called := func(err error) error {
		return fmt.Errorf("call: %w", &url.Error{Op: "Get", URL: "https://api.example.org/v1?x=y", Err: err})
	}
	tests := map[string]struct {
		err  error
		want string
	}{
		"refused": {
			called(&net.OpError{Op: "dial", Err: fmt.Errorf("connect 127.0.0.1:41234: %w", syscall.ECONNREFUSED)}),
			"no answer from https://api.example.org: connection refused",
		},
		"no such host": {called(&net.DNSError{Err: "no such host", Name: "api.example.org"}), "no answer from https://api.example.org: no such host"},
		"slow":         {called(context.DeadlineExceeded), "no answer from https://api.example.org: it took too long"},
		"no URL":       {fmt.Errorf("call: %w", errors.ErrUnsupported), "no answer from the cloud: unsupported operation"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := fault.Unreachable("the cloud", test.err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0} {
		if got := fault.RetryAfter(http.Header{"Retry-After": {value}}); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
	if got := fault.RetryAfter(nil); got != 0 {
		t.Errorf("no header: %s", got)
	}
}
