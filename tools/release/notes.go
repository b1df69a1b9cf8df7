// SPDX-License-Identifier: Apache-2.0

package release

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/crossplaneio/crossplane/tools/images"
)

// notesFile is the file in a release that says what is in it.
const notesFile = "release-notes.md"

var errNoChanges = errors.New("CHANGELOG.md says nothing about it")

// notes writes what changed, what the images are and how to install them.
func (o *Options) notes(made []images.Made, charts []string) error {
	log, err := os.ReadFile(filepath.Join(o.Images.Root, "CHANGELOG.md"))
	if err != nil {
		return fmt.Errorf("reading the changelog: %w", err)
	}
	changes, err := changesOf(string(log), o.Images.Version)
	if err != nil {
		return err
	}
	text := notesText(o.Images, made, charts, changes)
	if err := os.WriteFile(filepath.Join(o.Out, notesFile), []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the notes: %w", err)
	}
	return nil
}

// changesOf returns what a changelog says under a version's heading, with or without the v; where
// it has none, what is not released yet.
func changesOf(log, version string) (string, error) {
	sections := map[string]string{}
	for section := range strings.SplitSeq("\n"+log, "\n## ") {
		heading, text, _ := strings.Cut(section, "\n")
		fields := strings.Fields(strings.Trim(heading, "[] "))
		if len(fields) > 0 {
			sections[strings.Trim(fields[0], "[]")] = strings.TrimSpace(text)
		}
	}
	for _, name := range []string{version, strings.TrimPrefix(version, "v"), "Unreleased"} {
		if text := sections[name]; text != "" {
			return text, nil
		}
	}
	return "", fmt.Errorf("%s: %w", version, errNoChanges)
}

func notesText(o images.Options, made []images.Made, charts []string, changes string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "# %s\n\nCommit %s.\n\n## Changes\n\n%s\n\n## Images\n\n| Image | Digest | Size |\n|---|---|---|\n", o.Version, o.Source.Revision, changes)
	for _, m := range made {
		fmt.Fprintf(&text, "| `%s` | `%s` | %s |\n", m.Reference, m.Digest, m.Weight())
	}
	text.WriteString("\nThe size is what a pull transfers.\n\n## Charts\n\n")
	for _, chart := range charts {
		fmt.Fprintf(&text, "- `%s`\n", filepath.Base(chart))
	}
	text.WriteString("\n## Verify\n\n    sha256sum --check checksums.txt\n")
	return text.String()
}
