// SPDX-License-Identifier: Apache-2.0

package install

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/control"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// account is a cloud as far as it is judged here: what happened, and what there is.
type account struct {
	ledger []local.Entry
	live   []local.Resource
}

func (a *account) happens(action, id string) {
	a.ledger = append(a.ledger, local.Entry{Seq: len(a.ledger) + 1, Kind: "DBInstance", Action: action, ID: id})
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/live") {
		_ = json.NewEncoder(w).Encode(a.live)
		return
	}
	since, err := strconv.Atoi(r.URL.Query().Get("since"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(a.ledger[since:])
}

// about returns a story about an account.
func about(t *testing.T, a *account) *story {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return &story{out: &bytes.Buffer{}, aws: control.New(server.URL)}
}

func TestUntouched(t *testing.T) {
	fault := errors.New("a fault")
	for name, tc := range map[string]struct {
		do   func(a *account) error
		want error
	}{
		"nothing happens":       {func(*account) error { return nil }, nil},
		"something is created":  {func(a *account) error { a.happens(local.Created, "b"); return nil }, errCloudChanged},
		"something is changed":  {func(a *account) error { a.happens(local.Updated, "a"); return nil }, errCloudChanged},
		"something is deleted":  {func(a *account) error { a.happens(local.Deleted, "a"); return nil }, errCloudChanged},
		"what is done fails":    {func(*account) error { return fault }, fault},
		"it fails, and changes": {func(a *account) error { a.happens(local.Deleted, "a"); return fault }, fault},
	} {
		for before := range 2 {
			t.Run(name+" after "+strconv.Itoa(before), func(t *testing.T) {
				a := &account{}
				for range before {
					a.happens(local.Created, "a")
				}
				err := about(t, a).untouched(t.Context(), "it", func(context.Context) error { return tc.do(a) })
				if !errors.Is(err, tc.want) || tc.want == nil && err != nil {
					t.Errorf("got %v, want %v", err, tc.want)
				}
			})
		}
	}
}

func TestNothingLeft(t *testing.T) {
	for name, tc := range map[string]struct {
		made, gone, snapshots int
		live                  []local.Resource
		want                  error
	}{
		"all is gone":               {3, 3, 3, nil, nil},
		"something is left":         {3, 2, 2, []local.Resource{{Kind: "DBInstance", ID: "x"}}, errLeft},
		"more was made than wanted": {4, 4, 4, nil, errOtherNumber},
		"less was made than wanted": {2, 2, 2, nil, errOtherNumber},
		"one went unseen":           {3, 2, 3, nil, errOtherNumber},
		"one went without a copy":   {3, 3, 2, nil, errOtherNumber},
	} {
		t.Run(name, func(t *testing.T) {
			a := &account{live: tc.live}
			for i := range tc.made {
				a.happens(local.Created, strconv.Itoa(i))
			}
			for i := range tc.gone {
				a.happens(local.Deleted, strconv.Itoa(i))
			}
			for range tc.snapshots {
				a.live = append(a.live, local.Resource{Kind: "DBSnapshot"})
			}
			s := about(t, a)
			s.options.Claims, s.more, s.elsewhere = 2, 1, 5
			if err := s.nothingLeft(t.Context()); !errors.Is(err, tc.want) || tc.want == nil && err != nil {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestEdit(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.yaml": "one\n", "b.yaml": "two\n", "c.txt": "one\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := edit(dir, "*.yaml", "one", "three"); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, name := range []string{"a.yaml", "b.yaml", "c.txt"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got[name] = string(content)
	}
	if diff := cmp.Diff(map[string]string{"a.yaml": "three\n", "b.yaml": "two\n", "c.txt": "one\n"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// A chart that is not changed would make an upgrade to it show nothing.
	if err := edit(dir, "*.yaml", "one", "four"); !errors.Is(err, errNoChange) {
		t.Errorf("what is not there: %v", err)
	}
}

func TestJudgeMarks(t *testing.T) {
	entry := func(action, id string) local.Entry { return local.Entry{Kind: "DBInstance", Action: action, ID: id} }
	for name, tc := range map[string]struct {
		entries []local.Entry
		want    error
	}{
		"each once":             {[]local.Entry{entry(local.Updated, "a"), entry(local.Updated, "b")}, nil},
		"one is not":            {[]local.Entry{entry(local.Updated, "a")}, errNotMarked},
		"one is marked twice":   {[]local.Entry{entry(local.Updated, "a"), entry(local.Updated, "a")}, errNotMarked},
		"one is marked again":   {[]local.Entry{entry(local.Updated, "a"), entry(local.Updated, "b"), entry(local.Updated, "a")}, errNotMarked},
		"one is made":           {[]local.Entry{entry(local.Updated, "a"), entry(local.Created, "b")}, errNotMarked},
		"one is deleted":        {[]local.Entry{entry(local.Updated, "a"), entry(local.Deleted, "b")}, errNotMarked},
		"another one is marked": {[]local.Entry{entry(local.Updated, "a"), entry(local.Updated, "b"), entry(local.Updated, "c")}, errNotMarked},
	} {
		if err := judgeMarks(tc.entries, 2); !errors.Is(err, tc.want) || tc.want == nil && err != nil {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
	}
}

func TestWhatDiffers(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	for _, file := range []struct{ folder, name, text string }{
		{one, "a.yaml", "same"}, {other, "a.yaml", "same"}, {one, "b.yaml", "this"}, {other, "b.yaml", "that"},
		{one, "gone.yaml", "x"}, {other, "new.yaml", "x"}, {one, "c.txt", "this"}, {other, "c.txt", "that"},
	} {
		if err := os.WriteFile(filepath.Join(file.folder, file.name), []byte(file.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := different(one, other, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b.yaml", "gone.yaml", "new.yaml"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSame(t *testing.T) {
	type value struct {
		A any `json:"a,omitempty"`
	}
	if !same(value{map[string]any{"x": 1, "y": []string{"z"}}}, map[string]any{"a": map[string]any{"y": []any{"z"}, "x": 1.0}}) {
		t.Error("what is the same as JSON is told apart")
	}
	if same(value{1}, value{2}) || same(value{1}, value{}) {
		t.Error("what differs counts as the same")
	}
}

func TestInTurn(t *testing.T) {
	fault := errors.New("a fault")
	done := 0
	do := func(err error) func(context.Context) error {
		return func(context.Context) error { done++; return err }
	}
	if err := inTurn(t.Context(), do(nil), do(fault), do(nil)); !errors.Is(err, fault) || done != 2 {
		t.Errorf("did %d: %v", done, err)
	}
}

func TestTheCommandsThatBindAgain(t *testing.T) {
	const typed = `kubectl patch rdsinstance.database.aws.crossplane.io x --type=merge -p '{"spec":{"claimRef":null}}' && ` +
		`kubectl patch rdsinstance.database.aws.crossplane.io x --type=merge -p '{"spec":{"claimRef":{"name":"x"}}}'`
	cmd := exec.CommandContext(t.Context(), "sh", "-c", commands)
	cmd.Stdin = strings.NewReader("\nA claim of this name had a resource before. To bind it again: " + typed +
		". To start with a new, empty one: delete what is left (RDSInstance x) or remove its spec.claimRef\n\n")
	if got, err := cmd.Output(); err != nil || string(got) != typed+"\n" {
		t.Errorf("found %q, %v", got, err)
	}
}

func TestMemoryOfNoProcess(t *testing.T) {
	if _, err := heaviest("no-such-operator"); !errors.Is(err, errNoProcess) {
		t.Errorf("a program that does not run: %v", err)
	}
}
