// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
)

// actAsProgram makes the test's own binary the program.
const actAsProgram = "LOCAL_GCP_TEST_ACT_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(actAsProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestProgram starts the program, finds what it leaves for its users, and ends it.
func TestProgram(t *testing.T) {
	dir := t.TempDir()
	program := exec.CommandContext(t.Context(), os.Args[0], "--listen", "127.0.0.1:0", "--state-dir", dir)
	program.Env = append(os.Environ(), actAsProgram+"=1")
	out, err := program.StdoutPipe()
	check(t, err)
	check(t, program.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("it said %q", line)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v1/projects/"+iam.DefaultProject+"/instances", nil)
	check(t, err)
	response, err := http.DefaultClient.Do(request)
	check(t, err)
	check(t, response.Body.Close())
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %s", response.Status)
	}
	text, err := os.ReadFile(filepath.Join(dir, gcp.KeyFile))
	check(t, err)
	var key iam.KeyFile
	check(t, json.Unmarshal(text, &key))
	if key.ClientEmail != iam.DefaultEmail || !strings.Contains(key.PrivateKey, "PRIVATE KEY") {
		t.Errorf("key of %q", key.ClientEmail)
	}
	if _, err := os.Stat(filepath.Join(dir, "ca.pem")); err != nil {
		t.Error(err)
	}
	check(t, program.Process.Signal(syscall.SIGTERM))
	if err := program.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
