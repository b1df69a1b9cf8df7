// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/shared/kubetest/process"
)

const (
	private       os.FileMode = 0o600
	privateFolder os.FileMode = 0o700
)

// layout is the stack's folder:
//
//	NAME.kubeconfig   of the administrator and of each operator
//	log/NAME.log      what each process says, and the API server's audit log
//	pids/NAME         each process that runs
//	NAME/             what a process keeps
//	stack.json        what it takes to open the stack again
type layout string

// state is what it takes to open a stack again, and to start its operators again.
type state struct {
	Root         string              `json:"root"`
	Bin          string              `json:"bin"`
	Operators    []string            `json:"operators"`
	Clouds       []string            `json:"clouds"`
	PollInterval time.Duration       `json:"pollInterval"`
	Args         map[string][]string `json:"args"`
	Env          map[string][]string `json:"env"`
	// Ports on the loopback interface, by what listens there.
	Ports map[string]int `json:"ports"`
}

func (l layout) path(elem ...string) string {
	return filepath.Join(append([]string{string(l)}, elem...)...)
}

func (l layout) log(name string) string        { return l.path("log", name+".log") }
func (l layout) auditLog() string              { return l.path("log", "audit.log") }
func (l layout) data(name string) string       { return l.path(name) }
func (l layout) kubeconfig(name string) string { return l.path(name + ".kubeconfig") }
func (l layout) pid(name string) string        { return l.path("pids", name) }
func (l layout) stateFile() string             { return l.path("stack.json") }

// make makes an empty folder for a new stack: what a failed one left there goes.
func (l layout) make() error {
	if _, err := os.Stat(l.stateFile()); err == nil {
		return fmt.Errorf("%w in %s", ErrUp, l)
	}
	folders := []string{"log", "pids", ControlPlane}
	for _, c := range clouds() {
		folders = append(folders, c.name)
	}
	for _, stale := range folders {
		if err := os.RemoveAll(l.path(stale)); err != nil {
			return fmt.Errorf("removing what an earlier stack left: %w", err)
		}
	}
	for _, folder := range folders {
		if err := os.MkdirAll(l.path(folder), privateFolder); err != nil {
			return fmt.Errorf("making the stack's folder: %w", err)
		}
	}
	return nil
}

// forget makes the folder one without a stack. The logs stay.
func (l layout) forget() error {
	if err := os.RemoveAll(l.stateFile()); err != nil {
		return fmt.Errorf("forgetting the stack: %w", err)
	}
	return nil
}

func (l layout) save(s state) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the stack's state: %w", err)
	}
	if err := os.WriteFile(l.stateFile(), content, private); err != nil {
		return fmt.Errorf("keeping the stack's state: %w", err)
	}
	return nil
}

func (l layout) load() (state, error) {
	var s state
	content, err := os.ReadFile(l.stateFile())
	if errors.Is(err, os.ErrNotExist) {
		return s, fmt.Errorf("%w in %s", ErrNotUp, l)
	}
	if err != nil {
		return s, fmt.Errorf("reading the stack's state: %w", err)
	}
	if err := json.Unmarshal(content, &s); err != nil {
		return s, fmt.Errorf("reading the stack's state: %w", err)
	}
	return s, nil
}

func (l layout) savePID(name string, id process.Identity) error {
	content, err := json.Marshal(id)
	if err != nil {
		return fmt.Errorf("encoding the identity of %s: %w", name, err)
	}
	if err := os.WriteFile(l.pid(name), content, private); err != nil {
		return fmt.Errorf("keeping the identity of %s: %w", name, err)
	}
	return nil
}

// loadPIDs returns the processes that were started and not yet ended on request.
func (l layout) loadPIDs() (map[string]process.Identity, error) {
	files, err := filepath.Glob(l.pid("*"))
	if err != nil {
		return nil, fmt.Errorf("looking for processes: %w", err)
	}
	found := make(map[string]process.Identity, len(files))
	for _, file := range files {
		content, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			return nil, fmt.Errorf("reading the identity of a process: %w", err)
		}
		var id process.Identity
		if err := json.Unmarshal(content, &id); err != nil {
			return nil, fmt.Errorf("reading %s: %w", strings.TrimPrefix(file, string(l)), err)
		}
		found[filepath.Base(file)] = id
	}
	return found, nil
}

// address returns where something listens.
func (s state) address(what string) string {
	return fmt.Sprintf("127.0.0.1:%d", s.Ports[what])
}
