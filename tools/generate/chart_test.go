// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

const commonOptions = `
- name: replicas
  description: How many.
  default: 2
  schema: {type: integer}
- name: image
  description: The image.
  options:
  - name: repository
    description: Where it is, in a text that is long enough to be broken into two lines where it stands in the file of values, as a comment.
    default: example/${operator}
    schema: {type: string}
  - name: pullPolicy
    description: When.
    default: Always
    schema: {type: string, enum: [Always, Never]}
- name: nodes
  description: Which.
  default: {os: linux, list: [a]}
  schema: {type: object}
`

const ownOptions = `
- name: cloud
  description: Only here, for ${cloud}.
  default: []
  schema: {type: array}
- name: replicas
  description: How many | of it.
  default: 1
  schema: {type: integer}
`

const wantValues = `# SPDX-License-Identifier: Apache-2.0
#
# Generated from charts/common/options.yaml and charts/aws-operator/options.yaml.

# Only here, for aws.
cloud: []

# How many | of it.
replicas: 1

# The image.
image:
  # Where it is, in a text that is long enough to be broken into two lines where it stands in the file of
  # values, as a comment.
  repository: example/aws-operator
  # When.
  pullPolicy: Always

# Which.
nodes:
  list:
  - a
  os: linux
`

func TestChart(t *testing.T) {
	root := folder(t, map[string]string{
		"charts/common/options.yaml":                     commonOptions,
		"charts/common/templates/a.yaml":                 "a",
		"charts/aws-operator/Chart.yaml":                 "name: aws-operator",
		"charts/aws-operator/options.yaml":               ownOptions,
		"charts/aws-operator/templates/own.yaml":         "own",
		"charts/aws-operator/templates/generated/z.yaml": "no longer there",
		"examples/aws/classes.yaml":                      "classes",
	})
	before := content(t, root)
	g := Generator{Root: root}
	for range 2 {
		if err := g.chart("aws-operator", t.TempDir()); err != nil {
			t.Fatal(err)
		}
	}
	got := content(t, root)
	want := maps.Clone(before)
	delete(want, "charts/aws-operator/templates/generated/z.yaml")
	want["charts/aws-operator/templates/generated/a.yaml"] = "a"
	want["charts/aws-operator/generated/classes/databases.yaml"] = "classes"
	want["charts/aws-operator/values.yaml"] = wantValues
	want["charts/aws-operator/values.schema.json"] = got["charts/aws-operator/values.schema.json"]
	want["docs/reference/charts/aws-operator.md"] = got["docs/reference/charts/aws-operator.md"]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	checkSchema(t, got["charts/aws-operator/values.schema.json"])
	for _, row := range []string{
		"| `cloud` | `[]` | Only here, for aws. |\n", "| `replicas` | `1` | How many \\| of it. |\n", "| `image` | | The image. |\n",
		"| `image.pullPolicy` | `\"Always\"` | When. One of `Always`, `Never`. |\n",
	} {
		if !strings.Contains(got["docs/reference/charts/aws-operator.md"], row) {
			t.Errorf("the page does not have %q:\n%s", row, got["docs/reference/charts/aws-operator.md"])
		}
	}
}

// checkSchema wants every value described, and none allowed that is not.
func checkSchema(t *testing.T, text string) {
	t.Helper()
	var schema map[string]any
	if err := json.Unmarshal([]byte(text), &schema); err != nil {
		t.Fatal(err)
	}
	image := map[string]any{
		"type": "object", "description": "The image.", "additionalProperties": false,
		"properties": map[string]any{
			"repository": map[string]any{"type": "string", "description": "Where it is, in a text that is long enough to be broken into two lines where it stands in the file of values, as a comment."},
			"pullPolicy": map[string]any{"type": "string", "description": "When.", "enum": []any{"Always", "Never"}},
		},
	}
	want := map[string]any{
		"$schema": "http://json-schema.org/draft-07/schema#", "title": "Values of aws-operator", "type": "object", "additionalProperties": false,
		"properties": map[string]any{
			"cloud":    map[string]any{"type": "array", "description": "Only here, for aws."},
			"replicas": map[string]any{"type": "integer", "description": "How many | of it."},
			"nodes":    map[string]any{"type": "object", "description": "Which."},
			"image":    image,
			"global":   map[string]any{"type": "object", "description": "Values that Helm shares between charts; not used."},
		},
	}
	if diff := cmp.Diff(want, schema); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAnOperatorWithoutAChart(t *testing.T) {
	root := folder(t, map[string]string{"charts/common/options.yaml": commonOptions})
	if err := (Generator{Root: root}).chart("rook-operator", t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if got := content(t, root); len(got) != 1 {
		t.Errorf("something was made: %v", got)
	}
}

func TestOptionsThatNobodyReads(t *testing.T) {
	root := folder(t, map[string]string{"charts/x-operator/Chart.yaml": "", "charts/x-operator/options.yaml": "- name: a\n  init: 1\n"})
	if err := (Generator{Root: root}).chart("x-operator", t.TempDir()); err == nil {
		t.Error("they were taken")
	}
}

// TestUserRoles: developers get what is in namespaces, administrators everything.
func TestUserRoles(t *testing.T) {
	crd := func(plural, scope string) string {
		return "spec: {group: a.example.org, scope: " + scope + ", names: {plural: " + plural + "}}"
	}
	crds := folder(t, map[string]string{"claims.yaml": crd("claims", "Namespaced"), "classes.yaml": crd("classes", "Cluster")})
	users := filepath.Join(t.TempDir(), "users")
	if err := accessOfUsers("core-operator", crds, users); err != nil {
		t.Fatal(err)
	}
	type role struct {
		Metadata struct {
			Name   string            `json:"name"`
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
		Rules []struct {
			Resources, Verbs []string
		} `json:"rules"`
	}
	for name, want := range map[string]struct{ label, resources, verbs string }{
		"view":  {"rbac.authorization.k8s.io/aggregate-to-view", "claims", "get list watch"},
		"edit":  {"rbac.authorization.k8s.io/aggregate-to-edit", "claims", "create update patch delete deletecollection"},
		"admin": {"crossplane.io/aggregate-to-admin", "claims classes", "get list watch create update patch delete deletecollection"},
	} {
		text, err := os.ReadFile(filepath.Join(users, name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var got role
		if err := yaml.Unmarshal(text, &got); err != nil || len(got.Rules) != 1 {
			t.Fatalf("%v, %d rules in\n%s", err, len(got.Rules), text)
		}
		resources, verbs := strings.Join(got.Rules[0].Resources, " "), strings.Join(got.Rules[0].Verbs, " ")
		if got.Metadata.Name != "core-operator-"+name || got.Metadata.Labels[want.label] != "true" || resources != want.resources || verbs != want.verbs {
			t.Errorf("%s: %+v", name, got)
		}
	}
	clusterOnly := folder(t, map[string]string{"classes.yaml": crd("classes", "Cluster")})
	if err := accessOfUsers("aws-operator", clusterOnly, t.TempDir()); err != nil {
		t.Fatal(err)
	}
}
