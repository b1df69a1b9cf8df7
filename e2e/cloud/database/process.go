// SPDX-License-Identifier: Apache-2.0

package database

import (
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// mostWords is how many bytes are kept of what a process says.
const mostWords = 4096

// process is a database server's process. It dies with this one, however this
// one dies.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended

	mu   sync.Mutex
	said []byte
}

// startProcess starts cmd. The kernel ends it when the thread that started it
// ends, so that thread is kept until the process has ended.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p, p
	cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	cmd.SysProcAttr.Setpgid = true // a Ctrl-C is for us, and we end it in order
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is of no interest
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	return p, nil
}

func (p *process) alive() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// stop ends the process: in order if it heeds that, else at once. For
// PostgreSQL SIGINT means to drop clients and end, SIGQUIT to end right away.
func (p *process) stop() {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if !p.alive() {
			return
		}
		_ = p.cmd.Process.Signal(signal) // it may just have ended
		select {
		case <-p.done:
			return
		case <-time.After(5 * time.Second):
		}
	}
}

// Write keeps the beginning of what the process says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, b[:min(len(b), mostWords-len(p.said))]...)
	return len(b), nil
}

func (p *process) words() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.said)
}
