// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/e2e/stack/stacktest"
)

func TestMain(m *testing.M) {
	stacktest.Main()
	os.Exit(m.Run())
}

// shell calls the program with flags for its folders.
type shell struct {
	dir, bin string
}

func newShell(t *testing.T) shell {
	t.Helper()
	s := shell{dir: filepath.Join(t.TempDir(), "stack"), bin: t.TempDir()}
	root := t.TempDir()
	if err := errors.Join(stacktest.Programs(s.bin), stacktest.Charts(root)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	t.Cleanup(func() {
		if _, errOut, err := s.call(t, "down"); err != nil {
			t.Error(err, errOut)
		}
	})
	return s
}

func (s shell) call(t *testing.T, verb string) (out, errOut string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err = run(t.Context(), []string{verb, "-dir", s.dir, "-bin", s.bin, "-operators", "core-operator,aws-operator"}, &stdout, &stderr)
	return stdout.String(), stderr.String(), err
}

func (s shell) must(t *testing.T, verb string) (out, errOut string) {
	t.Helper()
	out, errOut, err := s.call(t, verb)
	if err != nil {
		t.Fatalf("%s: %v\n%s", verb, err, errOut)
	}
	return out, errOut
}

func (s shell) opened(t *testing.T) *stack.Stack {
	t.Helper()
	opened, err := stack.Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func TestUpAndDown(t *testing.T) {
	s := newShell(t)
	export := "export KUBECONFIG=" + filepath.Join(s.dir, "admin.kubeconfig") + "\n"

	out, errOut := s.must(t, "up")
	if out != export {
		t.Errorf("up printed %q", out)
	}
	for _, want := range []string{"control plane ready", filepath.Join(s.bin, "kubectl")} {
		if !strings.Contains(errOut, want) {
			t.Errorf("up did not tell %q:\n%s", want, errOut)
		}
	}
	opened := s.opened(t)
	first := opened.Processes()

	out, errOut = s.must(t, "up")
	if out != export || !strings.Contains(errOut, "up already") {
		t.Errorf("the second time it said %q and %q", out, errOut)
	}
	for i, p := range s.opened(t).Processes() {
		if !p.Alive || p != first[i] {
			t.Errorf("%s was started again", p.Name)
		}
	}
	if out, _ := s.must(t, "status"); strings.Count(out, "running") != 4 {
		t.Errorf("status says\n%s", out)
	}

	s.must(t, "down")
	for _, p := range opened.Processes() {
		if p.Alive {
			t.Errorf("%s runs on", p.Name)
		}
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
	if _, errOut := s.must(t, "down"); !strings.Contains(errOut, "not up") {
		t.Errorf("down again said %q", errOut)
	}
}

func TestUpAfterProcessesEnded(t *testing.T) {
	s := newShell(t)
	s.must(t, "up")

	kill(t, s.opened(t), stack.CoreOperator)
	_, _, err := s.call(t, "up")
	if !errors.Is(err, errPartly) || !strings.Contains(err.Error(), "core-operator") {
		t.Fatalf("with one ended: %v", err)
	}
	if out, _ := s.must(t, "status"); strings.Count(out, "ended") != 1 {
		t.Errorf("status says\n%s", out)
	}

	kill(t, s.opened(t), stack.AWSOperator, stack.LocalAWS, stack.ControlPlane) // as the machine's end would
	s.must(t, "up")
	for _, p := range s.opened(t).Processes() {
		if !p.Alive {
			t.Errorf("%s does not run", p.Name)
		}
	}
}

// kill ends processes behind the stack's back and waits until they are gone.
func kill(t *testing.T, s *stack.Stack, names ...string) {
	t.Helper()
	for _, name := range names {
		one := find(s, name)
		if err := syscall.Kill(one.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		for one.Alive {
			one = find(s, name)
		}
	}
}

func find(s *stack.Stack, name string) stack.Process {
	all := s.Processes()
	return all[slices.IndexFunc(all, func(p stack.Process) bool { return p.Name == name })]
}

func TestUsage(t *testing.T) {
	s := newShell(t)
	if _, _, err := s.call(t, "sideways"); !errors.Is(err, errUsage) {
		t.Errorf("got %v", err)
	}
	if err := run(t.Context(), nil, nil, nil); !errors.Is(err, errUsage) {
		t.Errorf("got %v", err)
	}
	if _, _, err := s.call(t, "status"); !errors.Is(err, stack.ErrNotUp) {
		t.Errorf("got %v", err)
	}
}
