// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"runtime"
	"testing"
	"weak"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

func gadgets() *apiextensionsv1.CustomResourceDefinition {
	crd := &apiextensionsv1.CustomResourceDefinition{}
	crd.Name, crd.Labels = "gadgets.example.org", map[string]string{v1alpha1.LabelContract: v1alpha1.ContractManaged}
	crd.Spec.Group, crd.Spec.Names.Kind, crd.Spec.Names.Plural = "example.org", "Gadget", "gadgets"
	least := 1.5
	of := func(description string) *apiextensionsv1.CustomResourceValidation {
		return &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
			Type: "object", Description: description, Required: []string{"size"},
			Properties: map[string]apiextensionsv1.JSONSchemaProps{
				"size":   {Type: "number", Description: description, Minimum: &least, Default: &apiextensionsv1.JSON{Raw: []byte("2.0")}},
				"labels": {Type: "object", AdditionalProperties: &apiextensionsv1.JSONSchemaPropsOrBool{Allows: true, Schema: &apiextensionsv1.JSONSchemaProps{Type: "string"}}},
				"colour": {Type: "string", Enum: []apiextensionsv1.JSON{{Raw: []byte(`"red"`)}}, Nullable: true},
			},
		}}
	}
	crd.Spec.Versions = []apiextensionsv1.CustomResourceDefinitionVersion{
		{Name: "v1", Served: true, Storage: true, Schema: of("")},
		{Name: "v1alpha1", Served: true, Schema: of("what nobody reads here")},
		{Name: "v0", Schema: of("")},
	}
	return crd
}

// TestSchemasAreUnpackedAsTheyWere, but for descriptions.
func TestSchemasAreUnpackedAsTheyWere(t *testing.T) {
	t.Parallel()
	want := gadgets().Spec.Versions[0].Schema.OpenAPIV3Schema
	d, err := definitionOf(gadgets(), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"v1", "v1alpha1"} {
		if diff := cmp.Diff(want, d.Schema(version)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
	}
	if d.Serves("v0") || d.Schema("v0") != nil || !d.Serves("v1alpha1") || d.Kind.Version != "v1" {
		t.Errorf("the definition is %+v", d)
	}
	d, err = definitionOf(gadgets(), false)
	if err != nil || d.Schema("v1") != nil || !d.Serves("v1") {
		t.Errorf("without schemas the definition is %+v, %v", d, err)
	}
}

// TestASchemaIsOneWhileItIsKept: who keeps it tells by the pointer whether it is
// another one; what nobody keeps takes no memory.
func TestASchemaIsOneWhileItIsKept(t *testing.T) {
	t.Parallel()
	d, err := definitionOf(gadgets(), true)
	if err != nil {
		t.Fatal(err)
	}
	kept := d.Schema("v1")
	dropped := weak.Make(d.Schema("v1alpha1"))
	runtime.GC()
	if d.Schema("v1") != kept {
		t.Error("the schema is another one while somebody keeps it")
	}
	if dropped.Value() != nil {
		t.Error("a schema that nobody keeps is still there")
	}
	if again, err := definitionOf(gadgets(), true); err != nil || again.Schema("v1") == kept {
		t.Errorf("the schema of another definition is the same one, %v", err)
	}
	runtime.KeepAlive(kept)
}
