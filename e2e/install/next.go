// SPDX-License-Identifier: Apache-2.0

package install

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// nextColumn is what the resource definitions of the next release show in addition.
const nextColumn = "NEXT"

var errNoChange = errors.New("nothing to change was found")

// nextChart makes the chart of a later release, with other resource definitions and another template,
// and returns its folder.
func (s *story) nextChart(ctx context.Context, operator string) (string, error) {
	chart, err := s.chart(operator)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(s.options.Dir, "next")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", fmt.Errorf("making a folder: %w", err)
	}
	if _, err := s.run(ctx, "tar", "-xzf", chart, "-C", dir); err != nil {
		return "", err
	}
	folder := filepath.Join(dir, operator)
	return folder, errors.Join(
		edit(folder, "Chart.yaml", "version: 0.0.0-e2e", "version: 0.0.1-e2e"),
		edit(folder, "generated/crds/*.yaml", "additionalPrinterColumns:\n",
			"additionalPrinterColumns:\n    - jsonPath: .metadata.generation\n      name: "+nextColumn+"\n      type: integer\n"),
		edit(folder, "templates/generated/deployment.yaml", "revisionHistoryLimit: 3", "revisionHistoryLimit: 4"),
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
