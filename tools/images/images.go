// SPDX-License-Identifier: Apache-2.0

// Package images makes container images without a registry or a daemon: one static program on an
// empty base, with the certificates of public authorities, as an OCI archive for all architectures.
//
// What is made depends on the sources alone. Two builds of the same commit with the same Go
// version have the same digest, wherever they are made.
package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// DefaultRepository is what images are named under unless told otherwise: where charts look.
const DefaultRepository = "ghcr.io/crossplaneio"

// Options say what to make.
type Options struct {
	// Root is the repository's.
	Root string
	// Out is the folder for archives and bills of materials. It is made.
	Out string
	// Packages are the folders of the programs below the root, for example aws-operator. The last
	// element is the program's name and the image's.
	Packages []string
	// Archs are architectures by Go's names, for example arm64.
	Archs []string
	// Repository is what images are named under, for example ghcr.io/crossplaneio.
	Repository string
	// Version of the programs, and the images' tag, for example v0.1.0.
	Version string
	// Source is what is built.
	Source Source
	// Progress gets a line per step.
	Progress io.Writer
}

// Source says where a program comes from.
type Source struct {
	// Revision is the commit's id; with "-dirty" behind it where files differ from it.
	Revision string
	// Time is the commit's, which stands for the time of the build.
	Time time.Time
}

// Made is one image that was made.
type Made struct {
	// Name of the program.
	Name string
	// Reference is the image's name with its tag.
	Reference string
	// Archive is the path of the OCI archive.
	Archive string
	// Digest of the index over all architectures.
	Digest string
	// Sizes are what a pull transfers, in bytes, by architecture.
	Sizes map[string]int64
	// SBOMs are the paths of the bills of materials, by architecture.
	SBOMs map[string]string
}

// Architectures are those that can be asked for.
func Architectures() []string { return []string{"amd64", "arm64"} }

var (
	// ErrArchitecture says that an architecture is not one of Architectures.
	ErrArchitecture = errors.New("no such architecture")
	errNothing      = errors.New("no program or no architecture is named")
)

// Make makes an image for each program.
func Make(ctx context.Context, o Options) ([]Made, error) {
	if len(o.Packages) == 0 || len(o.Archs) == 0 {
		return nil, errNothing
	}
	for _, arch := range o.Archs {
		if !slices.Contains(Architectures(), arch) {
			return nil, fmt.Errorf("%w: %q", ErrArchitecture, arch)
		}
	}
	var err error
	if o.Root, err = filepath.Abs(o.Root); err != nil {
		return nil, fmt.Errorf("finding the root: %w", err)
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for images: %w", err)
	}
	var all []Made
	for _, pkg := range o.Packages {
		made, err := o.make(ctx, pkg)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", pkg, err)
		}
		all = append(all, made)
	}
	return all, nil
}

// make makes one program's image.
func (o *Options) make(ctx context.Context, pkg string) (Made, error) {
	name := filepath.Base(pkg)
	made := Made{Name: name, Reference: o.Repository + "/" + name + ":" + o.Version, Sizes: map[string]int64{}, SBOMs: map[string]string{}}
	platforms := map[string]v1.Image{}
	for _, arch := range o.Archs {
		program, err := o.compile(ctx, pkg, arch)
		if err != nil {
			return made, err
		}
		if made.SBOMs[arch], err = o.writeSBOM(program); err != nil {
			return made, err
		}
		if platforms[arch], err = o.image(program); err != nil {
			return made, err
		}
		if made.Sizes[arch], err = transferSize(platforms[arch]); err != nil {
			return made, err
		}
	}
	made.Archive = filepath.Join(o.Out, fmt.Sprintf("%s_%s.oci.tar", name, o.Version))
	digest, err := writeArchive(made.Archive, made.Reference, platforms)
	if err != nil {
		return made, err
	}
	made.Digest = digest
	fmt.Fprintf(o.Progress, "%s %s %s\n", made.Reference, digest, made.Weight())
	return made, nil
}

// Weight tells the sizes in megabytes, for example "amd64 15.1 MB, arm64 14.0 MB".
func (m Made) Weight() string {
	var parts []string
	for _, arch := range Architectures() {
		if size, ok := m.Sizes[arch]; ok {
			parts = append(parts, fmt.Sprintf("%s %.1f MB", arch, float64(size)/1e6))
		}
	}
	return strings.Join(parts, ", ")
}
