// SPDX-License-Identifier: Apache-2.0

package attacks_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/e2e/stack"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// The guards, by what docs/security.md calls them.
const (
	guardRights       = "rights"
	guardSchema       = "schema"
	guardServer       = "API server"
	guardSecretOwner  = "secret's owner"
	guardUses         = "claims of its own"
	guardScope        = "a template's scope"
	guardStandardKeys = "standard keys"
	guardBindable     = "bindableBy"
	guardReleased     = "claimRef"
	guardClass        = "a class's namespaces"
	guardRevision     = "a class's revisions"
	guardRestore      = "what is restored"
	guardAnnotations  = "operators' annotations"
	guardTags         = "reserved tags"
	guardMarks        = "marks in names"
	guardOnce         = "rendered once"
	guardCost         = "an expression's cost"
	guardTargets      = "a target's namespaces"
	guardHub          = "the hub"
	guardTenancy      = "a namespace's labels"
	guardManifest     = "a manifest's namespace"
	guardAccount      = "the tenant's account"
	guardForeign      = "an object's label"
	guardSign         = "signed objects"
	guardFlaws        = "a manifest's metadata"
	guardKubeconfig   = "what a kubeconfig may say"
	guardSources      = "a source's namespaces"
	guardElsewhere    = "where a source leads"
	guardBlind        = "blind templates"
	guardArchive      = "files of an archive"
	guardBounds       = "bounds of a chart"
	guardDiscreet     = "discreet messages"
)

// guard is what stands in the way of attacks.
type guard struct {
	name    string
	where   string  // in the code, or whose it is
	removed []fault // what takes it out of an operator; nil where an administrator does
	nothing string  // why there is nothing to remove
}

// fault takes a guard out of a file.
type fault struct{ file, find, replace string }

func guards() []guard {
	const claim, class = "core-operator/internal/claim/", "core-operator/internal/class/"
	const application, remote, chart = "workload-operator/internal/application/", "workload-operator/internal/remote/", "workload-operator/internal/chart/"
	return []guard{
		{name: guardRights, where: "Kubernetes' RBAC, with the roles for users in the charts"},
		{name: guardSchema, where: "the schemas and rules of the CRDs"},
		{name: guardServer, where: "the API server's own checks and limits", nothing: "it is Kubernetes' own"},
		{name: guardSecretOwner, where: claim + "secret.go, `write`", removed: []fault{
			{claim + "secret.go", "if have != nil && !controlledBy(have, p.claim) {", "if false && !controlledBy(have, p.claim) {"},
		}},
		{name: guardUses, where: application + "uses.go, `gather` and `details`", removed: []fault{
			{application + "uses.go", "claim, err := r.bound(p.app.Namespace, use)", `claim, err := r.bound("` + victim + `", use)`},
			{application + "uses.go", "client.ObjectKey{Namespace: p.app.Namespace, Name: claim", "client.ObjectKey{Namespace: claim.Namespace, Name: claim"},
		}},
		{name: guardScope, where: class + "connection.go, `CompileConnection`", removed: []fault{
			{class + "connection.go", "map[string]*cel.Type{varConnection: stringMap()}", `map[string]*cel.Type{varConnection: stringMap(), "others": stringMap()}`},
			{class + "connection.go", "map[string]any{varConnection: connection}", `map[string]any{varConnection: connection, "others": map[string]string{"password": "another's"}}`},
		}},
		{name: guardStandardKeys, where: class + "connection.go, `connectionText`, and " + claim + "secret.go, `write`", removed: []fault{
			{class + "connection.go", "case slices.Contains(standardKeys(), name):", "case false && slices.Contains(standardKeys(), name):"},
			{claim + "secret.go", "with(extra, details))", "with(details, extra))"},
		}},
		{name: guardBindable, where: claim + "match.go, `allowed`", removed: []fault{{claim + "match.go", "return m.Spec.BindableBy.Admits(", "return true || m.Spec.BindableBy.Admits("}}},
		{name: guardReleased, where: claim + "match.go, `named`, and bind.go, `bind`", removed: []fault{
			{claim + "match.go", "case m.Spec.ClaimRef != nil:", "case false:"},
			{claim + "bind.go", "if m == nil || m.Spec.ClaimRef != nil || ", "if m == nil || "},
		}},
		{name: guardClass, where: claim + "options.go, `fits`", removed: []fault{{claim + "options.go", "if err != nil || !selector.Matches(", "if err != nil || false && !selector.Matches("}}},
		{name: guardRevision, where: claim + "revision.go, `turn`", removed: []fault{
			{claim + "revision.go", "current := class.RevisionName(c); asked != current {", "current := class.RevisionName(c); false && asked != current {"},
			{claim + "revision.go", "p.status.Class.Revision, err = r.revisionOf(ctx, option{class: c})", "p.status.Class.Revision = asked"},
		}},
		{name: guardRestore, where: claim + "restore_from.go, `restorable`", removed: []fault{{claim + "restore_from.go", "if !ofNamespace(", "if false && !ofNamespace("}}},
		{name: guardAnnotations, where: claim + "render.go, `own`", removed: []fault{{
			claim + "render.go", "object.SetAnnotations(with(object.GetAnnotations(), map", "object.SetAnnotations(with(with(object.GetAnnotations(), p.claim.GetAnnotations()), map",
		}}},
		{name: guardTags, where: "the rules of `tags` in the CRD of RDSInstance"},
		{name: guardMarks, where: claim + "names.go, `objectName`", removed: []fault{{
			claim + "names.go", "base32.StdEncoding.EncodeToString(sum[:]))", `base32.StdEncoding.EncodeToString(sum[:0]) + "aaaaaaaa")`,
		}}},
		{name: guardOnce, where: "core-operator/internal/expr/template.go", nothing: "what an expression gives is not parsed"},
		{name: guardCost, where: "core-operator/internal/expr/expression.go, `Compile`", removed: []fault{{"core-operator/internal/expr/expression.go", "cel.CostLimit(maxCost)", "cel.CostLimit(1 << 62)"}}},
		{name: guardTargets, where: application + "reach.go, `choose`", removed: []fault{{application + "reach.go", "if !allowed { // in", "if false && !allowed { // in"}}},
		{name: guardHub, where: "workload-operator/internal/target/look.go, `judge`; an administrator removes it with `spec.allowHub`"},
		{name: guardTenancy, where: remote + "account.go, `owned`", removed: []fault{{remote + "account.go", "if ns.Labels[key] != value {", "if false && ns.Labels[key] != value {"}}},
		{name: guardManifest, where: application + "wanted.go, `want`", removed: []fault{{application + "wanted.go", "case namespaced && given != p.namespace:", "case false && given != p.namespace:"}}},
		{name: guardAccount, where: remote + "connection.go, `as`", removed: []fault{{
			remote + "connection.go", `rest.ImpersonationConfig{UserName: "system:serviceaccount:" + namespace + ":" + Account}`, "rest.ImpersonationConfig{}",
		}}},
		{name: guardForeign, where: application + "apply.go, `next`", removed: []fault{{application + "apply.go", "case live.ApplicationUID() != applicationUID:", "case false:"}}},
		{name: guardSign, where: application + "wanted.go, `sign`", removed: []fault{{
			application + "wanted.go", "labels[v1alpha1.LabelApplicationUID] = string(p.app.UID)", `labels["unsigned"] = string(p.app.UID)`,
		}}},
		{name: guardFlaws, where: application + "manifest.go, `flaw`", removed: []fault{{application + "manifest.go", `return "metadata." + field + " is not for manifests to say"`, "continue"}}},
		{name: guardKubeconfig, where: remote + "kubeconfig.go, `ParseKubeconfig`", removed: []fault{{remote + "kubeconfig.go", "if rule.broken {", "if false && rule.broken {"}}},
		{name: guardSources, where: application + "chart.go, `source`", removed: []fault{{application + "chart.go", "case !allowed: // in", "case false && !allowed: // in"}}},
		{name: guardElsewhere, where: chart + "client.go, `RoundTrip` and `dial`, and repository.go, `within`", removed: []fault{{chart + "client.go", `if r.URL.Scheme != "https" && (`, `if false && (`}}},
		{name: guardBlind, where: chart + "render.go, `render`", removed: []fault{{chart + "render.go", "engine.Engine{}.Render", "engine.Engine{EnableDNS: true}.Render"}}},
		{name: guardArchive, where: chart + "unpack.go, `unpackOne`", removed: []fault{
			{chart + "unpack.go", "return nil, errLink", "return nil, nil"}, {chart + "unpack.go", "return nil, errOutside", "return nil, nil"},
		}},
		{name: guardBounds, where: chart + "chart.go and child.go", removed: []fault{{chart + "chart.go", "maxUnpacked = 32 << 20", "maxUnpacked = 64 << 20"}}},
		{name: guardDiscreet, where: chart + "discreet.go", removed: []fault{{chart + "run.go", "return nil, discreet(err, r.Values)", "return nil, discreet(err, nil)"}}},
	}
}

// lift removes every guard: out of the operators, out of the definitions, and by
// what an administrator says.
func lift(t *testing.T) {
	t.Helper()
	overlay := plant(t)
	for _, operator := range []string{stack.CoreOperator, stack.WorkloadOperator} {
		build(t, overlay, operator)
	}
	loosen(t)
	hub := object(workloads, "KubernetesTarget", "", "hub")
	must(t, world.Client.Patch(t.Context(), hub, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"allowHub":true}}`))))
	for _, operator := range []string{stack.CoreOperator, stack.WorkloadOperator} {
		must(t, world.Restart(t.Context(), operator))
	}
	ready(t, hub)
}

// plant writes the files without their guards, and returns the file by which the
// compiler takes them in the place of those that are there.
func plant(t *testing.T) string {
	t.Helper()
	root, err := kubetest.Root()
	must(t, err)
	dir := t.TempDir()
	changed := map[string]string{}
	for _, g := range guards() {
		for _, f := range g.removed {
			if changed[f.file] == "" {
				content, err := os.ReadFile(filepath.Join(root, f.file))
				must(t, err)
				changed[f.file] = string(content)
			}
			if n := strings.Count(changed[f.file], f.find); n != 1 {
				t.Fatalf("guard %s is %d times in %s: %s", g.name, n, f.file, f.find)
			}
			changed[f.file] = strings.Replace(changed[f.file], f.find, f.replace, 1)
		}
	}
	replace := map[string]string{}
	for file, content := range changed {
		to := filepath.Join(dir, strings.ReplaceAll(file, "/", "-"))
		must(t, os.WriteFile(to, []byte(content), 0o600))
		replace[filepath.Join(root, file)] = to
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	must(t, err)
	overlay := filepath.Join(dir, "overlay.json")
	must(t, os.WriteFile(overlay, text, 0o600))
	return overlay
}

// build puts an operator without guards in the place of the one that runs.
func build(t *testing.T, overlay, operator string) {
	t.Helper()
	root, err := kubetest.Root()
	must(t, err)
	made := filepath.Join(t.TempDir(), operator)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-ldflags", "-s -w", "-o", made, "./"+operator)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building %s without guards: %v\n%s", operator, err, said)
	}
	place := filepath.Join(programs, operator)
	must(t, os.Remove(place))
	must(t, os.Symlink(made, place))
}

// loosen takes the rules out of the definitions, and lets references name a
// namespace.
func loosen(t *testing.T) {
	t.Helper()
	for _, name := range []string{"mysqlinstances.database.crossplane.io", "kubernetesapplications.workload.crossplane.io", "rdsinstances.database.aws.crossplane.io"} {
		crd := object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", name)
		must(t, until(t.Context(), func() bool {
			if world.Client.Get(t.Context(), client.ObjectKeyFromObject(crd), crd) != nil {
				return false
			}
			versions, _, _ := unstructured.NestedSlice(crd.Object, "spec", "versions")
			relax(versions)
			return unstructured.SetNestedSlice(crd.Object, versions, "spec", "versions") == nil && world.Client.Update(t.Context(), crd) == nil
		}))
	}
	namespaced := values{"name": "a", "namespace": victim}
	mysql := object(databases, "MySQLInstance", victim, strings.Repeat("a", 64))
	mysql.Object["spec"] = values{"engineVersion": "8.4", "storageGiB": int64(20), "writeConnectionSecretToRef": namespaced}
	app := object(workloads, "KubernetesApplication", victim, "a")
	app.Object["spec"] = values{"namespace": stack.Namespace}
	tagged := object(rds, "RDSInstance", "", "a")
	tagged.Object["spec"] = values{"providerRef": values{"name": "aws"}, "forProvider": values{
		"region": "eu-west-1", "engine": "mysql", "class": "a", "tags": values{"crossplane-owner": "victim"},
	}}
	admin, err := strict(world.Config)
	must(t, err)
	for _, o := range []*unstructured.Unstructured{mysql, app, tagged} {
		must(t, until(t.Context(), func() bool {
			return admin.Create(context.WithoutCancel(t.Context()), o.DeepCopy(), client.DryRunAll) == nil
		}))
	}
}

// relax takes the rules out of a schema, and out of all that is in it.
func relax(schema any) {
	switch s := schema.(type) {
	case []any:
		for _, inner := range s {
			relax(inner)
		}
	case values:
		for _, rule := range []string{"pattern", "maxLength", "maxItems", "maxProperties", "x-kubernetes-validations"} {
			if _, isField := s[rule].(values); !isField {
				delete(s, rule)
			}
		}
		for name, inner := range s {
			relax(inner)
			if reference, ok := inner.(values); ok && strings.HasSuffix(name, "Ref") {
				if fields, ok := reference["properties"].(values); ok && fields["name"] != nil && fields["namespace"] == nil {
					fields["namespace"] = values{"type": "string"}
				}
			}
		}
	}
}
