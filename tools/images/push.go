// SPDX-License-Identifier: Apache-2.0

package images

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Push writes archived images to a registry, for example ghcr.io/me, each under its program's name
// and its tag. Credentials are those of `docker login`.
func Push(ctx context.Context, out io.Writer, registry string, archives ...string) error {
	for _, archive := range archives {
		if err := push(ctx, out, registry, archive); err != nil {
			return fmt.Errorf("pushing %s: %w", archive, err)
		}
	}
	return nil
}

func push(ctx context.Context, out io.Writer, registry, archive string) error {
	index, reference, done, err := open(archive)
	if done != nil {
		defer done()
	}
	if err != nil {
		return err
	}
	target, err := name.NewTag(strings.TrimSuffix(registry, "/") + "/" + path.Base(reference))
	if err != nil {
		return fmt.Errorf("naming the image: %w", err)
	}
	if err := remote.WriteIndex(target, index, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		return fmt.Errorf("writing to the registry: %w", err)
	}
	digest, err := index.Digest()
	if err != nil {
		return fmt.Errorf("computing the digest: %w", err)
	}
	fmt.Fprintf(out, "%s@%s\n", target, digest)
	return nil
}
