// SPDX-License-Identifier: Apache-2.0

// Package signoff checks that commits carry the line by which their author certifies the
// Developer Certificate of Origin.
package signoff

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

var line = regexp.MustCompile(`(?m)^Signed-off-by: [^<\n]*\S <[^<>@\s]+@[^<>\s]+>$`)

// A Commit that lacks a sign-off.
type Commit struct {
	Hash    string
	Author  string
	Subject string
}

// String names the commit as a person would look for it.
func (c Commit) String() string { return fmt.Sprintf("%.12s %s (%s)", c.Hash, c.Subject, c.Author) }

// Missing returns the commits without a sign-off among those reachable from HEAD, merges left
// out, and how many there are in all. A shallow clone is checked as deep as it is.
func Missing(ctx context.Context, root string) (missing []Commit, total int, err error) {
	out, err := workspace.Run(ctx, root, nil, "git", "log", "-z", "--no-merges", "--format=%H%n%an%n%B", "HEAD")
	if err != nil {
		return nil, 0, fmt.Errorf("reading the history: %w", err)
	}
	for entry := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		hash, rest, _ := strings.Cut(entry, "\n")
		author, message, _ := strings.Cut(rest, "\n")
		subject, _, _ := strings.Cut(message, "\n")
		total++
		if !line.MatchString(message) {
			missing = append(missing, Commit{Hash: hash, Author: author, Subject: subject})
		}
	}
	return missing, total, nil
}
