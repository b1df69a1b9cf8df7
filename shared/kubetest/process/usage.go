// SPDX-License-Identifier: Apache-2.0

package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of processor times in /proc: USER_HZ is 100 on every architecture that Go and
// Linux share.
const tick = 10 * time.Millisecond

// Usage is what a process has used.
type Usage struct {
	// CPU is user and system time since its start, in steps of 10 ms.
	CPU time.Duration
	// RSS is the memory it holds now, in bytes.
	RSS uint64
	// Anon is that part of it which is the process's own, in bytes. It goes back to the kernel only if the
	// process gives it back.
	Anon uint64
	// File is that part of it which are pages of files, in bytes: of a Go program its own code and
	// constants. The kernel takes them back, and reads them again, as it likes; processes share them.
	File uint64
	// PeakRSS is the most that it ever held, in bytes.
	PeakRSS uint64
}

// Usage reads what the process has used; it is an error if the process is gone.
func (id Identity) Usage() (Usage, error) {
	fields, err := readStat(id.PID)
	if err != nil {
		return Usage{}, err
	}
	if number(fields[statStartTime]) != id.Start {
		return Usage{}, fmt.Errorf("usage of process %d: %w", id.PID, os.ErrProcessDone)
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(id.PID) + "/status")
	if err != nil {
		return Usage{}, fmt.Errorf("memory of process %d: %w", id.PID, err)
	}
	ticks := number(fields[statUserTime]) + number(fields[statSystemTime])
	return Usage{
		CPU:     time.Duration(ticks) * tick, // #nosec G115 -- 2^63 ns are 292 years
		RSS:     kibibytes(string(status), "VmRSS:"),
		Anon:    kibibytes(string(status), "RssAnon:"),
		File:    kibibytes(string(status), "RssFile:"),
		PeakRSS: kibibytes(string(status), "VmHWM:"),
	}, nil
}

// kibibytes finds a line such as "VmRSS:     1234 kB" and returns its value in bytes.
func kibibytes(status, label string) uint64 {
	for line := range strings.Lines(status) {
		if rest, found := strings.CutPrefix(line, label); found {
			return number(strings.Fields(rest)[0]) << 10
		}
	}
	return 0
}
