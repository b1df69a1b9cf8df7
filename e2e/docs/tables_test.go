// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// document returns one of the repository's documents.
func document(t *testing.T, path string) (string, Document) {
	t.Helper()
	root, documents := repository(t)
	at := slices.IndexFunc(documents, func(d Document) bool { return d.Path == path })
	if at < 0 {
		t.Fatalf("there is no %s", path)
	}
	return root, documents[at]
}

// values returns the values of constants with a prefix in some packages, sorted.
func values(t *testing.T, root, prefix string, packages ...string) []string {
	t.Helper()
	var all []string
	for _, pkg := range packages {
		found, err := Constants(root, pkg, prefix)
		if err != nil {
			t.Fatal(err)
		}
		all = slices.AppendSeq(all, maps.Values(found))
	}
	if len(all) == 0 {
		t.Fatalf("no constants %s... in %v", prefix, packages)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func TestContractHasWhatTheCodeHas(t *testing.T) {
	root, contract := document(t, "docs/contract.md")
	for heading, tc := range map[string]struct{ title, prefix string }{
		"annotations":        {"Annotation", "Annotation"},
		"labels":             {"Label", "Label"},
		"finalizers":         {"Finalizer", "Finalizer"},
		"tags-in-the-cloud":  {"Tag", "Tag"},
		"connection-details": {"Key", "Key"},
	} {
		t.Run(heading, func(t *testing.T) {
			packages := []string{contractPackage}
			if tc.prefix == "Annotation" || tc.prefix == "Finalizer" {
				packages = append(packages, claimPackage)
			}
			want := values(t, root, tc.prefix, packages...)
			if diff := cmp.Diff(want, names(contract.Named(heading, tc.title))); diff != "" {
				t.Errorf("code - document +:\n%s", diff)
			}
		})
	}
}

func TestContractHasEveryReason(t *testing.T) {
	root, contract := document(t, "docs/contract.md")
	rows := contract.Named("reasons", "Reason")
	if diff := cmp.Diff(values(t, root, "Reason", contractPackage), names(rows)); diff != "" {
		t.Errorf("code - document +:\n%s", diff)
	}
	for reason, row := range rows {
		if len(row) < 3 {
			continue // a Provider's, which nobody asks ActorOf about
		}
		want := string(v1alpha1.ActorOf(reason))
		if want == "" {
			want = "nobody has to"
		}
		if row[1] != want {
			t.Errorf("%s: %q, and ActorOf says %q", reason, row[1], want)
		}
	}
}

func TestTroubleshootingHasEveryReason(t *testing.T) {
	root, troubleshooting := document(t, "docs/troubleshooting.md")
	want := values(t, root, "Reason", contractPackage, claimPackage, classPackage)
	if diff := cmp.Diff(want, names(troubleshooting.Named("", "Reason"))); diff != "" {
		t.Errorf("code - document +:\n%s", diff)
	}
}

// text returns what is in the Go files of a folder and those below, tests left out.
func text(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		all.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// TestPolicy compares the policy with the operations of the SDK that the operator
// has in its interfaces.
func TestPolicy(t *testing.T) {
	root, aws := document(t, "docs/operations/aws.md")
	// What AWS demands beside the operation that is called, and what it lets everybody do.
	want := []string{"rds:CreateDBSnapshot", "iam:PassRole"}
	calls := regexp.MustCompile(`\*(rds|ec2|iam|eks)\.(\w+)Input, \.\.\.func`)
	for _, call := range calls.FindAllStringSubmatch(text(t, filepath.Join(root, "aws-operator", "internal")), -1) {
		want = append(want, call[1]+":"+call[2])
	}
	slices.Sort(want)
	var policy struct {
		Statement []struct {
			Action []string `json:"Action"`
		} `json:"Statement"`
	}
	for _, f := range aws.Fences {
		if f.Language == "json" {
			if err := json.Unmarshal([]byte(f.Text), &policy); err != nil {
				t.Fatal(err)
			}
		}
	}
	var got []string
	for _, s := range policy.Statement {
		got = append(got, s.Action...)
	}
	slices.Sort(got)
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Errorf("code - document +:\n%s", diff)
	}
}

func TestMetrics(t *testing.T) {
	root, aws := document(t, "docs/operations/aws.md")
	named := regexp.MustCompile(`"(crossplane_\w+)"`)
	var want []string
	for _, found := range named.FindAllStringSubmatch(text(t, filepath.Join(root, "shared", "metrics")), -1) {
		want = append(want, found[1])
	}
	slices.Sort(want)
	if diff := cmp.Diff(slices.Compact(want), names(aws.Named("metrics", "Metric"))); diff != "" {
		t.Errorf("code - document +:\n%s", diff)
	}
}
