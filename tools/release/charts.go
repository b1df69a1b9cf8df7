// SPDX-License-Identifier: Apache-2.0

package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

var errNoCharts = errors.New("no charts found")

// charts packs the charts of all operators and returns the archives' paths. A chart's version is
// the release's, and so is the tag of the images that it names unless told otherwise.
func (o *Options) charts(ctx context.Context) ([]string, error) {
	folders, err := filepath.Glob(filepath.Join(o.Images.Root, "charts", "*", "Chart.yaml"))
	if err != nil || len(folders) == 0 {
		return nil, errors.Join(err, errNoCharts)
	}
	version := strings.TrimPrefix(o.Images.Version, "v")
	out, err := filepath.Abs(filepath.Join(o.Out, "charts"))
	if err != nil {
		return nil, fmt.Errorf("finding the folder for charts: %w", err)
	}
	var packed []string
	for _, file := range folders {
		folder := filepath.Dir(file)
		if _, err := workspace.Run(ctx, o.Images.Root, nil, o.Helm, "package", folder,
			"--version", version, "--app-version", o.Images.Version, "--destination", out); err != nil {
			return nil, fmt.Errorf("packing %s: %w", filepath.Base(folder), err)
		}
		archive := filepath.Join(out, filepath.Base(folder)+"-"+version+".tgz")
		if err := normalize(archive); err != nil {
			return nil, err
		}
		fmt.Fprintf(o.Images.Progress, "packed %s\n", filepath.Base(archive))
		packed = append(packed, archive)
	}
	return packed, nil
}

// normalize rewrites a compressed archive so that it depends on its files' names and contents alone.
func normalize(path string) error {
	content, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("reading a chart: %w", err)
	}
	entries, err := readEntries(content)
	if err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	archive := tar.NewWriter(compressed)
	for _, e := range entries {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: e.name, Mode: 0o644, Size: int64(len(e.content)), ModTime: time.Unix(0, 0)}
		if err := archive.WriteHeader(header); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
		if _, err := archive.Write(e.content); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	if err := errors.Join(archive.Close(), compressed.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing a chart: %w", err)
	}
	return nil
}

// entry is one file of an archive.
type entry struct {
	name    string
	content []byte
}

func readEntries(archived []byte) ([]entry, error) {
	compressed, err := gzip.NewReader(bytes.NewReader(archived))
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what was read
	}
	var entries []entry
	archive := tar.NewReader(compressed)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err //nolint:wrapcheck // the same
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return nil, err //nolint:wrapcheck // the same
		}
		entries = append(entries, entry{header.Name, content})
	}
}
