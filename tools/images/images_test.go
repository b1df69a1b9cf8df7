// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"debug/buildinfo"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// hello is a program that, like an operator, is told its version by the linker, with a module of its
// own in a workspace.
var hello = map[string]string{
	"go.work":       "go 1.26.0\n\nuse (\n\t./hello-operator\n\t./shared\n)\n",
	"shared/go.mod": "module github.com/crossplaneio/crossplane/shared\n\ngo 1.26.0\n",
	"shared/operator/operator.go": `package operator

var version string

func Version() string { return version }
`,
	"hello-operator/go.mod": "module github.com/crossplaneio/crossplane/hello-operator\n\ngo 1.26.0\n\n" +
		"require github.com/crossplaneio/crossplane/shared v0.0.0\n\nreplace github.com/crossplaneio/crossplane/shared => ../shared\n",
	"hello-operator/main.go": `package main

import (
	"fmt"

	"github.com/crossplaneio/crossplane/shared/operator"
)

func main() { fmt.Println("hello-operator", operator.Version()) }
`,
}

var (
	at       = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	revision = strings.Repeat("a1", 20)
)

func options(t *testing.T, archs ...string) Options {
	t.Helper()
	root := t.TempDir()
	for path, text := range hello {
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Options{
		Root: root, Out: filepath.Join(root, "dist"), Packages: []string{"hello-operator"}, Archs: archs,
		Repository: "registry.example.org/us", Version: "v1.2.3", Source: Source{Revision: revision, Time: at}, Progress: io.Discard,
	}
}

func made(t *testing.T, o Options) Made {
	t.Helper()
	all, err := Make(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("made %v", all)
	}
	return all[0]
}

// platform returns the image for an architecture in an archive.
func platform(t *testing.T, archive, arch string) v1.Image {
	t.Helper()
	index, _, done, err := open(archive)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range manifest.Manifests {
		if m.Platform != nil && m.Platform.OS == "linux" && m.Platform.Architecture == arch {
			image, err := index.Image(m.Digest)
			if err != nil {
				t.Fatal(err)
			}
			return image
		}
	}
	t.Fatalf("no image for %s in %v", arch, manifest.Manifests)
	return nil
}

// files returns what is in an image, by path; folders end in a slash.
func files(t *testing.T, image v1.Image) map[string]tarFile {
	t.Helper()
	extracted := mutate.Extract(image)
	defer func() { _ = extracted.Close() }()
	found := map[string]tarFile{}
	archive := tar.NewReader(extracted)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		found[header.Name] = tarFile{header.Mode, header.ModTime, content}
	}
}

type tarFile struct {
	mode    int64
	changed time.Time
	content []byte
}

func TestAnImageHoldsAProgramAndCertificates(t *testing.T) {
	image := platform(t, made(t, options(t, runtime.GOARCH)).Archive, runtime.GOARCH)
	found := files(t, image)
	var names []string
	for path, f := range found {
		if !f.changed.Equal(time.Unix(0, 0)) {
			t.Errorf("%s changed at %s", path, f.changed)
		}
		if f.mode&0o022 != 0 {
			t.Errorf("%s can be written by others: %o", path, f.mode)
		}
		names = append(names, path)
	}
	if len(names) != 5 {
		t.Errorf("want three folders and two files, got %v", names)
	}
	checkRuns(t, found["hello-operator"])
	checkRoots(t, found["etc/ssl/certs/ca-certificates.crt"])
}

// checkRuns runs the program, with nothing around it that it could need.
func checkRuns(t *testing.T, program tarFile) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, program.content, os.FileMode(program.mode)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	cmd.Env = []string{"PATH=/"}
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "hello-operator v1.2.3\n" {
		t.Errorf("it says %q (%v), want its name and version", out, err)
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil || !slices.Contains(info.Settings, debug.BuildSetting{Key: "-tags", Value: tags}) {
		t.Errorf("it was not built with the tags %s: %v", tags, err)
	}
}

func checkRoots(t *testing.T, roots tarFile) {
	t.Helper()
	count := 0
	for rest := roots.content; ; count++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			t.Error(err)
		}
	}
	if count < 100 {
		t.Errorf("%d certificate authorities, want those of Mozilla", count)
	}
}

func TestAnImageSaysWhatItIs(t *testing.T) {
	m := made(t, options(t, runtime.GOARCH))
	config, err := platform(t, m.Archive, runtime.GOARCH).ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"org.opencontainers.image.title": "hello-operator", "org.opencontainers.image.version": "v1.2.3",
		"org.opencontainers.image.description": "Crossplane's hello-operator: cloud services from a Kubernetes API",
		"org.opencontainers.image.revision":    revision, "org.opencontainers.image.created": "2026-11-01T12:00:00Z",
		"org.opencontainers.image.source": "https://github.com/crossplaneio/crossplane", "org.opencontainers.image.licenses": "Apache-2.0",
		"org.opencontainers.image.vendor": "The Crossplane Authors",
	}
	if diff := cmp.Diff(want, config.Config.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if config.Config.User != "65532:65532" || !cmp.Equal(config.Config.Entrypoint, []string{"/hello-operator"}) || config.Architecture != runtime.GOARCH || config.OS != "linux" {
		t.Errorf("runs %v as %q on %s/%s", config.Config.Entrypoint, config.Config.User, config.OS, config.Architecture)
	}
	if m.Reference != "registry.example.org/us/hello-operator:v1.2.3" {
		t.Errorf("named %s", m.Reference)
	}
}

// Where a repository lies and how the go command was told to build elsewhere must not be seen.
func TestTwoBuildsHaveTheSameDigest(t *testing.T) {
	first := made(t, options(t, "amd64", "arm64"))
	t.Setenv("GOFLAGS", "-tags=other")
	t.Setenv("CGO_ENABLED", "1")
	t.Setenv("GOAMD64", "v3")
	second := made(t, options(t, "arm64", "amd64"))
	if first.Digest != second.Digest {
		t.Errorf("digests %s and %s", first.Digest, second.Digest)
	}
	for _, pair := range [][2]string{{first.Archive, second.Archive}, {first.SBOMs["arm64"], second.SBOMs["arm64"]}} {
		if !bytes.Equal(read(t, pair[0]), read(t, pair[1])) {
			t.Errorf("%s and %s differ", pair[0], pair[1])
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestABillOfMaterials(t *testing.T) {
	o := options(t, runtime.GOARCH)
	m := made(t, o)
	var d document
	if err := json.Unmarshal(read(t, m.SBOMs[runtime.GOARCH]), &d); err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, c := range d.Packages {
		parts = append(parts, c.Name+" "+c.Version)
	}
	want := []string{
		"github.com/crossplaneio/crossplane/hello-operator v1.2.3",
		"stdlib " + strings.TrimPrefix(runtime.Version(), "go"),
		"github.com/crossplaneio/crossplane/shared v1.2.3",
	}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(files(t, platform(t, m.Archive, runtime.GOARCH))["hello-operator"].content))
	if got := d.Packages[0].Checksums; len(got) != 1 || got[0].Algorithm != "SHA256" || got[0].Value != sum {
		t.Errorf("checksum of the program: %v, want %s", got, sum)
	}
	checkReferences(t, d)
}

// checkReferences sees that every part is related to the program, and every relation leads somewhere.
func checkReferences(t *testing.T, d document) {
	t.Helper()
	known, related := map[string]bool{d.ID: true}, map[string]bool{d.Packages[0].ID: true}
	for _, c := range d.Packages {
		if known[c.ID] {
			t.Errorf("two parts are %s", c.ID)
		}
		known[c.ID] = true
	}
	for _, r := range d.Relationships {
		if !known[r.Element] || !known[r.Related] {
			t.Errorf("%v leads nowhere", r)
		}
		related[r.Related] = true
	}
	for _, c := range d.Packages {
		if !related[c.ID] {
			t.Errorf("%s belongs to nothing", c.Name)
		}
	}
}

// A registry of our own, over HTTP, as the real ones speak.
func TestPush(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	m := made(t, options(t, "amd64", "arm64"))
	var said bytes.Buffer
	if err := Push(t.Context(), &said, host+"/me/", m.Archive); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%s/me/hello-operator:v1.2.3@%s\n", host, m.Digest); said.String() != want {
		t.Errorf("said %q, want %q", said.String(), want)
	}
	for _, arch := range []string{"amd64", "arm64"} {
		ref, err := name.ParseReference(host + "/me/hello-operator:v1.2.3")
		if err != nil {
			t.Fatal(err)
		}
		image, err := remote.Image(ref, remote.WithPlatform(v1.Platform{OS: "linux", Architecture: arch}))
		if err != nil {
			t.Fatal(err)
		}
		if len(files(t, image)["hello-operator"].content) == 0 {
			t.Errorf("no program for %s in the registry", arch)
		}
	}
}

func TestWhatCannotBeMade(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Options)
		want   error // nil: any
	}{
		"an architecture that we do not know": {func(o *Options) { o.Archs = []string{"amd64", "s390x"} }, ErrArchitecture},
		"nothing":                             {func(o *Options) { o.Packages = nil }, errNothing},
		"for nothing":                         {func(o *Options) { o.Archs = nil }, errNothing},
		"a program that does not compile":     {func(o *Options) { o.Packages = []string{"nothing-operator"} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, runtime.GOARCH)
			tc.change(&o)
			_, err := Make(t.Context(), o)
			if err == nil || tc.want != nil && !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestSourceOf(t *testing.T) {
	root := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_DATE=2026-11-01T12:00:00Z", "GIT_COMMITTER_DATE=2026-11-01T12:00:00Z",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "one")
	want := Source{Revision: git("rev-parse", "HEAD"), Time: at}
	for _, suffix := range []string{"", "-dirty"} {
		got, err := SourceOf(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Source{want.Revision + suffix, want.Time}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if err := os.WriteFile(file, []byte("two"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The linker says nothing where there is no such variable.
func TestOperatorsHaveThePlaceForTheirVersion(t *testing.T) {
	source := string(read(t, filepath.Join("..", "..", "shared", "operator", "operator.go")))
	if !strings.Contains(source, "\npackage operator\n") || !strings.Contains(source, "\nvar version string") {
		t.Errorf("shared/operator has no variable that %s could be", versionVariable)
	}
}

// What a program has in the place of a module is what it is made of.
func TestReplacedModules(t *testing.T) {
	info := &debug.BuildInfo{Deps: []*debug.Module{
		{Path: "example.org/z", Version: "v1.0.0"},
		{Path: "example.org/b", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/a", Version: "v2.0.0", Sum: "h1:x"}},
	}}
	var got []string
	for _, m := range modules(info) {
		got = append(got, m.Path+" "+m.Version)
	}
	if diff := cmp.Diff([]string{"example.org/a v2.0.0", "example.org/z v1.0.0"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
