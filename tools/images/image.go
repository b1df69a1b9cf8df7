// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// User is whom programs run as: nobody's number, and no name, so that a cluster can see that it is
// not root.
const User = "65532:65532"

// source is where the project lives.
const source = "https://github.com/crossplaneio/crossplane"

// file is one in an image.
type file struct {
	path    string // without the leading slash
	mode    int64
	content []byte
}

// image puts a program on an empty base. Certificates are a layer of their own, which all images
// share.
func (o *Options) image(p program) (v1.Image, error) {
	content, err := os.ReadFile(p.path)
	if err != nil {
		return nil, fmt.Errorf("reading the program: %w", err)
	}
	roots, err := roots()
	if err != nil {
		return nil, err
	}
	var addenda []mutate.Addendum
	for _, f := range []file{{rootsPath, 0o444, roots}, {p.name, 0o555, content}} {
		layer, err := layerOf(f)
		if err != nil {
			return nil, err
		}
		addenda = append(addenda, mutate.Addendum{Layer: layer, History: v1.History{
			Created: v1.Time{Time: o.Source.Time}, CreatedBy: "add /" + f.path,
		}})
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	filled, err := mutate.Append(base, addenda...)
	if err != nil {
		return nil, fmt.Errorf("adding layers: %w", err)
	}
	return o.configure(filled, p)
}

// configure says how the image is run and what it is.
func (o *Options) configure(img v1.Image, p program) (v1.Image, error) {
	config, err := img.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", p.arch
	config.Created = v1.Time{Time: o.Source.Time}
	config.Config = v1.Config{
		Entrypoint: []string{"/" + p.name},
		User:       User,
		WorkingDir: "/",
		Env:        []string{"PATH=/"},
		Labels:     o.labels(p.name),
	}
	configured, err := mutate.ConfigFile(img, config)
	if err != nil {
		return nil, fmt.Errorf("writing the configuration: %w", err)
	}
	return configured, nil
}

// labels are those of the OCI image specification.
func (o *Options) labels(name string) map[string]string {
	const prefix = "org.opencontainers.image."
	return map[string]string{
		prefix + "title":       name,
		prefix + "description": "Crossplane's " + name + ": cloud services from a Kubernetes API",
		prefix + "version":     o.Version,
		prefix + "revision":    o.Source.Revision,
		prefix + "created":     o.Source.Time.UTC().Format(time.RFC3339),
		prefix + "source":      source,
		prefix + "licenses":    "Apache-2.0",
		prefix + "vendor":      "The Crossplane Authors",
	}
}

// layerOf is a layer with one file and the folders that it is in.
func layerOf(f file) (v1.Layer, error) {
	content, err := tarOf(f)
	if err != nil {
		return nil, fmt.Errorf("packing %s: %w", f.path, err)
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	layer, err := tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, fmt.Errorf("making a layer of %s: %w", f.path, err)
	}
	return layer, nil
}

// tarOf packs a file with times and owners that are the same everywhere.
func tarOf(f file) ([]byte, error) {
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	epoch := time.Unix(0, 0)
	parts := strings.Split(path.Dir(f.path), "/")
	for i := range parts {
		if parts[0] == "." {
			break
		}
		folder := strings.Join(parts[:i+1], "/") + "/"
		if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: folder, Mode: 0o755, ModTime: epoch}); err != nil {
			return nil, err //nolint:wrapcheck // the caller says what was packed
		}
	}
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.path, Mode: f.mode, Size: int64(len(f.content)), ModTime: epoch}); err != nil {
		return nil, err //nolint:wrapcheck // the same
	}
	if _, err := archive.Write(f.content); err != nil {
		return nil, err //nolint:wrapcheck // the same
	}
	if err := archive.Close(); err != nil {
		return nil, err //nolint:wrapcheck // the same
	}
	return packed.Bytes(), nil
}

// transferSize is what a pull transfers, in bytes.
func transferSize(img v1.Image) (int64, error) {
	manifest, err := img.Manifest()
	if err != nil {
		return 0, fmt.Errorf("reading a manifest: %w", err)
	}
	size := manifest.Config.Size
	for _, layer := range manifest.Layers {
		size += layer.Size
	}
	return size, nil
}
