// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"errors"
	"fmt"
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
	// The headings of the quickstart from which on what it made is changed, and
	// deleted. Between them is where readers of other documents are.
	changes, deletes = "change-it", "delete-it"
	patience         = 5 * time.Minute // for one document
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

// TestCommands types all that the documents say to type, against one stack. The
// other documents have their turn while the quickstart waits for the cloud.
func TestCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a whole stack")
	}
	root, documents := repository(t)
	first := sit(t, root)
	followed := first.begin(t, documents)
	reader := first
	reader.session.Env = append(slices.Clone(first.session.Env), "KUBECONFIG="+first.stack.Kubeconfig())

	for _, d := range documents {
		if manifests := reader.manifests(d); len(manifests) > 0 {
			t.Run(d.Path+" manifests", func(t *testing.T) { reader.follow(t, d.Path, manifests) })
		}
	}
	t.Run("examples", func(t *testing.T) { reader.follow(t, "examples", examples(t, root)) })
	first.open(t, changes)
	for _, d := range documents {
		if fences := commands(d); d.Path != quickstart && len(fences) > 0 {
			t.Run(d.Path, func(t *testing.T) { reader.follow(t, d.Path, fences) })
		}
	}
	t.Run("flags", func(t *testing.T) { checkFlags(t, filepath.Join(root, ".cache", "bin", stack.AWSOperator)) })
	first.open(t, deletes)
	if err := <-followed; err != nil {
		t.Fatal(err)
	}
	t.Run("nothing is left", first.findNothing)
}

// begin follows the quickstart, and returns when there is what it makes. Before
// that is changed, and before it is deleted, there is a gate.
func (y typist) begin(t *testing.T, documents []Document) <-chan error {
	t.Helper()
	at := slices.IndexFunc(documents, func(d Document) bool { return d.Path == quickstart })
	if at < 0 {
		t.Fatalf("there is no %s", quickstart)
	}
	fences := commands(documents[at])
	for _, heading := range []string{changes, deletes} {
		before := slices.IndexFunc(fences, func(f Fence) bool { return f.Under == heading })
		if before < 0 {
			t.Fatalf("%s has nothing to type under %s", quickstart, heading)
		}
		gate := fmt.Sprintf("touch at-%[1]s; until [ -e %[1]s ]; do sleep 0.1; done\n", heading)
		fences = slices.Insert(fences, before, Fence{Text: gate})
	}
	followed := make(chan error, 1)
	go func() {
		said, err := y.session.Run(t.Context(), quickstart, fences)
		t.Logf("%s:\n%s", quickstart, said)
		followed <- err
	}()
	for !exists(filepath.Join(y.session.Dir, "at-"+changes)) {
		select {
		case err := <-followed:
			t.Fatal(err)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return followed
}

// open lets the quickstart go on behind a gate.
func (y typist) open(t *testing.T, gate string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(y.session.Dir, gate), nil, 0o600); err != nil {
		t.Error(err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
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
		Dir: filepath.Join(dir, ".cache", "stack"), Root: root, Operators: stack.Operators(), PollInterval: 2 * time.Second, Progress: t.Output(),
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
	for _, name := range s.Operators() {
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

// findNothing looks for what the quickstart left in the cloud, the last snapshot
// excepted, of which it tells.
func (y typist) findNothing(t *testing.T) {
	live, err := control.New(y.stack.CloudURL(stack.LocalAWS)).Live(t.Context())
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
