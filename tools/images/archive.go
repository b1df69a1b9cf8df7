// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// The annotations by which programs that load an archive name what is in it.
const (
	nameAnnotation       = "org.opencontainers.image.ref.name"
	containerdAnnotation = "io.containerd.image.name"
)

var errNotOneImage = errors.New("the archive does not hold one image")

// writeArchive writes images of all architectures as one OCI archive, and returns the digest of
// the index over them.
func writeArchive(path, reference string, platforms map[string]v1.Image) (string, error) {
	index := indexOf(platforms)
	digest, err := index.Digest()
	if err != nil {
		return "", fmt.Errorf("computing the digest: %w", err)
	}
	dir, err := os.MkdirTemp("", "image-")
	if err != nil {
		return "", fmt.Errorf("making a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	folder, err := layout.Write(dir, empty.Index)
	if err != nil {
		return "", fmt.Errorf("starting a layout: %w", err)
	}
	names := map[string]string{nameAnnotation: reference, containerdAnnotation: reference}
	if err := folder.AppendIndex(index, layout.WithAnnotations(names)); err != nil {
		return "", fmt.Errorf("writing the layout: %w", err)
	}
	return digest.String(), pack(path, dir)
}

// indexOf leads from a platform to its image.
func indexOf(platforms map[string]v1.Image) v1.ImageIndex {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, arch := range Architectures() {
		img, ok := platforms[arch]
		if !ok {
			continue
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}},
		})
	}
	return index
}

// pack writes a folder as a tar archive with times and owners that are the same everywhere.
func pack(path, dir string) error {
	out, err := os.Create(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("creating an archive: %w", err)
	}
	archive := tar.NewWriter(out)
	err = filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		return packFile(archive, dir, file)
	})
	if err := errors.Join(err, archive.Close(), out.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

func packFile(archive *tar.Writer, dir, file string) error {
	name, err := filepath.Rel(dir, file)
	if err != nil {
		return err //nolint:wrapcheck // the caller says what was packed
	}
	content, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return err //nolint:wrapcheck // the same
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: filepath.ToSlash(name), Mode: 0o644, Size: int64(len(content)), ModTime: time.Unix(0, 0)}
	if err := archive.WriteHeader(header); err != nil {
		return err //nolint:wrapcheck // the same
	}
	_, err = archive.Write(content)
	return err //nolint:wrapcheck // the same
}

// open returns the index in an archive with the name that it has there. done removes what it is
// read from.
func open(path string) (index v1.ImageIndex, reference string, done func(), err error) {
	dir, err := os.MkdirTemp("", "image-")
	if err != nil {
		return nil, "", nil, fmt.Errorf("making a folder: %w", err)
	}
	done = func() { _ = os.RemoveAll(dir) }
	if err := unpack(path, dir); err != nil {
		return nil, "", done, err
	}
	top, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, "", done, fmt.Errorf("reading %s: %w", path, err)
	}
	manifest, err := top.IndexManifest()
	if err != nil {
		return nil, "", done, fmt.Errorf("reading %s: %w", path, err)
	}
	if len(manifest.Manifests) != 1 {
		return nil, "", done, fmt.Errorf("%w: %s", errNotOneImage, path)
	}
	only := manifest.Manifests[0]
	index, err = top.ImageIndex(only.Digest)
	if err != nil {
		return nil, "", done, fmt.Errorf("reading %s: %w", path, err)
	}
	return index, only.Annotations[nameAnnotation], done, nil
}

// unpack reads an archive into a folder, which nothing in it can leave.
func unpack(path, dir string) error {
	in, err := os.Open(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("opening an image: %w", err)
	}
	defer func() { _ = in.Close() }()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("opening a folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	archive := tar.NewReader(in)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && header.Typeflag == tar.TypeReg {
			err = unpackFile(root, header.Name, archive)
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
	}
}

func unpackFile(root *os.Root, name string, content io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return err //nolint:wrapcheck // the caller says what was read
	}
	out, err := root.Create(name)
	if err != nil {
		return err //nolint:wrapcheck // the same
	}
	_, err = io.Copy(out, content)
	return errors.Join(err, out.Close())
}
