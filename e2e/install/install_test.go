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
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

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

func TestWhatABackupHolds(t *testing.T) {
	object := func(kind, namespace string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"kind": kind, "spec": map[string]any{"a": "b"}, "status": map[string]any{"c": "d"},
			"metadata": map[string]any{"namespace": namespace, "name": "x", "uid": "1", "resourceVersion": "2", "annotations": map[string]any{"k": "v"},
				"ownerReferences": []any{}, "managedFields": []any{}, "generation": int64(1), "creationTimestamp": "now"},
		}}
	}
	for name, tc := range map[string]struct {
		kind, namespace string
		want            bool
	}{
		"a claim":                  {"MySQLInstance", tenant, true},
		"a resource":               {"RDSInstance", "", true},
		"a class as it was":        {"ControllerRevision", operators, true},
		"what a connection needs":  {"Secret", connections, true},
		"what a claim wrote":       {"Secret", tenant, false},
		"what Helm knows":          {"Secret", operators, false},
		"somebody else's revision": {"ControllerRevision", tenant, false},
	} {
		if got := isSaved(object(tc.kind, tc.namespace)); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	want := map[string]any{
		"kind": "Secret", "spec": map[string]any{"a": "b"},
		"metadata": map[string]any{"namespace": "n", "name": "x", "annotations": map[string]any{"k": "v"}},
	}
	if diff := cmp.Diff(want, bare(object("Secret", "n")).Object); diff != "" {
		t.Errorf("what is kept of an object (-want +got):\n%s", diff)
	}
}

func TestTheCommandThatBindsAgain(t *testing.T) {
	const typed = `kubectl patch rdsinstance.database.aws.crossplane.io x --type=merge -p '{"spec":{"claimRef":null}}' && ` +
		`kubectl patch rdsinstance.database.aws.crossplane.io x --type=merge -p '{"spec":{"claimRef":{"name":"x"}}}'`
	found := command.FindStringSubmatch("A claim of this name had a resource before. To bind it again: " + typed +
		". To start with a new, empty one: delete what is left (RDSInstance x) or remove its spec.claimRef")
	if found == nil || found[1] != typed {
		t.Errorf("found %q", found)
	}
}

func TestMemoryOfThisProcess(t *testing.T) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	if mib := resident(string(status)); mib < 5 || mib > 2000 {
		t.Errorf("this process has %.1f MiB", mib)
	}
	if mib := resident("VmPeak:\t   99 kB\nVmRSS:\t   51200 kB\n"); mib != 50 {
		t.Errorf("51200 kB are %.1f MiB", mib)
	}
	if _, err := residentMiB("no-such-operator"); !errors.Is(err, errNoProcess) {
		t.Errorf("a program that does not run: %v", err)
	}
}
