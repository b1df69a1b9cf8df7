// SPDX-License-Identifier: Apache-2.0

// Package process starts programs so that none is left behind by accident, and finds them again
// by process id and start time, so that a process id in other hands is never signalled.
package process

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const (
	pollEvery      = 10 * time.Millisecond
	readyPollEvery = 50 * time.Millisecond
	// killWait is how long the kernel may take to end a killed process; it takes longer only
	// while the process sits in an uninterruptible system call.
	killWait = 10 * time.Second
)

var (
	// ErrStillRunning says that a process survived even SIGKILL.
	ErrStillRunning = errors.New("process is still running")
	// ErrEnded says that a process ended by itself before it was ready.
	ErrEnded = errors.New("it ended by itself")
)

// Spec says what to start.
type Spec struct {
	// Path of the program.
	Path string
	// Args without the program's name.
	Args []string
	// Env is the whole environment; nil means this process's own.
	Env []string
	// Dir is the working folder; empty means this process's own.
	Dir string
	// Log is the file that standard output and standard error are appended to.
	Log string
	// Detach lets the program outlive this process. Otherwise it is killed when this process
	// ends, however it ends.
	Detach bool
}

// Process is a program that was started, the leader of a process group of its own.
type Process struct {
	Identity

	// log is where its output goes; empty if another process started it.
	log string
	// reaped is closed once the child was waited for; nil if it is not this process's child.
	reaped chan struct{}
}

// Start starts a program and returns as soon as it runs.
func Start(spec Spec) (*Process, error) {
	log, err := openLog(spec.Log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has its own descriptor

	// It outlives the call, and starting what the caller names is the purpose.
	cmd := exec.Command(spec.Path, spec.Args...) //nolint:noctx // see above
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = spec.Env, spec.Dir, log, log
	cmd.SysProcAttr = attributes(spec.Detach)

	process := &Process{log: spec.Log, reaped: make(chan struct{})}
	started := make(chan error)
	go process.run(cmd, started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", spec.Path, err)
	}
	return process, nil
}

// Attach returns a handle on a process that another one started.
func Attach(id Identity) *Process {
	return &Process{Identity: id}
}

// run starts the command and reaps it, all on one thread that it keeps until then: the kernel
// sends the parent-death signal when the thread that started the child ends, not the process.
func (p *Process) run(cmd *exec.Cmd, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		started <- err
		return
	}
	id, err := Identify(cmd.Process.Pid)
	p.Identity = id
	started <- err
	_ = cmd.Wait() // how it ended is for its log; that it ended is what counts here
	close(p.reaped)
}

// Stop asks the process to end and kills its whole group if it has not ended in time. It returns
// once the process is gone; one that is gone already is no error.
func (p *Process) Stop(grace time.Duration) error {
	if !p.Alive() {
		return p.reap()
	}
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	if !p.Await(grace) {
		return p.Kill()
	}
	p.sweep()
	return p.reap()
}

// Kill ends the process and its group at once, as a crash would.
func (p *Process) Kill() error {
	if !p.Alive() {
		return p.reap()
	}
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	if !p.Await(killWait) {
		return fmt.Errorf("killing process %d: %w", p.PID, ErrStillRunning)
	}
	return p.reap()
}

// Await waits until the process is gone and says whether it is.
func (p *Process) Await(atMost time.Duration) bool {
	for deadline := time.Now().Add(atMost); p.Alive(); time.Sleep(pollEvery) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// AwaitReady returns once a check holds, or an error with the end of the process's log if it ends
// before or the context does.
func (p *Process) AwaitReady(ctx context.Context, ready func(context.Context) bool) error {
	ticker := time.NewTicker(readyPollEvery)
	defer ticker.Stop()
	for !ready(ctx) {
		if !p.Alive() {
			return fmt.Errorf("%w; the end of %s:\n%s", ErrEnded, p.log, logTail(p.log))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until it is ready: %w; the end of %s:\n%s", ctx.Err(), p.log, logTail(p.log))
		case <-ticker.C:
		}
	}
	return nil
}

// signal reaches the whole group, so that what the program started ends with it.
func (p *Process) signal(sig syscall.Signal) error {
	err := syscall.Kill(-p.PID, sig)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("sending %s to process %d: %w", sig, p.PID, err)
	}
	return nil
}

// sweep kills members of the group that outlived its leader. Their group keeps the leader's
// process id from being given to anyone else.
func (p *Process) sweep() {
	_ = syscall.Kill(-p.PID, syscall.SIGKILL)
}

// reap waits until a child has left the process table as well.
func (p *Process) reap() error {
	if p.reaped == nil {
		return nil
	}
	select {
	case <-p.reaped:
		return nil
	case <-time.After(killWait):
		return fmt.Errorf("reaping process %d: %w", p.PID, ErrStillRunning)
	}
}

func attributes(detach bool) *syscall.SysProcAttr {
	if detach {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
