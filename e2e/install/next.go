// SPDX-License-Identifier: Apache-2.0

package install

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

var errNoChange = errors.New("nothing to change was found")

// edited makes an unpacked chart one of a later release, with other resource definitions and another
// template. Its image is the same.
func edited(chart string) error {
	return errors.Join(
		edit(chart, "Chart.yaml", "version: 0.0.0-e2e", "version: 0.0.1-e2e"),
		edit(chart, "generated/crds/*.yaml", "additionalPrinterColumns:\n",
			"additionalPrinterColumns:\n    - jsonPath: .metadata.generation\n      name: NEXT\n      type: integer\n"),
		edit(chart, "templates/generated/deployment.yaml", "revisionHistoryLimit: 3", "revisionHistoryLimit: 4"),
	)
}

// edit replaces a text in files, in at least one of them.
func edit(folder, pattern, old, replacement string) error {
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil {
		return fmt.Errorf("looking for %s: %w", pattern, err)
	}
	changed := false
	for _, file := range files {
		content, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			return fmt.Errorf("reading a chart: %w", err)
		}
		edited := bytes.ReplaceAll(content, []byte(old), []byte(replacement))
		changed = changed || !bytes.Equal(edited, content)
		if err := os.WriteFile(file, edited, 0o600); err != nil {
			return fmt.Errorf("writing a chart: %w", err)
		}
	}
	if !changed {
		return fmt.Errorf("%w: %s in %s", errNoChange, strings.TrimSpace(old), pattern)
	}
	return nil
}
