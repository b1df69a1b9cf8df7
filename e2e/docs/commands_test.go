// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/stack"
)

const (
	quickstart = "docs/quickstart.md"
	// furnished is the heading of the quickstart until which whoever reads another
	// document has followed it.
	furnished = "log-in"
	patience  = 5 * time.Minute // for one document
)

// maker stands in for make: the stack is up before the first document is run, and
// goes down after the last.
const maker = `#!/bin/sh
case "$*" in
up | down) ;;
*)
  echo "make $*: a test does not run this; mark the fence console" >&2
  exit 2
  ;;
esac
`

// typist is somebody in front of a shell who does what the documents say.
type typist struct {
	stack   *stack.Stack
	session Session
	list    []NotRun
}

// TestCommands types all that the documents say to type, against one stack.
func TestCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a whole stack")
	}
	root, documents := repository(t)
	typist := sit(t, root)
	at := slices.IndexFunc(documents, func(d Document) bool { return d.Path == quickstart })
	if at < 0 {
		t.Fatalf("there is no %s", quickstart)
	}
	first := documents[at]

	if !t.Run(first.Path, func(t *testing.T) { typist.follow(t, first.Path, commands(first)) }) {
		return // the others would fail for the same reason
	}
	t.Run("nothing is left", typist.findNothing)
	before := slices.DeleteFunc(commands(first), func(f Fence) bool { return !precedes(first, f.Under, furnished) })
	typist.follow(t, first.Path, before)
	typist.session.Env = append(typist.session.Env, "KUBECONFIG="+typist.stack.Kubeconfig())
	for _, d := range documents {
		if fences := commands(d); d.Path != first.Path && len(fences) > 0 {
			t.Run(d.Path, func(t *testing.T) { typist.follow(t, d.Path, fences) })
		}
		if manifests := typist.manifests(d); len(manifests) > 0 {
			t.Run(d.Path+" manifests", func(t *testing.T) { typist.follow(t, d.Path, manifests) })
		}
	}
	t.Run("examples", func(t *testing.T) { typist.follow(t, "examples", examples(t, root)) })
	t.Run("flags", func(t *testing.T) { checkFlags(t, filepath.Join(root, ".cache", "bin", stack.AWSOperator)) })
}

// sit starts a stack where the quickstart expects it, and a shell in front of it.
func sit(t *testing.T, root string) typist {
	t.Helper()
	list, err := ListNotRun(root)
	if err != nil {
		t.Fatal(err)
	}
	dir, home, tools := t.TempDir(), t.TempDir(), t.TempDir()
	err = errors.Join(
		Mirror(root, dir),
		os.Symlink(filepath.Join(root, ".cache", "bin", "hyperkube"), filepath.Join(tools, "kubectl")),
		os.WriteFile(filepath.Join(tools, "make"), []byte(maker), 0o700),
	)
	if err != nil {
		t.Fatal(err)
	}
	s, err := stack.Up(t.Context(), stack.Options{
		Dir: filepath.Join(dir, ".cache", "stack"), Root: root, Operators: stack.Operators(), PollInterval: 10 * time.Second, Progress: t.Output(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { down(t, s) })
	path := tools + string(os.PathListSeparator) + os.Getenv("PATH")
	return typist{stack: s, list: list, session: Session{Dir: dir, Env: []string{"PATH=" + path, "HOME=" + home, "LC_ALL=C"}, Timeout: patience}}
}

// down ends the stack, and shows what the operators said if something failed.
func down(t *testing.T, s *stack.Stack) {
	t.Helper()
	for _, name := range stack.Operators() {
		if said, err := os.ReadFile(s.Log(name)); err == nil && t.Failed() {
			t.Logf("the end of %s's log:\n%s", name, said[max(0, len(said)-4000):])
		}
	}
	if err := s.Down(); err != nil {
		t.Error(err)
	}
}

// follow types fences of a document.
func (y typist) follow(t *testing.T, document string, fences []Fence) {
	t.Helper()
	said, err := y.session.Run(t.Context(), document, fences)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", said)
}

// commands returns the fences of a document that are typed.
func commands(d Document) []Fence {
	return slices.DeleteFunc(slices.Clone(d.Fences), func(f Fence) bool { return f.Language != Shell })
}

// manifests returns commands that have the API server check each manifest of a
// document, as strictly as it can, without keeping it.
func (y typist) manifests(d Document) []Fence {
	var checks []Fence
	for _, f := range d.Fences {
		_, listed := excused(y.list, d, f)
		if f.Language == "yaml" && strings.Contains(f.Text, "apiVersion:") && !listed {
			f.Text = "kubectl apply --dry-run=server --validate=strict -f - <<'END OF MANIFEST'\n" + f.Text + "END OF MANIFEST\n"
			checks = append(checks, f)
		}
	}
	return checks
}

// examples returns commands that have the API server check each file of examples.
func examples(t *testing.T, root string) []Fence {
	t.Helper()
	var checks []Fence
	err := fs.WalkDir(os.DirFS(root), "examples", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			checks = append(checks, Fence{Text: "kubectl apply --dry-run=server --validate=strict -f " + path + "\n"})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return checks
}

// precedes reports whether the heading a comes before the heading b in a document.
func precedes(d Document, a, b string) bool {
	at := func(anchor string) int {
		return slices.IndexFunc(d.Headings, func(h Heading) bool { return h.Anchor == anchor })
	}
	return at(a) < at(b)
}

// findNothing looks for what the quickstart left in the cloud, the last snapshot
// excepted, of which it tells.
func (y typist) findNothing(t *testing.T) {
	live, err := control.New(y.stack.CloudURL()).Live(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	live = slices.DeleteFunc(live, func(r local.Resource) bool { return r.Kind == "DBSnapshot" })
	if len(live) > 0 {
		t.Errorf("left in the cloud: %v", live)
	}
}

// checkFlags compares a program's flags with those in the table.
func checkFlags(t *testing.T, program string) {
	t.Helper()
	_, aws := document(t, "docs/operations/aws.md")
	help, err := exec.CommandContext(t.Context(), program, "--help").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, help)
	}
	want := map[string]bool{}
	for _, flag := range regexp.MustCompile(`(?m)^ +(--[a-z-]+)`).FindAllStringSubmatch(string(help), -1) {
		want[flag[1]] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), names(aws.Named("flags", "Flag"))); diff != "" {
		t.Errorf("program - document +:\n%s", diff)
	}
}
