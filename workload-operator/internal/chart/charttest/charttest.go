// SPDX-License-Identifier: Apache-2.0

// Package charttest makes charts for tests, and serves them.
package charttest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote"
)

// Files are those of a chart, by their path in it.
type Files map[string]string

// Pack makes a packaged chart of them.
func (f Files) Pack(name string) []byte {
	var entries []tar.Header
	var contents []string
	for _, path := range slices.Sorted(maps.Keys(f)) {
		entries = append(entries, tar.Header{Name: name + "/" + path, Mode: 0o644, Size: int64(len(f[path])), Typeflag: tar.TypeReg})
		contents = append(contents, f[path])
	}
	return PackEntries(entries, contents)
}

// PackEntries makes an archive of any entries.
func PackEntries(entries []tar.Header, contents []string) []byte {
	out := &bytes.Buffer{}
	zipped := gzip.NewWriter(out)
	packed := tar.NewWriter(zipped)
	for i := range entries {
		_ = packed.WriteHeader(&entries[i])
		_, _ = packed.Write([]byte(contents[i]))
	}
	_ = packed.Close()
	_ = zipped.Close()
	return out.Bytes()
}

// Those who may fetch from a Server.
const (
	Username = "reader"
	Password = "the-password-of-the-source"
)

// Server is a repository and a registry on one address, over plain http.
type Server struct {
	// URLs of both.
	Repository, OCI string
}

// Serve serves one chart until the test ends.
func Serve(tb testing.TB, name, version string, packed []byte) Server {
	tb.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/charts/index.yaml", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "apiVersion: v1\nentries:\n  %s:\n  - version: %s\n    digest: %s\n    urls: [files/it.tgz]\n", name, version, digest.FromBytes(packed).Encoded())
	})
	mux.HandleFunc("/charts/files/it.tgz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(packed) })
	images := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	mux.Handle("/v2/", images)
	open := httptest.NewServer(images)
	defer open.Close()
	push(tb, strings.TrimPrefix(open.URL, "http://")+"/charts/"+name, version, packed)
	closed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, word, _ := r.BasicAuth(); user != Username || word != Password {
			w.Header().Set("WWW-Authenticate", `Basic realm="charts"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	tb.Cleanup(closed.Close)
	return Server{Repository: closed.URL + "/charts", OCI: strings.Replace(closed.URL, "http://", "oci://", 1) + "/charts"}
}

// push puts a chart into a registry, as Helm does.
func push(tb testing.TB, to, version string, packed []byte) {
	tb.Helper()
	ctx, store := context.Background(), memory.New()
	config := content.NewDescriptorFromBytes("application/vnd.cncf.helm.config.v1+json", []byte("{}"))
	layer := content.NewDescriptorFromBytes("application/vnd.cncf.helm.chart.content.v1.tar+gzip", packed)
	manifest := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, Config: config, Layers: []ocispec.Descriptor{layer}}
	text := marshal(tb, manifest)
	described := content.NewDescriptorFromBytes(ocispec.MediaTypeImageManifest, text)
	must(tb, store.Push(ctx, config, strings.NewReader("{}")))
	must(tb, store.Push(ctx, layer, bytes.NewReader(packed)))
	must(tb, store.Push(ctx, described, bytes.NewReader(text)))
	must(tb, store.Tag(ctx, described, version))
	repository, err := remote.NewRepository(to)
	must(tb, err)
	repository.PlainHTTP = true
	_, err = oras.Copy(ctx, store, version, repository, version, oras.DefaultCopyOptions)
	must(tb, err)
}
