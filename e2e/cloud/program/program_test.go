// SPDX-License-Identifier: Apache-2.0

package program

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// fakeCloud says hello, and writes a file where it was told to.
type fakeCloud struct {
	http.Handler
	closed bool
}

func (c *fakeCloud) Close() error {
	c.closed = true
	return nil
}

type secureCloud struct {
	*fakeCloud
	certificate tls.Certificate
}

func (c secureCloud) TLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.certificate}, MinVersion: tls.VersionTLS12}
}

var errFull = errors.New("the disk is full")

func newProgram(cloud Cloud, got *Options) Program {
	return Program{Name: "local-test", New: func(o Options) (Cloud, error) {
		*got = o
		if o.StateDir == "/full" {
			return nil, errFull
		}
		return cloud, nil
	}}
}

func hello() *fakeCloud {
	return &fakeCloud{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })}
}

func TestRun(t *testing.T) {
	served := httptest.NewUnstartedServer(nil)
	served.StartTLS()
	defer served.Close()
	plain := hello()
	secure := secureCloud{fakeCloud: hello(), certificate: served.TLS.Certificates[0]}
	tests := map[string]struct {
		cloud  Cloud
		base   *fakeCloud
		scheme string
	}{
		"plain": {plain, plain, "http://127.0.0.1:"},
		"TLS":   {secure, secure.fakeCloud, "https://127.0.0.1:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			reader, writer := io.Pipe()
			ended := make(chan error, 1)
			var got Options
			go func() {
				ended <- newProgram(test.cloud, &got).Run(ctx, []string{"--state-dir", "d", "--delay", "1s", "--log-level", "error"}, writer, io.Discard)
			}()
			line, err := bufio.NewReader(reader).ReadString('\n')
			url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
			if err != nil || !ok || !strings.HasPrefix(url, test.scheme) {
				t.Fatalf("the first line is %q, %v", line, err)
			}
			if got.StateDir != "d" || got.Settings.Delays[local.DefaultDelay] != local.Duration(time.Second) || got.Log.Enabled(ctx, slog.LevelWarn) {
				t.Errorf("got %+v", got)
			}
			if body := get(t, served.Client(), url); body != "hello" {
				t.Errorf("served %q", body)
			}
			cancel()
			select {
			case err := <-ended:
				if err != nil || !test.base.closed {
					t.Errorf("ended with %v, closed: %v", err, test.base.closed)
				}
			case <-time.After(time.Minute):
				t.Fatal("does not end")
			}
		})
	}
}

func get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, res.Status, err)
	}
	return string(body)
}

func TestBadFlags(t *testing.T) {
	tests := map[string][]string{
		"unknown":        {"--colour"},
		"not a duration": {"--delay", "soon"},
		"not a level":    {"--log-level", "loud"},
		"not an address": {"--listen", "nowhere"},
		"everywhere":     {"--listen", "0.0.0.0:0"},
		"by name":        {"--listen", "localhost:0"},
		"not to be made": {"--state-dir", "/full"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			if err := newProgram(hello(), &Options{}).Run(t.Context(), args, io.Discard, io.Discard); err == nil || errors.Is(err, flag.ErrHelp) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := newProgram(hello(), &Options{}).Run(t.Context(), []string{"--help"}, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("help: %v", err)
	}
}
