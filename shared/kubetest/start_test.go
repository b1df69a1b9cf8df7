// SPDX-License-Identifier: Apache-2.0

package kubetest_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// actVariable makes the test binary a program that starts a cluster, as a test of another package
// would, and ends in the way that is named.
const actVariable = "KUBETEST_ACT"

// act plays START-END and says when the cluster runs.
func act(what string) int {
	start := kubetest.Start
	if what[:len("full")] == "full" {
		start = kubetest.StartFull
	}
	started, err := start()
	if err != nil {
		fmt.Fprintln(os.Stdout, err)
		return 1
	}
	fmt.Fprintln(os.Stdout, "started")
	if filepath.Ext(what) == ".hang" {
		time.Sleep(time.Minute)
	}
	if err := started.Stop(); err != nil {
		fmt.Fprintln(os.Stdout, err)
		return 1
	}
	return 0
}

func TestNothingIsLeftBehind(t *testing.T) {
	cases := map[string]struct {
		act  string
		kill bool // whether the test ends without stopping it; then its data are left too
	}{
		"API server: stopped":            {"lite.stop", false},
		"API server: the test is killed": {"lite.hang", true},
		"whole: stopped":                 {"full.stop", false},
		"whole: the test is killed":      {"full.hang", true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			run(t, tc.act, dir, tc.kill)
			eventually(t, "no process of it is left", func() bool { return len(processes(t, dir)) == 0 })
			left, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if !tc.kill && len(left) > 0 {
				t.Errorf("left in its folder: %v", left)
			}
		})
	}
}

// run runs the test binary as the program until it ended or, once its cluster runs, kills it.
func run(t *testing.T, as, dir string, kill bool) {
	t.Helper()
	program := exec.CommandContext(t.Context(), os.Args[0])
	program.Env = append(os.Environ(), actVariable+"="+as, "TMPDIR="+dir)
	output, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 1000)
	n, _ := output.Read(said)
	if got := string(said[:n]); got != "started\n" {
		t.Fatalf("it said %q", got)
	}
	if !kill {
		if err := program.Wait(); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(processes(t, dir)) == 0 {
		t.Error("no process has the folder in its arguments: the test would notice nothing")
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait()
}

// processes returns the command lines of the processes that were given a path in the folder.
func processes(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && bytes.Contains(line, []byte(dir)) {
			found = append(found, string(line))
		}
	}
	return found
}
