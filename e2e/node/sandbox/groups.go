// SPDX-License-Identifier: Apache-2.0

package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	groups      = "/sys/fs/cgroup"
	groupPrefix = "crossplane-e2e-"
	removeWait  = 10 * time.Second
)

func groupName(pid int) string { return groupPrefix + strconv.Itoa(pid) }

// hierarchies are the trees of control groups: one of version 2, or one per controller of version 1.
func hierarchies() ([]string, error) {
	if _, err := os.Stat(filepath.Join(groups, "cgroup.controllers")); err == nil {
		return []string{groups}, nil
	}
	entries, err := os.ReadDir(groups)
	if err != nil {
		return nil, fmt.Errorf("looking for control groups: %w", err)
	}
	var found []string
	for _, entry := range entries {
		if entry.IsDir() {
			found = append(found, filepath.Join(groups, entry.Name()))
		}
	}
	return found, nil
}

// makeGroup makes a control group for a node's containers in every hierarchy.
func makeGroup(name string) error {
	trees, err := hierarchies()
	if err != nil {
		return err
	}
	for _, tree := range trees {
		group := filepath.Join(tree, name)
		if err := os.MkdirAll(group, 0o755); err != nil {
			return fmt.Errorf("making a control group: %w", err)
		}
		if err := prepareGroup(tree, group); err != nil {
			return err
		}
	}
	return nil
}

// prepareGroup gives a new group what its children need. In version 1 a cpuset begins with nothing
// in it, in version 2 controllers are handed down one by one.
func prepareGroup(tree, group string) error {
	for _, file := range []string{"cpuset.mems", "cpuset.cpus"} {
		if filepath.Base(tree) != "cpuset" {
			break
		}
		value, err := os.ReadFile(filepath.Join(tree, file))
		if err == nil {
			err = os.WriteFile(filepath.Join(group, file), value, 0o600)
		}
		if err != nil {
			return fmt.Errorf("preparing a control group: %w", err)
		}
	}
	available, err := os.ReadFile(filepath.Join(group, "cgroup.controllers"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("preparing a control group: %w", err)
	}
	for controller := range strings.FieldsSeq(string(available)) {
		if err := os.WriteFile(filepath.Join(group, "cgroup.subtree_control"), []byte("+"+controller), 0o600); err != nil {
			return fmt.Errorf("handing down %s: %w", controller, err)
		}
	}
	return nil
}

// removeGroup removes a control group with all below it. Processes in there that were killed need a
// moment to be gone.
func removeGroup(name string) error {
	trees, err := hierarchies()
	if err != nil {
		return err
	}
	var failures []error
	for _, tree := range trees {
		deadline := time.Now().Add(removeWait)
		for {
			err := removeTree(filepath.Join(tree, name))
			if err == nil {
				break
			}
			if time.Now().After(deadline) {
				failures = append(failures, fmt.Errorf("removing a control group: %w", err))
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	return errors.Join(failures...)
}

// removeTree removes groups, the innermost first. Files in them can't be removed, and go with them.
func removeTree(group string) error {
	var found []string
	err := filepath.WalkDir(group, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went meanwhile
		}
		if err == nil && entry.IsDir() {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		return err //nolint:wrapcheck // the caller says what for
	}
	for _, path := range slices.Backward(found) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err //nolint:wrapcheck // the same
		}
	}
	return nil
}

// removeStaleGroups removes what is left of processes that were killed before they could.
func removeStaleGroups() error {
	trees, err := hierarchies()
	if err != nil {
		return err
	}
	for _, tree := range trees {
		found, err := filepath.Glob(filepath.Join(tree, groupPrefix+"*"))
		if err != nil {
			return fmt.Errorf("looking for stale control groups: %w", err)
		}
		for _, path := range found {
			pid := strings.TrimPrefix(filepath.Base(path), groupPrefix)
			if _, err := os.Stat("/proc/" + pid); err == nil {
				continue
			}
			_ = removeTree(path) // somebody else's may be in use: it is not ours to insist
		}
	}
	return nil
}
