// SPDX-License-Identifier: Apache-2.0

package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// hostName is what the machine inside calls itself.
const hostName = "crossplane-e2e"

// initialize is the life of process 1: it makes the place, runs this program in it with args and
// reaps whatever ends. When it ends, the kernel ends everything else.
func initialize(args []string) int {
	if err := furnish(); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		return 1
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	child, err := os.StartProcess("/proc/self/exe", append([]string{os.Args[0]}, args...), &os.ProcAttr{
		Env: os.Environ(), Files: []*os.File{nil, os.Stdout, os.Stderr},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		return 1
	}
	go func() {
		for s := range signals {
			_ = child.Signal(s) // it may have ended
		}
	}()
	return reap(child.Pid)
}

// reap waits for all that ends, the processes too whose parents ended, until the one does that
// counts. It returns that one's exit status.
func reap(pid int) int {
	for {
		var status syscall.WaitStatus
		ended, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			fmt.Fprintln(os.Stderr, "sandbox: waiting for processes:", err)
			return 1
		case ended != pid:
			continue
		case status.Signaled():
			fmt.Fprintln(os.Stderr, "sandbox: ended by signal:", status.Signal())
			return 128 + int(status.Signal())
		default:
			return status.ExitStatus()
		}
	}
}

// furnish makes mounts, network and name the sandbox's own.
func furnish() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keeping mounts private: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mounting /proc: %w", err)
	}
	// What programs keep in places that can't be chosen.
	for _, dir := range []string{"/run", "/var/lib", "/var/log"} {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=0755"); err != nil {
			return fmt.Errorf("mounting an empty %s: %w", dir, err)
		}
	}
	if err := syscall.Sethostname([]byte(hostName)); err != nil {
		return fmt.Errorf("setting the host name: %w", err)
	}
	if err := startLoopback(); err != nil {
		return fmt.Errorf("starting the loopback interface: %w", err)
	}
	return pretend()
}

// startLoopback does what `ip link set lo up` does.
func startLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err //nolint:wrapcheck // the caller says what for
	}
	loopback, err := unix.NewIfreq("lo")
	if err != nil {
		return errors.Join(err, unix.Close(fd))
	}
	loopback.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return errors.Join(unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, loopback), unix.Close(fd))
}

// wanted is how a kubelet sets the kernel, for the whole machine.
func wanted() map[string]string {
	return map[string]string{
		"vm/overcommit_memory":      "1",
		"vm/panic_on_oom":           "0",
		"kernel/panic":              "10",
		"kernel/panic_on_oops":      "1",
		"kernel/keys/root_maxkeys":  "1000000",
		"kernel/keys/root_maxbytes": "25000000",
	}
}

// pretend shows settings of the kernel as a kubelet wants them, so that it leaves those alone that
// are not the sandbox's.
func pretend() error {
	const dir = "/run/sysctl"
	for name, value := range wanted() {
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "."))
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
		if err := os.WriteFile(file, []byte(value+"\n"), 0o600); err != nil {
			return fmt.Errorf("writing a setting: %w", err)
		}
		if err := syscall.Mount(file, "/proc/sys/"+name, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("hiding the setting %s: %w", name, err)
		}
	}
	return nil
}
