// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/shared/operator"
)

// An operator that is not ready at first is waited for; nothing else is started.
func TestAwaitReady(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) < 2 || r.URL.Path != "/readyz" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	out := &bytes.Buffer{}
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	err := operator.RunWith(t.Context(), []string{"--await-ready", server.URL + "/readyz"}, out, io.Discard, operator.Options{Name: "test-operator"})
	if err != nil || !strings.HasSuffix(out.String(), "/readyz: ready\n") {
		t.Errorf("said %q, %v", out, err)
	}
	if asked.Load() != 2 {
		t.Errorf("asked %d times, want 2", asked.Load())
	}
}

// One that never gets ready fails the check, with what it said last.
func TestAwaitReadyGivesUp(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer server.Close()
	for name, url := range map[string]string{"not ready": server.URL, "nobody there": "http://127.0.0.1:1", "no URL": ":"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			err := operator.RunWith(ctx, []string{"--await-ready", url}, io.Discard, io.Discard, operator.Options{Name: "test-operator"})
			if err == nil || errors.Is(err, operator.ErrUsage) || !strings.Contains(err.Error(), "waiting for "+url) {
				t.Errorf("error %v", err)
			}
			if name == "not ready" && !strings.Contains(err.Error(), "418") {
				t.Errorf("error %v does not say what was answered", err)
			}
		})
	}
}
