// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// killWait is how long what a shell started may go on writing when it is ended.
const killWait = 5 * time.Second

// Session is where fences are run: a shell in a folder.
type Session struct {
	Dir     string        // working folder
	Env     []string      // all variables, NAME=VALUE
	Timeout time.Duration // for all that is run at once
}

// FenceError is a fence that did not end as it should.
type FenceError struct {
	Document string
	Fence    Fence
	Err      error
	Output   string // of this fence
}

// Error implements error.
func (f *FenceError) Error() string {
	return fmt.Sprintf("%s:%d: %v\n%s\n%s", f.Document, f.Fence.Line, f.Err, f.Fence.Text, f.Output)
}

// Unwrap implements the errors package's convention.
func (f *FenceError) Unwrap() error { return f.Err }

// Run types fences into one shell, one after another. It ends at the first command
// that fails, and returns all that was said; the error is a *FenceError.
func (s Session) Run(ctx context.Context, document string, fences []Fence) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	var out bytes.Buffer
	shell := exec.CommandContext(ctx, "bash", "--noprofile", "--norc", "-s")
	shell.Stdin = strings.NewReader(script(fences))
	shell.Stdout, shell.Stderr = &out, &out
	shell.Dir, shell.Env = s.Dir, s.Env
	// What a fence leaves running ends with it.
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }
	shell.WaitDelay = killWait
	err := shell.Run()
	if ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	at, said := last(out.String())
	if err != nil && at < len(fences) {
		err = &FenceError{Document: document, Fence: fences[at], Err: err, Output: said}
	}
	return marker.ReplaceAllString(out.String(), ""), err
}

var marker = regexp.MustCompile(`(?m)^@@@ fence ([0-9]+) @@@\n`)

// script is what the shell reads: each fence behind a marker, in a function of its
// own so that no command in it reads what is to be run after it, and checked for
// its status, which errexit does not do after a negation.
func script(fences []Fence) string {
	var b strings.Builder
	b.WriteString("set -euo pipefail\n")
	for i, f := range fences {
		fmt.Fprintf(&b, "echo '@@@ fence %d @@@'\nfence() {\n%s\n}\nfence </dev/null\n", i, strings.TrimRight(f.Text, "\n"))
	}
	return b.String()
}

// last returns the number of the fence that was begun last, and what was said
// since.
func last(output string) (int, string) {
	at := marker.FindAllStringSubmatchIndex(output, -1)
	if len(at) == 0 {
		return 0, output
	}
	end := at[len(at)-1]
	n, err := strconv.Atoi(output[end[2]:end[3]])
	if err != nil {
		return 0, output
	}
	return n, output[end[1]:]
}

// Mirror makes a folder in which the repository seems to be, so that commands
// which are typed in the repository's folder can be run without touching it. Its
// .cache is its own, but for the programs.
func Mirror(root, dir string) error {
	entries, err := os.ReadDir(root)
	if err != nil {
		return fmt.Errorf("reading the repository: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, ".cache"), 0o700); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	link := func(name string) error {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("linking %s: %w", name, err)
		}
		return nil
	}
	failures := []error{link(filepath.Join(".cache", "bin"))}
	for _, e := range entries {
		if e.Name() != ".cache" && e.Name() != ".git" {
			failures = append(failures, link(e.Name()))
		}
	}
	return errors.Join(failures...)
}
