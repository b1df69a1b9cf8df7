// SPDX-License-Identifier: Apache-2.0

// Package release puts together what a version is released as: images with their bills of
// materials, charts, notes, and checksums of all of them.
package release

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/crossplaneio/crossplane/tools/images"
	"github.com/crossplaneio/crossplane/tools/workspace"
)

// Options say what to release.
type Options struct {
	// Images are the options of the images. Their version is that of the release; the folder that
	// everything goes to, with images/ and charts/ in it, takes the place of theirs.
	Images images.Options
	// Out is that folder. What is there from another release goes.
	Out string
	// Helm is the path of the program that packs charts.
	Helm string
}

var (
	// ErrVersion says that a version is none that can be released.
	ErrVersion = errors.New("a version is like v0.1.0 or v0.1.0-rc.1")
	// ErrDirty says that what would be released is in no commit.
	ErrDirty = errors.New("files differ from the commit: commit them first")

	versionForm = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)
)

// Make makes a release.
func Make(ctx context.Context, o Options) error {
	if !versionForm.MatchString(o.Images.Version) {
		return fmt.Errorf("%w, not %q", ErrVersion, o.Images.Version)
	}
	for _, folder := range []string{"images", "charts"} {
		if err := os.RemoveAll(filepath.Join(o.Out, folder)); err != nil {
			return fmt.Errorf("removing an earlier release: %w", err)
		}
		if err := os.MkdirAll(filepath.Join(o.Out, folder), 0o755); err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
	}
	o.Images.Out = filepath.Join(o.Out, "images")
	made, err := images.Make(ctx, o.Images)
	if err != nil {
		return fmt.Errorf("making images: %w", err)
	}
	charts, err := o.charts(ctx)
	if err != nil {
		return fmt.Errorf("packing charts: %w", err)
	}
	if err := o.notes(made, charts); err != nil {
		return fmt.Errorf("writing notes: %w", err)
	}
	return Checksums(o.Out)
}

// Programs are what has an image: the operators that the workspace has.
func Programs(root string) ([]string, error) {
	modules, err := workspace.Modules(root)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, module := range modules {
		if module.IsOperator() {
			names = append(names, module.Dir)
		}
	}
	return names, nil
}
