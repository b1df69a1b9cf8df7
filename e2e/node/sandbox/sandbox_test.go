// SPDX-License-Identifier: Apache-2.0

package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crossplaneio/crossplane/e2e/node/sandbox"
)

// TestMain is also what runs inside sandboxes: what its first argument says.
func TestMain(m *testing.M) {
	if !sandbox.Inside() {
		os.Exit(m.Run())
	}
	if err := inside(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stdout, "inside:", err)
		os.Exit(3)
	}
}

// inside does what a test wants to see done in a sandbox.
func inside(what string, args []string) error {
	switch what {
	case "look":
		return look()
	case "fail":
		return errors.New("asked to")
	case "leave":
		return leave(args[0])
	case "linger":
		fmt.Fprintln(os.Stdout, "lingering")
		time.Sleep(20 * time.Second)
	}
	return nil
}

// look tells what the machine is like, and changes what is only the sandbox's.
func look() error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	links, err := net.Interfaces()
	if err != nil {
		return err
	}
	overcommit, err := os.ReadFile("/proc/sys/vm/overcommit_memory")
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:80")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "host=%s parent=%d links=%d overcommit=%s group=%v\n", host, os.Getppid(), len(links), strings.TrimSpace(string(overcommit)), sandbox.Group() != "")
	return errors.Join(l.Close(), os.WriteFile("/var/lib/made-inside", nil, 0o600), os.WriteFile("/run/made-inside", nil, 0o600),
		syscall.Mount("tmpfs", "/mnt", "tmpfs", 0, ""), os.WriteFile("/mnt/made-inside", nil, 0o600))
}

// leave starts a process that nobody waits for, in the control group, and goes.
func leave(file string) error {
	cmd := exec.Command("sh", "-c", "while true; do date +%s%N >"+file+"; sleep 0.05; done")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil || time.Now().After(deadline) {
			break
		}
	}
	groups := groupsOf(sandbox.Group())
	if len(groups) == 0 {
		return errors.New("there is no control group")
	}
	for _, group := range groups {
		if err := os.MkdirAll(filepath.Join(group, "pod", "container"), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// groupsOf returns a control group's folders: one, or one in every hierarchy.
func groupsOf(name string) []string {
	var all []string
	for _, tree := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		found, _ := filepath.Glob(tree + name) // the pattern is good
		all = append(all, found...)
	}
	return all
}

func needRoot(t *testing.T) {
	t.Helper()
	if err := sandbox.Possible(t.Context()); err != nil {
		t.Skip(err)
	}
}

func run(ctx context.Context, t *testing.T, within time.Duration, args ...string) (string, error) {
	t.Helper()
	var said bytes.Buffer
	err := sandbox.Run(ctx, sandbox.Options{Args: args, Within: within, Out: &said})
	if left := groupsOf("crossplane-e2e-" + strconv.Itoa(os.Getpid())); len(left) > 0 {
		t.Errorf("control groups are left: %q", left)
	}
	return said.String(), err
}

// One of a process that was killed before it could remove it.
func TestStaleGroupsGo(t *testing.T) {
	needRoot(t)
	const stale = "crossplane-e2e-4194999" // more than a process id can be
	for _, file := range groupsOf("cgroup.procs") {
		if err := os.MkdirAll(filepath.Join(filepath.Dir(file), stale), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if len(groupsOf(stale)) == 0 {
		t.Fatal("no stale group could be made")
	}
	if said, err := run(t.Context(), t, time.Minute, "nothing"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if left := groupsOf(stale); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestWhatIsInsideIsNotOutside(t *testing.T) {
	needRoot(t)
	said, err := run(t.Context(), t, time.Minute, "look")
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if want := "host=crossplane-e2e parent=1 links=1 overcommit=1 group=true\n"; said != want {
		t.Errorf("inside it is %q, want %q", said, want)
	}
	for _, path := range []string{"/var/lib/made-inside", "/run/made-inside", "/mnt/made-inside"} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is outside, too", path)
		}
	}
	if host, err := os.Hostname(); err != nil || host == "crossplane-e2e" {
		t.Errorf("the host's name is %q now (%v)", host, err)
	}
}

func TestFailureIsTold(t *testing.T) {
	needRoot(t)
	said, err := run(t.Context(), t, time.Minute, "fail")
	var exited *exec.ExitError
	if !errors.As(err, &exited) || exited.ExitCode() != 3 || said != "inside: asked to\n" {
		t.Errorf("got %v, and %q", err, said)
	}
}

func TestNothingOutlivesIt(t *testing.T) {
	needRoot(t)
	file := filepath.Join(t.TempDir(), "alive")
	if said, err := run(t.Context(), t, time.Minute, "leave", file); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	after, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("a process goes on outside its sandbox")
	}
}

func TestItEndsInTime(t *testing.T) {
	needRoot(t)
	began := time.Now()
	if _, err := run(t.Context(), t, time.Second, "linger"); !errors.Is(err, sandbox.ErrTooLong) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestItEndsWhenToldTo(t *testing.T) {
	needRoot(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Second, cancel)
	if _, err := run(ctx, t, time.Minute, "linger"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOnlyRootCan(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("this is root")
	}
	if err := sandbox.Run(t.Context(), sandbox.Options{}); !errors.Is(err, sandbox.ErrNotHere) {
		t.Errorf("got %v", err)
	}
}
