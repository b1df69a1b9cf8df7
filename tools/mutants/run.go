// SPDX-License-Identifier: Apache-2.0

package mutants

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/crossplaneio/crossplane/tools/workspace"
)

// A Runner plants mutants in the repository at Root, an absolute path.
type Runner struct {
	Root  string
	sound map[string]Outcome // by package and test, without a mutant
}

// Plant runs the mutant's test without and with the mutant.
func (r *Runner) Plant(ctx context.Context, mutant Mutant) (Outcome, error) {
	text, found := mutant.text(r.Root)
	if !found {
		return NotFound, nil
	}
	if sound, err := r.baseline(ctx, mutant); err != nil || sound != Survived {
		return sound, err
	}
	overlay, cleanup, err := r.overlay(mutant, text)
	if err != nil {
		return "", err
	}
	defer cleanup()
	return r.test(ctx, mutant, "-overlay="+overlay)
}

// baseline is Survived where the test passes as things are.
func (r *Runner) baseline(ctx context.Context, mutant Mutant) (Outcome, error) {
	key := mutant.Package + " " + mutant.Test
	if outcome, known := r.sound[key]; known {
		return outcome, nil
	}
	outcome, err := r.test(ctx, mutant)
	if err != nil {
		return "", err
	}
	if outcome == Killed || outcome == NoCompile {
		outcome = Broken
	}
	if r.sound == nil {
		r.sound = map[string]Outcome{}
	}
	r.sound[key] = outcome
	return outcome, nil
}

// overlay writes the mutated file somewhere else, and the file that tells the compiler so.
func (r *Runner) overlay(mutant Mutant, text string) (string, func(), error) {
	temp, err := os.MkdirTemp("", "mutant-")
	if err != nil {
		return "", nil, fmt.Errorf("making a folder: %w", err)
	}
	cleanup := func() { _ = os.RemoveAll(temp) }
	mutated, list := filepath.Join(temp, filepath.Base(mutant.File)), filepath.Join(temp, "overlay.json")
	raw, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(r.Root, mutant.File): mutated}})
	if err != nil {
		cleanup()
		return "", nil, fmt.Errorf("writing the overlay: %w", err)
	}
	for file, content := range map[string][]byte{mutated: []byte(text), list: raw} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			cleanup()
			return "", nil, fmt.Errorf("writing the overlay: %w", err)
		}
	}
	return list, cleanup, nil
}

// test runs the mutant's test, without vet: a fault may well be something that vet objects to.
func (r *Runner) test(ctx context.Context, mutant Mutant, flags ...string) (Outcome, error) {
	module := r.module(mutant.Package)
	within, err := filepath.Rel(module, mutant.Package)
	if err != nil {
		return "", fmt.Errorf("finding the module of %s: %w", mutant.Package, err)
	}
	args := append([]string{"test", "-json", "-vet=off", "-timeout=3m", "-run=" + mutant.Test}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, "./"+filepath.ToSlash(within))...)
	cmd.Dir, cmd.Env = filepath.Join(r.Root, module), workspace.Env(r.Root, module)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, _ := cmd.Output() // What failed is in the output.
	outcome := judge(out)
	if outcome == "" {
		said := strings.TrimSpace(stderr.String())
		return "", fmt.Errorf("testing %s: go test said neither pass nor fail\n%s", mutant.Package, said)
	}
	return outcome, nil
}

// module is the innermost folder with a go.mod that the package is in.
func (r *Runner) module(pkg string) string {
	dir := filepath.Clean(pkg)
	for dir != "." {
		if _, err := os.Stat(filepath.Join(r.Root, dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return dir
}

// judge reads what `go test -json` printed. The last event of a package tells its result.
func judge(out []byte) Outcome {
	var outcome Outcome
	ran := false
	events := json.NewDecoder(bytes.NewReader(out))
	for {
		var event struct {
			Action      string `json:"Action"`
			Test        string `json:"Test"`
			FailedBuild string `json:"FailedBuild"`
		}
		if err := events.Decode(&event); err != nil {
			return outcome
		}
		ran = ran || event.Action == "run"
		switch {
		case event.Test != "":
			continue
		case event.FailedBuild != "" || event.Action == "build-fail":
			return NoCompile
		case event.Action != "pass" && event.Action != "skip" && event.Action != "fail":
			continue
		case !ran:
			outcome = NoTest
		case event.Action == "fail":
			outcome = Killed
		default:
			outcome = Survived
		}
	}
}
