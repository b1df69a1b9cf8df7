// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

var (
	spaces     = regexp.MustCompile(`(?m)[ \t]+$`)
	emptyLines = regexp.MustCompile(`\n{3,}`)
)

// sync makes the folder to hold the files of the folder from and no others. A file that is
// already as it should be keeps its time, so that nothing is built again because of it.
func sync(from, to string) error {
	want, err := names(from)
	if err != nil {
		return err
	}
	have, err := names(to)
	if err != nil {
		return err
	}
	for name := range have {
		if want[name] {
			continue
		}
		if err := os.Remove(filepath.Join(to, name)); err != nil {
			return fmt.Errorf("removing what is no longer generated: %w", err)
		}
	}
	for name := range want {
		if err := move(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}

// names are the files of a folder; none where it does not exist.
func names(dir string) (map[string]bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing generated files: %w", err)
	}
	found := map[string]bool{}
	for _, entry := range entries {
		found[entry.Name()] = true
	}
	return found, nil
}

// move makes the file to as the file from, which need not exist: then there is none.
func move(from, to string) error {
	want, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return remove(to)
	}
	if err != nil {
		return fmt.Errorf("reading what was generated: %w", err)
	}
	if have, err := os.ReadFile(to); err == nil && bytes.Equal(have, want) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	if err := os.WriteFile(to, want, 0o644); err != nil {
		return fmt.Errorf("writing what was generated: %w", err)
	}
	return nil
}

func remove(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing what is no longer generated: %w", err)
	}
	return nil
}

// tidy takes away what templates leave behind: spaces at the end of lines, and more than one
// empty line in a row.
func tidy(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading what was generated: %w", err)
	}
	text = spaces.ReplaceAll(text, nil)
	text = emptyLines.ReplaceAll(text, []byte("\n\n"))
	if err := os.WriteFile(file, append(bytes.TrimSpace(text), '\n'), 0o644); err != nil {
		return fmt.Errorf("writing what was generated: %w", err)
	}
	return nil
}
