// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"os/exec"
	"syscall"
	"time"
)

// confine has the kernel, too, keep this process within bounds: of memory, of
// time, and away from files. A kernel that does not know one of them leaves it to
// the others.
func confine() {
	for resource, most := range map[int]uint64{
		syscall.RLIMIT_DATA: hardMemory, syscall.RLIMIT_CPU: uint64(4 * renderTime / time.Second),
		syscall.RLIMIT_FSIZE: 0, syscall.RLIMIT_CORE: 0,
	} {
		_ = syscall.Setrlimit(resource, &syscall.Rlimit{Cur: most, Max: most})
	}
}

// asGroup makes a process, with all that it might start, one that ends as a whole.
func asGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
