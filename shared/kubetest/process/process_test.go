// SPDX-License-Identifier: Apache-2.0

package process_test

import (
	"encoding/json"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/shared/kubetest/process"
)

// role makes the test binary play one of the programs below instead of running tests.
const role = "PROCESS_TEST_ROLE"

const patience = time.Minute // of a machine that is busy

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		ready()
	case "parent":
		startChild(os.Getenv("CHILD_DETACHED") != "")
		ready()
	case "busy":
		ready()
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
			runtime.Gosched()
		}
	default:
		ready()
	}
	time.Sleep(time.Minute)
}

func ready() {
	if err := os.WriteFile(os.Getenv("READY"), nil, 0o600); err != nil {
		panic(err)
	}
}

// startChild leaves the identity of a child of its own where the test finds it.
func startChild(detached bool) {
	dir := filepath.Dir(os.Getenv("READY"))
	child, err := process.Start(process.Spec{
		Path:   os.Args[0],
		Env:    append(os.Environ(), role+"=plain", "READY="+filepath.Join(dir, "child-ready")),
		Log:    filepath.Join(dir, "child.log"),
		Detach: detached,
	})
	if err != nil {
		panic(err)
	}
	id, err := json.Marshal(child.Identity)
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "child.json"), id, 0o600); err != nil {
		panic(err)
	}
}

// start starts the test binary in a role and waits until it says that it runs.
func start(t *testing.T, dir, as string, env ...string) *process.Process {
	t.Helper()
	marker := filepath.Join(dir, "ready")
	p, err := process.Start(process.Spec{
		Path: os.Args[0],
		Env:  append(append(os.Environ(), role+"="+as, "READY="+marker), env...),
		Log:  filepath.Join(dir, "log", "program.log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill() })
	awaitFile(t, marker)
	return p
}

func awaitFile(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s did not appear", path)
		}
	}
}

func childOf(t *testing.T, dir string) *process.Process {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "child.json"))
	if err != nil {
		t.Fatal(err)
	}
	var id process.Identity
	if err := json.Unmarshal(content, &id); err != nil {
		t.Fatal(err)
	}
	return process.Attach(id)
}

func TestEnd(t *testing.T) {
	cases := map[string]struct {
		role string
		end  func(*process.Process) error
	}{
		"a program that ends when asked": {"plain", func(p *process.Process) error { return p.Stop(patience) }},
		"a program that refuses to end":  {"stubborn", func(p *process.Process) error { return p.Stop(50 * time.Millisecond) }},
		"a crash":                        {"plain", (*process.Process).Kill},
		"by another process": {"plain", func(p *process.Process) error {
			return process.Attach(p.Identity).Stop(patience)
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p := start(t, t.TempDir(), tc.role)
			if !p.Alive() {
				t.Fatal("not alive after its start")
			}
			if err := tc.end(p); err != nil {
				t.Fatal(err)
			}
			if p.Alive() {
				t.Error("still alive")
			}
			if err := p.Stop(patience); err != nil {
				t.Errorf("ending it again: %v", err)
			}
		})
	}
}

func TestReusedProcessIDIsNotSignalled(t *testing.T) {
	p := start(t, t.TempDir(), "plain")
	former := process.Attach(process.Identity{PID: p.PID, Start: p.Start - 1})
	if former.Alive() {
		t.Error("a former owner of the process id counts as alive")
	}
	if err := former.Stop(patience); err != nil {
		t.Error(err)
	}
	if err := former.Kill(); err != nil {
		t.Error(err)
	}
	if !p.Alive() {
		t.Error("the process that has the id now was ended")
	}
	if _, err := former.Usage(); err == nil {
		t.Error("the former owner has a usage")
	}
}

func TestChildrenFollowTheirParent(t *testing.T) {
	cases := map[string]struct {
		env      []string
		survives bool
	}{
		"killed with it":               {nil, false},
		"detached: lives on by itself": {[]string{"CHILD_DETACHED=yes"}, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			parent := start(t, dir, "parent", tc.env...)
			child := childOf(t, dir)
			t.Cleanup(func() { _ = child.Kill() })
			awaitFile(t, filepath.Join(dir, "child-ready"))

			// The parent alone, not its group: the child has to notice by itself.
			if err := syscall.Kill(parent.PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			parent.Await(patience)
			if tc.survives {
				time.Sleep(50 * time.Millisecond)
			} else {
				child.Await(patience)
			}
			if child.Alive() != tc.survives {
				t.Errorf("child alive: %t", child.Alive())
			}
		})
	}
}

func TestGroupEndsWithItsLeader(t *testing.T) {
	dir := t.TempDir()
	p, err := process.Start(process.Spec{
		Path: "/bin/sh",
		Args: []string{"-c", `(trap '' TERM; sleep 60) & echo $! >pid.part; mv pid.part pid; wait`},
		Dir:  dir,
		Log:  filepath.Join(dir, "log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	awaitFile(t, filepath.Join(dir, "pid"))
	content, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	follower, err := process.Identify(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(patience); err != nil {
		t.Fatal(err)
	}
	if !process.Attach(follower).Await(patience) {
		t.Error("a member of the group was left behind")
	}
}

func TestStartRefused(t *testing.T) {
	_, err := process.Start(process.Spec{Path: "/does/not/exist", Log: filepath.Join(t.TempDir(), "log")})
	if err == nil {
		t.Error("a program that is not there was started")
	}
}

func TestUsage(t *testing.T) {
	p := start(t, t.TempDir(), "busy")
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		usage, err := p.Usage()
		if err != nil {
			t.Fatal(err)
		}
		if usage.CPU >= 50*time.Millisecond && usage.RSS > 1<<20 && usage.PeakRSS >= usage.RSS {
			if usage.Anon < 1<<18 || usage.File < 1<<20 || usage.Anon+usage.File > usage.RSS {
				t.Errorf("of %d bytes %d are its own, and %d those of files", usage.RSS, usage.Anon, usage.File)
			}
			return
		}
	}
	t.Error("a busy process uses neither processor nor memory")
}
