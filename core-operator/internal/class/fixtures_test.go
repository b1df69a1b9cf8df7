// SPDX-License-Identifier: Apache-2.0

package class

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// fixed are schemas that do not change.
type fixed struct {
	claims  map[schema.GroupKind]*apiextensionsv1.JSONSchemaProps
	managed map[schema.GroupVersionKind]*apiextensionsv1.JSONSchemaProps
}

func (f fixed) Claim(kind schema.GroupKind) *apiextensionsv1.JSONSchemaProps { return f.claims[kind] }

func (f fixed) Managed(kind schema.GroupVersionKind) *apiextensionsv1.JSONSchemaProps {
	return f.managed[kind]
}

var (
	claimKind  = schema.GroupKind{Group: "made.up", Kind: "DatabaseClaim"}
	serverKind = schema.GroupVersionKind{Group: "cloud.made.up", Version: "v1", Kind: "Server"}
	ruleKind   = schema.GroupVersionKind{Group: "cloud.made.up", Version: "v1", Kind: "Rule"}
)

func madeUp(tb testing.TB) fixed {
	tb.Helper()
	server := schemaIn(tb, "server.yaml")
	return fixed{
		claims:  map[schema.GroupKind]*apiextensionsv1.JSONSchemaProps{claimKind: schemaIn(tb, "claim.yaml")},
		managed: map[schema.GroupVersionKind]*apiextensionsv1.JSONSchemaProps{serverKind: server, ruleKind: server},
	}
}

func schemaIn(tb testing.TB, file string) *apiextensionsv1.JSONSchemaProps {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		tb.Fatal(err)
	}
	out := &apiextensionsv1.JSONSchemaProps{}
	if err := yaml.UnmarshalStrict(content, out); err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
	return out
}

// spec returns a class's spec from YAML.
func spec(tb testing.TB, text string) corev1alpha1.ResourceClassSpec {
	tb.Helper()
	out := corev1alpha1.ResourceClassSpec{}
	if err := yaml.UnmarshalStrict([]byte(text), &out); err != nil {
		tb.Fatalf("%v in:\n%s", err, text)
	}
	return out
}

// plain is a class that has nothing wrong; forProvider is put at its end.
const plain = `
claim: {group: made.up, kind: DatabaseClaim}
provider: cloud
regions: [here, there]
sizes:
- {name: large, cpu: "4", memory: 16Gi, attributes: {family: general}}
- {name: small, cpu: "1", memory: 2Gi, attributes: {family: burst}}
- {name: medium, cpu: "2", memory: 4Gi, attributes: {family: burst}}
- {name: tall, cpu: "2", memory: 32Gi, attributes: {family: memory}}
resources:
- name: subnets
  template:
    apiVersion: cloud.made.up/v1
    kind: Server
    spec:
      providerRef: {name: cloud}
      forProvider: {region: "${location.region}", size: none}
- name: db
  primary: true
  template:
    apiVersion: cloud.made.up/v1
    kind: Server
    metadata:
      labels: {tier: "${claim.spec.tier}"}
    spec:
      providerRef: {name: cloud}
      forProvider:
        region: ${location.region}
        size: small
`

// with returns the plain class with more lines in the primary's forProvider.
func with(tb testing.TB, lines string) *corev1alpha1.ResourceClass {
	tb.Helper()
	return classOf(spec(tb, plain+indented(lines)))
}

func indented(lines string) string {
	return "        " + strings.ReplaceAll(lines, "\n", "\n        ") + "\n"
}

func classOf(s corev1alpha1.ResourceClassSpec) *corev1alpha1.ResourceClass {
	c := &corev1alpha1.ResourceClass{Spec: s}
	c.Name = "mysql-cloud"
	c.Labels = map[string]string{"team": "storage"}
	c.Annotations = map[string]string{"note": "ours"}
	return c
}

// input is a claim at a location.
func input(claimSpec map[string]any) Input {
	return Input{
		Claim: map[string]any{
			"apiVersion": "made.up/v1", "kind": "DatabaseClaim",
			"metadata": map[string]any{
				"name": "orders", "namespace": "shop", "uid": "u-1",
				"labels": map[string]any{"env": "prod", "made.up/owner": "ann"},
			},
			"spec": claimSpec,
		},
		Location:   v1alpha1.Location{Provider: "cloud", Region: "here"},
		ObjectName: func(name string) string { return "shop-orders-" + name },
	}
}

// small is a claim with the required fields only.
func small() map[string]any {
	return map[string]any{"version": "8.4", "storageGiB": int64(20), "tier": "standard"}
}
