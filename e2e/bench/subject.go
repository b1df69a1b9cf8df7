// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
	"github.com/crossplaneio/crossplane/e2e/stack"
)

// subject is a cloud whose databases are measured.
type subject struct {
	cloud, operator string
	// service is the API that the databases are managed by, and look its
	// operation by which one of them is looked at.
	service, look string
	provider      schema.GroupVersionKind
	resource      schema.GroupVersionKind
	// kind is the cloud's own name of the resource. change is what somebody
	// changes behind our back; changed is its value in field.
	kind    string
	change  map[string]any
	field   []string // below status.atProvider
	changed string
	// quiet leaves out states that the cloud has beside creating: each is a
	// status more.
	quiet map[string]local.Duration
}

//nolint:gochecknoglobals // a table
var subjects = map[string]subject{
	"aws": {
		cloud: stack.LocalAWS, operator: stack.AWSOperator, service: "rds", look: "DescribeDBInstances",
		provider: kind("aws.crossplane.io", "Provider"),
		resource: kind("database.aws.crossplane.io", "RDSInstance"),
		kind:     "DBInstance", change: map[string]any{"DBInstanceClass": "db.m7g.large"},
		field: []string{"class"}, changed: "db.m7g.large",
		quiet: map[string]local.Duration{string(local.Backup): 0},
	},
	"gcp": {
		cloud: stack.LocalGCP, operator: stack.GCPOperator, service: "sqladmin", look: "instances.get",
		provider: kind("gcp.crossplane.io", "Provider"),
		resource: kind("database.gcp.crossplane.io", "CloudSQLInstance"),
		kind:     "Instance", change: map[string]any{"settings": map[string]any{"tier": "db-custom-2-7680"}},
		field: []string{"tier"}, changed: "db-custom-2-7680",
	},
	"azure": {
		cloud: stack.LocalAzure, operator: stack.AzureOperator, service: "Microsoft.DBforMySQL", look: "flexibleServers/read",
		provider: kind("azure.crossplane.io", "Provider"),
		resource: kind("database.azure.crossplane.io", "MySQLServer"),
		kind:     "flexibleServers", change: map[string]any{"sku": map[string]any{"name": "Standard_B4ms", "tier": "Burstable"}},
		field: []string{"sku"}, changed: "Standard_B4ms",
	},
}

// kind names a kind; all of them are of one version.
func kind(group, name string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: group, Version: "v1alpha1", Kind: name}
}

// errNoCloud says that there is no cloud of a name.
var errNoCloud = errors.New("no such cloud")

func subjectOf(cloud string) (subject, error) {
	s, ok := subjects[cloud]
	if !ok {
		return s, fmt.Errorf("%w: %q; there are %s", errNoCloud, cloud, strings.Join(slices.Sorted(maps.Keys(subjects)), ", "))
	}
	return s, nil
}
