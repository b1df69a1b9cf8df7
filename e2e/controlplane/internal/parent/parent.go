// SPDX-License-Identifier: Apache-2.0

// Package parent ends this process when another one ends, however that happens: tests that are
// killed leave no control plane behind.
package parent

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Variable names the environment variable that holds the process id to watch; empty means none.
const Variable = "HYPERKUBE_PARENT"

// Watch starts watching the process that the environment names, if it names one. A process that is
// gone already ends this one at once.
func Watch() error {
	text := os.Getenv(Variable)
	if text == "" {
		return nil
	}
	pid, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("reading %s: %w", Variable, err)
	}
	descriptor, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return fmt.Errorf("watching process %d: %w", pid, err)
	}
	go func() {
		await(descriptor)
		os.Exit(1)
	}()
	return nil
}

// await returns when the process has ended: only then its descriptor becomes readable.
func await(descriptor int) {
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(descriptor), Events: unix.POLLIN}}, -1) //nolint:gosec // G115: a descriptor is small
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
