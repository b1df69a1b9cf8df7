// SPDX-License-Identifier: Apache-2.0

// Package sandbox runs a program as on a machine of its own: with its own processes, network,
// mounts and host name. Whatever it starts or mounts there, shims and containers too, is gone when
// it ends, however it ends.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// stage is the first argument by which this program knows what it is inside a sandbox.
const stage = "sandbox-init"

// goodbye is how long what runs inside may take to end when it is told to.
const goodbye = 30 * time.Second

// Variable is set inside a sandbox, to the name of the control group that its containers belong
// into.
const Variable = "CROSSPLANE_SANDBOX"

var (
	// ErrNotHere says that this user may not make a sandbox, or that nobody can in this place.
	ErrNotHere = errors.New("no sandbox can be made here")
	// ErrTooLong says that a sandbox was ended because it took too long.
	ErrTooLong = errors.New("it took too long and was ended")
)

// Options say how to run a program.
type Options struct {
	// Args are the arguments with which this program runs inside; Inside then returns true.
	Args []string
	// Within is how long it may take.
	Within time.Duration
	// Out gets what it says.
	Out io.Writer
}

// Run runs this program again in a sandbox and returns when everything in there has ended. When ctx
// ends, what runs inside is told to end, and killed if it does not within 30 seconds.
func Run(ctx context.Context, o Options) error {
	if err := Possible(ctx); err != nil {
		return err
	}
	if err := removeStaleGroups(); err != nil {
		return err
	}
	group := groupName(os.Getpid())
	if err := makeGroup(group); err != nil {
		return errors.Join(err, removeGroup(group))
	}
	err := run(ctx, o, group)
	return errors.Join(err, removeGroup(group))
}

// namespaces are what a sandbox has of its own.
const namespaces = syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC

// Possible returns ErrNotHere, with the reason, if no sandbox can be made: it takes root, and in a
// container more rights than most have.
func Possible(ctx context.Context) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("%w: it takes root", ErrNotHere)
	}
	probe := exec.CommandContext(ctx, "true")
	probe.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces}
	if err := probe.Run(); err != nil {
		return fmt.Errorf("%w: making namespaces: %w", ErrNotHere, err)
	}
	group := groupName(os.Getpid())
	if err := errors.Join(makeGroup(group), removeGroup(group)); err != nil {
		return fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	return nil
}

func run(ctx context.Context, o Options, group string) error {
	// The kernel kills the child when the thread ends that started it, so this one has to stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	limited, cancel := context.WithTimeoutCause(ctx, o.Within, ErrTooLong)
	defer cancel()
	cmd := exec.CommandContext(limited, "/proc/self/exe", append([]string{stage}, o.Args...)...)
	cmd.Env = append(os.Environ(), Variable+"="+group)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, o.Out, o.Out
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: namespaces,
		Pdeathsig:  syscall.SIGKILL,
		Setpgid:    true, // a terminal's interrupt comes here, and from here to the inside
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = goodbye
	if err := cmd.Run(); err != nil {
		if limited.Err() != nil {
			err = errors.Join(context.Cause(limited), err)
		}
		return fmt.Errorf("running in a sandbox: %w", err)
	}
	return nil
}

// Inside says whether this process is the first of a sandbox, or one that runs in it. A program
// calls it first of all: of the first process, Inside is the whole life, and does not return.
func Inside() bool {
	if len(os.Args) > 1 && os.Args[1] == stage && os.Getpid() == 1 {
		os.Exit(initialize(os.Args[2:]))
	}
	return os.Getenv(Variable) != "" && os.Getppid() == 1
}

// Group is the name of the control group for containers. Empty outside a sandbox.
func Group() string { return os.Getenv(Variable) }
