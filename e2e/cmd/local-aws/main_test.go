// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"--state-dir", dir, "--delay", "1s", "--log-level", "error"}, writer, io.Discard)
	}()
	line, err := bufio.NewReader(reader).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		t.Fatalf("the first line is %q, %v", line, err)
	}
	ca := get(t, url+"/_control/ca.pem")
	written, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil || !bytes.Equal(ca, written) {
		t.Errorf("the written CA is not the one that is served: %v", err)
	}
	if settings := get(t, url+"/_control/settings"); !strings.Contains(string(settings), `"default":"1s"`) {
		t.Errorf("settings: %s", settings)
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("does not end")
	}
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, res.Status, err)
	}
	return body
}

func TestBadFlags(t *testing.T) {
	tests := map[string][]string{
		"unknown":        {"--colour"},
		"not a duration": {"--delay", "soon"},
		"not a level":    {"--log-level", "loud"},
		"not an address": {"--listen", "nowhere"},
		"everywhere":     {"--listen", "0.0.0.0:0"},
		"by name":        {"--listen", "localhost:0"},
		"not a folder":   {"--state-dir", "/dev/null/x"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			if err := run(t.Context(), args, io.Discard, io.Discard); err == nil || errors.Is(err, flag.ErrHelp) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := run(t.Context(), []string{"--help"}, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("help: %v", err)
	}
}
