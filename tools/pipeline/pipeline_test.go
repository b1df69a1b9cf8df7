// SPDX-License-Identifier: Apache-2.0

package pipeline_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/tools/pipeline"
)

func TestTheThreePipelinesAreTheSame(t *testing.T) {
	want := pipeline.Script(read(t, ".ci/run"))
	if diff := cmp.Diff(want, pipeline.Jenkins(read(t, "Jenkinsfile"))); diff != "" {
		t.Errorf("Jenkinsfile (-.ci/run +Jenkinsfile):\n%s", diff)
	}
	steps, err := pipeline.Workflow(read(t, ".github/workflows/ci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("the workflow (-.ci/run +workflow):\n%s", diff)
	}
}

// The order is a promise: what is cheap comes first, and what has to work with Go alone is
// shown before PostgreSQL is there, and programs for containers after it.
func TestTheOrderOfTheSteps(t *testing.T) {
	want := []string{
		"make verify", "make lint", "make vuln",
		"tools/ci/bare make test", "tools/ci/bare make demo", "tools/ci/bare make demo STAGE=clouds", "tools/ci/bare make demo STAGE=clusters",
		"tools/ci/bare make demo STAGE=placement",
		"tools/ci/with-postgres make test", "tools/ci/with-postgres make demo", "tools/ci/with-postgres make demo STAGE=clouds",
		"tools/ci/with-node make e2e",
	}
	if diff := cmp.Diff(want, pipeline.Script(read(t, ".ci/run"))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEveryStepIsATargetOfTheMakefile(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, step := range pipeline.Script(read(t, ".ci/run")) {
		_, command, _ := strings.Cut(step, "make ")
		target, _, _ := strings.Cut(command, " ")
		if !regexp.MustCompile(`(?m)^` + target + `:`).MatchString(makefile) {
			t.Errorf("%q: no such target", step)
		}
	}
}

func TestDifferencesAreSeen(t *testing.T) {
	if diff := cmp.Diff([]string{"make a", "make b"}, pipeline.Jenkins("steps {\n  sh 'make a'\n  sh 'make b'\n}\n")); diff != "" {
		t.Errorf("Jenkinsfile (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"make a"}, pipeline.Script("# step make z\nstep make a\n  step make y\n")); diff != "" {
		t.Errorf("script (-want +got):\n%s", diff)
	}
	steps, err := pipeline.Workflow("jobs: {ci: {steps: [{uses: x}, {run: make b}, {run: make a}]}}")
	if diff := cmp.Diff([]string{"make b", "make a"}, steps); err != nil || diff != "" {
		t.Errorf("workflow: %v (-want +got):\n%s", err, diff)
	}
	if _, err := pipeline.Workflow("jobs: {a: {}, b: {}}"); err == nil {
		t.Error("want an error for two jobs, which run in no order")
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
