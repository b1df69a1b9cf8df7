// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"
)

// The media types of a packaged chart: Helm's, and the one before.
const (
	typeChart    = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
	typeOldChart = "application/tar+gzip"
)

// maxManifest bounds what describes an artifact, as registries do.
const maxManifest = 1 << 20

// pull fetches a chart from a registry.
func (s Source) pull(ctx context.Context, name, version string) ([]byte, error) {
	repository, err := s.repository(name)
	if err != nil {
		return nil, err
	}
	layer, err := s.layerOf(ctx, repository, name, version)
	if err != nil {
		return nil, err
	}
	if layer.Size > maxArchive {
		return nil, tooLarge("the packaged chart has more than %d MiB", maxArchive>>20)
	}
	in, err := repository.Blobs().Fetch(ctx, layer)
	if err != nil {
		return nil, s.refused(err, name, version)
	}
	defer func() { _ = in.Close() }()
	packed, err := content.ReadAll(in, layer) // sees that it is what the manifest says
	if err != nil {
		return nil, s.unreachable(err)
	}
	return packed, nil
}

// repository is the place of a chart in the registry.
func (s Source) repository(name string) (*remote.Repository, error) {
	repository, err := remote.NewRepository(strings.TrimPrefix(s.OCI.URL, "oci://") + "/" + name)
	if err != nil {
		return nil, missing("source %s can't have a chart of the name %s: %w", s.Name, name, err)
	}
	home := &url.URL{Scheme: "https", Host: repository.Reference.Host()}
	if repository.PlainHTTP = s.OCI.PlainHTTP; repository.PlainHTTP {
		home.Scheme = "http"
	}
	client, err := s.client(home, s.OCI.ServerAccess)
	if err != nil {
		return nil, err
	}
	repository.MaxMetadataBytes = maxManifest
	authorized := &auth.Client{Client: client, Cache: auth.NewCache()}
	if s.Username != "" {
		authorized.Credential = auth.StaticCredential(repository.Reference.Registry, auth.Credential{Username: s.Username, Password: s.Password})
	}
	repository.Client = authorized
	return repository, nil
}

// layerOf finds out where a version of a chart is. A tag has no +, so that Helm
// writes _ for it.
func (s Source) layerOf(ctx context.Context, repository *remote.Repository, name, version string) (ocispec.Descriptor, error) {
	described, in, err := repository.Manifests().FetchReference(ctx, strings.ReplaceAll(version, "+", "_"))
	if err != nil {
		return ocispec.Descriptor{}, s.refused(err, name, version)
	}
	defer func() { _ = in.Close() }()
	if described.Size > maxManifest {
		return ocispec.Descriptor{}, tooLarge("the manifest of chart %s has more than %d MiB", name, maxManifest>>20)
	}
	text, err := content.ReadAll(in, described)
	if err != nil {
		return ocispec.Descriptor{}, s.unreachable(err)
	}
	var manifest ocispec.Manifest
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&manifest); err != nil {
		return ocispec.Descriptor{}, invalid("what source %s has under %s is no chart", s.Name, name)
	}
	i := slices.IndexFunc(manifest.Layers, func(l ocispec.Descriptor) bool { return l.MediaType == typeChart || l.MediaType == typeOldChart })
	if i < 0 {
		return ocispec.Descriptor{}, invalid("what source %s has under %s is no chart", s.Name, name)
	}
	return manifest.Layers[i], nil
}

// refused tells what a registry says.
func (s Source) refused(err error, name, version string) error {
	if errors.Is(err, errdef.ErrNotFound) {
		return s.none(name, version)
	}
	if said, ok := errors.AsType[*errcode.ErrorResponse](err); ok {
		return s.answered(said.StatusCode, name, version)
	}
	if errors.Is(err, auth.ErrBasicCredentialNotFound) {
		return s.answered(http.StatusUnauthorized, name, version)
	}
	return s.unreachable(fmt.Errorf("pulling: %w", err))
}
