// SPDX-License-Identifier: Apache-2.0

package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
)

// Fields of /proc/PID/stat counted from the state, which follows the command's closing
// parenthesis (proc(5) counts it as field 3).
const (
	statState      = 0
	statUserTime   = 14 - 3
	statSystemTime = 15 - 3
	statStartTime  = 22 - 3
)

var errStat = errors.New("unexpected form of /proc/PID/stat")

// Identity names one process for good: the kernel gives process ids again, but not with the same
// start time.
type Identity struct {
	// PID is the process id.
	PID int `json:"pid"`
	// Start is when it started, in clock ticks since the machine did.
	Start uint64 `json:"start"`
}

// Alive says whether this very process still runs. One that only waits to be reaped does not.
func (id Identity) Alive() bool {
	fields, err := readStat(id.PID)
	if err != nil || number(fields[statStartTime]) != id.Start {
		return false
	}
	state := fields[statState]
	return state != "Z" && state != "X"
}

// Identify names the process that has this id now.
func Identify(pid int) (Identity, error) {
	fields, err := readStat(pid)
	if err != nil {
		return Identity{}, err
	}
	return Identity{PID: pid, Start: number(fields[statStartTime])}, nil
}

// readStat returns the fields of /proc/PID/stat from the state on. The command before it may
// contain anything, spaces and parentheses too.
func readStat(pid int) ([]string, error) {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil, fmt.Errorf("looking up process %d: %w", pid, err)
	}
	fields := bytes.Fields(content[bytes.LastIndexByte(content, ')')+1:])
	if len(fields) <= statStartTime {
		return nil, fmt.Errorf("looking up process %d: %w", pid, errStat)
	}
	text := make([]string, len(fields))
	for i, field := range fields {
		text[i] = string(field)
	}
	return text, nil
}

// number reads a counter that the kernel wrote; it writes nothing else there.
func number(text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64)
	return n
}
