// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/policy"
)

func TestBeyond(t *testing.T) {
	document := filepath.Join(t.TempDir(), "a.md")
	text := "# A\n\n```json\n{\"Statement\": [{\"Action\": [\"rds:CreateDBInstance\"]}, {\"permissions\": [{\"actions\": [\"Microsoft.X/y/read\"]}]}],\n" +
		"\"includedPermissions\": [\"cloudsql.instances.get\"]}\n```\n"
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
	calls = []local.CallCount{
		{Service: "oauth2", Operation: "token"}, {Service: "sqladmin", Operation: "instances.get"}, {Service: "sqladmin", Operation: "operations.list"},
		{Service: "container", Operation: "nodePools.setSize"}, {Service: "sqladmin", Operation: "instances.failover"},
	}
	if got := p.Beyond(calls, policy.OfGCP); !slices.Equal(got, []string{"cloudsql.instances.list", "container.clusters.update", "sqladmin/instances.failover"}) {
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
