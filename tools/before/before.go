// SPDX-License-Identifier: Apache-2.0

// Package before makes charts and images of the version that an upgrade is tried from: that before the
// last change of what the charts install.
package before

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// Options say what to make.
type Options struct {
	// Root is the repository's.
	Root string
	// Out is the folder for images/ and charts/, and for the file commit, which says of which they are.
	// What is there of another commit goes.
	Out string
	// Helm is the path of the program that packs charts.
	Helm string
	// Operators are those to make.
	Operators []string
	// Archs are the images' architectures, separated by commas or spaces.
	Archs string
	// Version is that of the programs and, without its v, of the charts, for example v0.0.0-before.
	Version string
	// Progress gets a line per step.
	Progress io.Writer
}

// commitFile is there once all else is.
const commitFile = "commit"

// ErrNone says that there is no version before, or none that can be made.
var ErrNone = errors.New("there is no version before")

// Make makes what its options say. ErrNone, with the reason, where history has none: then nothing is
// left in the folder.
func Make(ctx context.Context, o Options) error {
	commit, err := Commit(ctx, o.Root, o.Operators)
	if err == nil {
		err = o.make(ctx, commit)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(o.Out))
	}
	return nil
}

// Commit returns the id of the newest commit in which other definitions and other templates of the
// operators' charts are than now, as far as the charts go back; else that in which one of both is
// different. The last change may be in no commit yet.
func Commit(ctx context.Context, root string, operators []string) (string, error) {
	var found []string
	var failures []error
	for _, paths := range [][]string{definitions(operators), templates(operators)} {
		commit, err := before(ctx, root, operators, paths)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		found = append(found, commit)
	}
	if len(found) == 0 {
		return "", fmt.Errorf("%w: %w", ErrNone, errors.Join(failures...))
	}
	oldest := found[0]
	for _, other := range found[1:] {
		if _, err := git(ctx, root, "merge-base", "--is-ancestor", other, oldest); err == nil {
			oldest = other
		}
	}
	return oldest, nil
}

func definitions(operators []string) []string {
	var paths []string
	for _, operator := range operators {
		paths = append(paths, "charts/"+operator+"/generated/crds")
	}
	return paths
}

func templates(operators []string) []string {
	paths := []string{"charts/common/templates"}
	for _, operator := range operators {
		paths = append(paths, "charts/"+operator+"/templates")
	}
	return paths
}

var (
	errNoHistory = errors.New("its history is not here; is this a shallow clone?")
	errNoCharts  = errors.New("before it there were no charts")
)

// before returns the commit before the last change of paths. It has the operators' charts.
func before(ctx context.Context, root string, operators, paths []string) (string, error) {
	changed, err := git(ctx, root, append([]string{"status", "--porcelain", "--"}, paths...)...)
	if err != nil {
		return "", err
	}
	last := "HEAD"
	if changed == "" {
		if last, err = git(ctx, root, append([]string{"log", "-1", "--first-parent", "--format=%H^1", "--"}, paths...)...); err != nil {
			return "", err
		}
	}
	commit, err := git(ctx, root, "rev-parse", "--verify", "--quiet", last+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("%q: %w", last, errNoHistory)
	}
	for _, operator := range operators {
		if _, err := git(ctx, root, "cat-file", "-e", commit+":charts/"+operator+"/Chart.yaml"); err != nil {
			return "", fmt.Errorf("%.12s: %w", commit, errNoCharts)
		}
	}
	return commit, nil
}

func (o Options) make(ctx context.Context, commit string) error {
	if made, err := os.ReadFile(filepath.Join(o.Out, commitFile)); err == nil && string(made) == commit {
		fmt.Fprintf(o.Progress, "the version before, %.12s, is made\n", commit)
		return nil
	}
	fmt.Fprintf(o.Progress, "making the version before, %.12s\n", commit)
	if err := errors.Join(os.RemoveAll(o.Out), os.MkdirAll(filepath.Join(o.Out, "charts"), 0o755)); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	tree := filepath.Join(o.Out, "tree")
	if _, err := git(ctx, o.Root, "worktree", "add", "--force", "--detach", "--quiet", tree, commit); err != nil {
		return fmt.Errorf("checking %.12s out: %w", commit, err)
	}
	err := o.build(ctx, tree)
	_, removed := git(ctx, o.Root, "worktree", "remove", "--force", tree)
	if err := errors.Join(err, removed); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.Out, commitFile), []byte(commit), 0o600); err != nil {
		return fmt.Errorf("noting the commit: %w", err)
	}
	return nil
}

// build makes images with the version's own tools, and packs its charts.
func (o Options) build(ctx context.Context, tree string) error {
	args := append([]string{
		"run", "-C", "tools", "./cmd/images", "-version", o.Version, "-archs", o.Archs, "-out", filepath.Join(o.Out, "images"),
	}, o.Operators...)
	if err := workspace.Stream(ctx, o.Progress, tree, append(trusting(), "GOWORK=off"), "go", args...); err != nil {
		return fmt.Errorf("%w: building its images: %w", ErrNone, err)
	}
	for _, operator := range o.Operators {
		if _, err := workspace.Run(ctx, tree, nil, o.Helm, "package", filepath.Join("charts", operator), "--version", strings.TrimPrefix(o.Version, "v"),
			"--app-version", o.Version, "--destination", filepath.Join(o.Out, "charts")); err != nil {
			return fmt.Errorf("%w: packing its chart of %s: %w", ErrNone, operator, err)
		}
	}
	return nil
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	out, err := workspace.Run(ctx, dir, trusting(), "git", args...)
	return strings.TrimSpace(out), err
}

// trusting is the environment for git where what is checked out may be in a clone of somebody else's.
func trusting() []string {
	return append(os.Environ(), "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*")
}
