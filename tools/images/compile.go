// SPDX-License-Identifier: Apache-2.0

package images

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// versionVariable is where operators look for their version.
const versionVariable = workspace.Base + "shared/operator.version"

// tags leave out gRPC's debugging pages. They bring templates, which call methods by their name, so
// that the linker keeps every method that is exported: a program with Google's SDK has 63 MB with
// them, and 41 without.
const tags = "grpcnotrace"

// program is one that was compiled.
type program struct {
	name, arch string
	// path of the file.
	path string
}

// compile builds a program for one architecture, static and without the paths of this machine. The
// modules' versions are those of the workspace: what the tests ran with.
func (o *Options) compile(ctx context.Context, pkg, arch string) (program, error) {
	p := program{name: filepath.Base(pkg), arch: arch}
	p.path = filepath.Join(o.Root, ".cache", "images", arch, p.name)
	fmt.Fprintf(o.Progress, "building %s for linux/%s\n", p.name, arch)
	_, err := workspace.Run(ctx, o.Root, buildEnvironment(os.Environ(), arch), "go", "build",
		"-trimpath", "-buildvcs=false", "-tags", tags, "-ldflags", "-s -w -X "+versionVariable+"="+o.Version,
		"-o", p.path, "./"+filepath.ToSlash(pkg))
	if err != nil {
		return p, fmt.Errorf("building for %s: %w", arch, err)
	}
	return p, nil
}

// buildEnvironment is env less what changes a program without being seen in its source, such as
// GOFLAGS or a C compiler's, and with what it is built for.
func buildEnvironment(env []string, arch string) []string {
	var kept []string
	for _, variable := range env {
		name, _, _ := strings.Cut(variable, "=")
		if changesPrograms(name) {
			continue
		}
		kept = append(kept, variable)
	}
	return append(kept, "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=", "GODEBUG=", "GOEXPERIMENT=")
}

func changesPrograms(name string) bool {
	switch name {
	case "GOWORK", "CGO_ENABLED", "GOOS", "GOARCH", "GOFLAGS", "GODEBUG", "GOEXPERIMENT", "GOAMD64", "GOARM64", "GOFIPS140":
		return true
	}
	return strings.HasPrefix(name, "CGO_")
}
