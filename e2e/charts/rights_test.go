// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestNoRoleIsTooWide: no role has a star, and secrets are listed only in the
// operators' own namespace.
func TestNoRoleIsTooWide(t *testing.T) {
	for _, operator := range operators() {
		roles := only(render(t, operator), "Role", "ClusterRole")
		if len(roles) < 4 {
			t.Errorf("%s has %d roles: fewer than there are", operator, len(roles))
		}
		for _, role := range roles {
			for _, fault := range faultsOf(t, role) {
				t.Errorf("%s: %s %s/%s: %s", operator, role.GetKind(), role.GetNamespace(), role.GetName(), fault)
			}
		}
	}
}

func faultsOf(t *testing.T, role *unstructured.Unstructured) []string {
	t.Helper()
	var faults []string
	for _, rule := range rulesOf(t, role) {
		for _, list := range [][]string{rule.Verbs, rule.Resources, rule.APIGroups} {
			if slices.Contains(list, "*") {
				faults = append(faults, fmt.Sprintf("a star in %v", rule))
			}
		}
		if !slices.Contains(rule.Resources, "secrets") {
			continue
		}
		wide := slices.Contains(rule.Verbs, "list") || slices.Contains(rule.Verbs, "watch") || slices.Contains(rule.Verbs, "deletecollection")
		if wide && role.GetNamespace() != namespace {
			faults = append(faults, "lists secrets")
		}
		if role.GetKind() == "ClusterRole" && !strings.HasSuffix(role.GetName(), "-tenants") {
			faults = append(faults, "secrets in a role that is not bound by namespace")
		}
	}
	return faults
}

func rulesOf(t *testing.T, role *unstructured.Unstructured) []rbacv1.PolicyRule {
	t.Helper()
	decoded := &rbacv1.ClusterRole{} // which has all that is read of a Role too
	must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(role.Object, decoded))
	return decoded.Rules
}

// question is whether a user may do something.
type question struct {
	user, verb, resource, group, namespace, name string
}

// TestRights asks the API server itself, with the charts installed, who may do what.
func TestRights(t *testing.T) {
	t.Cleanup(func() { cleanUp(t) })
	must(t, makeNamespace(t.Context(), "other", "baseline"))
	t.Cleanup(func() { removeNamespaces(t, "other") })
	for _, operator := range []string{"core-operator", "aws-operator", "workload-operator"} {
		args := []string{"install", operator, "charts/" + operator, "-n", namespace}
		if operator != "aws-operator" {
			args = append(args, "--set", "tenants.namespaces={shop}")
		}
		mustHelm(t, args...)
	}
	mustHelm(t, "upgrade", "core-operator", "charts/core-operator", "-n", namespace, "--reuse-values") // loses nothing
	bindUsers(t)

	const core, aws, workload = "core-operator", "aws-operator", "workload-operator"
	allowed := []question{
		{core, "create", "secrets", "", "shop", "db"},
		{core, "get", "secrets", "", "crossplane-aws-connections", "db"},
		{core, "create", "rdsinstances", "database.aws.crossplane.io", "", "db"}, // by the aggregated role
		{core, "patch", "mysqlinstances/status", "database.crossplane.io", "shop", "db"},
		{aws, "list", "secrets", "", namespace, ""},
		{aws, "update", "secrets", "", "crossplane-aws-connections", "db"},
		{workload, "get", "configmaps", "", "shop", "chart"},
		{workload, "get", "secrets", "", "crossplane-aws-connections", "cluster"},
		{workload, "get", "eksclusters", "compute.aws.crossplane.io", "", "apps"},
		{"viewer", "get", "mysqlinstances", "database.crossplane.io", "shop", "db"},
		{"editor", "delete", "mysqlinstances", "database.crossplane.io", "shop", "db"},
		{"editor", "create", "kubernetesapplications", "workload.crossplane.io", "shop", "db"},
		{"administrator", "delete", "rdsinstances", "database.aws.crossplane.io", "", "db"},
		{"administrator", "create", "resourceclasses", "core.crossplane.io", "", "db"},
	}
	refused := []question{
		{core, "list", "secrets", "", "shop", ""},
		{core, "get", "secrets", "", "other", "db"},
		{core, "get", "secrets", "", namespace, "aws-credentials"},
		{core, "update", "secrets", "", "crossplane-aws-connections", "db"},
		{core, "list", "secrets", "", "crossplane-aws-connections", ""},
		{core, "delete", "providers", "aws.crossplane.io", "", "aws"},
		{aws, "get", "secrets", "", "shop", "db"},
		{aws, "create", "rdsinstances", "database.aws.crossplane.io", "", "db"},
		{aws, "delete", "rdsinstances", "database.aws.crossplane.io", "", "db"},
		{aws, "list", "secrets", "", "crossplane-aws-connections", ""},
		{workload, "create", "secrets", "", "shop", "db"},
		{workload, "get", "secrets", "", "other", "db"},
		{workload, "patch", "mysqlinstances", "database.crossplane.io", "shop", "db"},
		{"viewer", "create", "mysqlinstances", "database.crossplane.io", "shop", "db"},
		{"editor", "patch", "mysqlinstances/status", "database.crossplane.io", "shop", "db"},
		{"editor", "get", "mysqlinstances", "database.crossplane.io", "other", "db"},
		{"editor", "create", "resourceclasses", "core.crossplane.io", "", "db"},
		{"editor", "create", "rdsinstances", "database.aws.crossplane.io", "", "db"},
		{"administrator", "get", "secrets", "", namespace, "aws-credentials"},
	}
	for _, q := range allowed {
		eventually(t, fmt.Sprintf("%+v is allowed", q), func() bool { return ask(t, q) }) // roles are learnt, and added up, in a moment
	}
	for _, q := range refused {
		if ask(t, q) {
			t.Errorf("allowed: %+v", q)
		}
	}
	mustHelm(t, "upgrade", "core-operator", "charts/core-operator", "-n", namespace, "--set", "tenants.all=true")
	q := question{core, "get", "secrets", "", "other", "db"}
	eventually(t, "core serves every namespace", func() bool { return ask(t, q) })
}

// bindUsers gives three people Kubernetes' own roles, and crossplane-admin.
func bindUsers(t *testing.T) {
	t.Helper()
	bindings := []client.Object{
		&rbacv1.RoleBinding{ObjectMeta: named("shop", "viewer"), RoleRef: clusterRole("view"), Subjects: person("viewer")},
		&rbacv1.RoleBinding{ObjectMeta: named("shop", "editor"), RoleRef: clusterRole("edit"), Subjects: person("editor")},
		&rbacv1.ClusterRoleBinding{ObjectMeta: named("", "administrator"), RoleRef: clusterRole("crossplane-admin"), Subjects: person("administrator")},
	}
	for _, b := range bindings {
		must(t, cluster.Client.Create(t.Context(), b))
		t.Cleanup(func() { _ = cluster.Client.Delete(background(t), b) })
	}
}

func clusterRole(name string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}
}

func person(name string) []rbacv1.Subject {
	return []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: name}}
}

func ask(t *testing.T, q question) bool {
	t.Helper()
	resource, subresource, _ := strings.Cut(q.resource, "/")
	user := q.user
	if strings.HasSuffix(user, "-operator") {
		user = "system:serviceaccount:" + namespace + ":" + user
	}
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: user, ResourceAttributes: &authorizationv1.ResourceAttributes{
		Verb: q.verb, Group: q.group, Resource: resource, Subresource: subresource, Namespace: q.namespace, Name: q.name,
	}}}
	must(t, cluster.Client.Create(t.Context(), review))
	return review.Status.Allowed
}
