// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/policy"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// demanded by AWS of whoever makes another call.
var demanded = []string{"iam:PassRole", "rds:CreateDBSnapshot"}

// TestWhatAWSHasToAllow: the policy in the documents is what aws-operator can call, no
// less and no more.
func TestWhatAWSHasToAllow(t *testing.T) {
	root, err := kubetest.Root()
	if err != nil {
		t.Fatal(err)
	}
	documented, err := policy.Read(filepath.Join(root, "docs", "operations", "aws.md"))
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, action := range demanded {
		called[action] = true
	}
	input := regexp.MustCompile(`\b(rds|ec2|iam|eks)\.([A-Z][A-Za-z]+)Input\b`)
	err = filepath.WalkDir(filepath.Join(root, "aws-operator", "internal"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		for _, m := range input.FindAllStringSubmatch(string(content), -1) {
			called[m[1]+":"+m[2]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(called)), slices.Sorted(maps.Keys(documented))); diff != "" {
		t.Errorf("docs/operations/aws.md does not say what is called (-called +documented):\n%s", diff)
	}
}

func TestBeyond(t *testing.T) {
	document := filepath.Join(t.TempDir(), "a.md")
	text := "# A\n\n```json\n{\"Statement\": [{\"Action\": [\"rds:CreateDBInstance\"]}, {\"permissions\": [{\"actions\": [\"Microsoft.X/y/read\"]}]}]}\n```\n"
	if err := os.WriteFile(document, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := policy.Read(document)
	if err != nil {
		t.Fatal(err)
	}
	calls := []local.CallCount{
		{Service: "rds", Operation: "CreateDBInstance"}, {Service: "rds", Operation: "RebootDBInstance"}, {Service: "rds", Operation: "RebootDBInstance", Outcome: "x"},
		{Service: "sts", Operation: "GetCallerIdentity"}, {Service: "ec2", Operation: "CreateTags"},
	}
	if got := p.Beyond(calls, policy.OfAWS); !slices.Equal(got, []string{"ec2:CreateTags", "rds:RebootDBInstance"}) {
		t.Errorf("got %v", got)
	}
	calls = []local.CallCount{
		{Service: "Microsoft.X", Operation: "y/read"}, {Service: "Microsoft.X", Operation: "y/write"}, {Service: "login", Operation: "token"},
		{Service: "Microsoft.Resources", Operation: "resourceGroups/read"},
	}
	if got := p.Beyond(calls, policy.OfAzure); !slices.Equal(got, []string{"Microsoft.Resources/subscriptions/resourceGroups/read", "Microsoft.X/y/write"}) {
		t.Errorf("got %v", got)
	}
	for _, none := range []string{"# A", "# A\n\n```json\n{}\n```\n", "# A\n\n```json\nx\n```\n"} {
		if err := os.WriteFile(document, []byte(none), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := policy.Read(document); err == nil {
			t.Errorf("want no policy found in %q", none)
		}
	}
}
