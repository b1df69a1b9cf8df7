// SPDX-License-Identifier: Apache-2.0

package images

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// SourceOf says what is checked out in a repository.
func SourceOf(ctx context.Context, root string) (Source, error) {
	head, err := workspace.Run(ctx, root, nil, "git", "log", "-1", "--format=%H %ct")
	if err != nil {
		return Source{}, fmt.Errorf("finding the commit: %w", err)
	}
	revision, seconds, _ := strings.Cut(strings.TrimSpace(head), " ")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return Source{}, fmt.Errorf("reading the commit's time: %w", err)
	}
	changed, err := workspace.Run(ctx, root, nil, "git", "status", "--porcelain", "--untracked-files=no")
	if err != nil {
		return Source{}, fmt.Errorf("looking for changes: %w", err)
	}
	if changed != "" {
		revision += "-dirty"
	}
	return Source{Revision: revision, Time: time.Unix(unix, 0).UTC()}, nil
}
