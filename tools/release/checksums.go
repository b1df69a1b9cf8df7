// SPDX-License-Identifier: Apache-2.0

package release

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// checksumsFile lists a release's files as sha256sum does.
const checksumsFile = "checksums.txt"

// Checksums lists all files of a release with their sums, for `sha256sum --check checksums.txt`.
func Checksums(dir string) error {
	var text strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || name == checksumsFile {
			return err //nolint:wrapcheck // said below
		}
		sum, err := sumOf(path)
		fmt.Fprintf(&text, "%x  %s\n", sum, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		return fmt.Errorf("computing checksums: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, checksumsFile), []byte(text.String()), 0o644); err != nil {
		return fmt.Errorf("writing checksums: %w", err)
	}
	return nil
}

func sumOf(path string) ([]byte, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what for
	}
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return sum.Sum(nil), errors.Join(err, file.Close())
}
