// SPDX-License-Identifier: Apache-2.0

package class

import (
	"encoding/json"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
)

// FuzzRender checks that no template and no claim makes compiling or rendering
// panic, and that what is rendered is what the kind allows.
func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		`{"region":"${location.region}","size":"small"}`,
		`{"region":"here","size":"${claim.spec.databaseName.orValue('xx')}"}`,
		`{"region":"here","size":"small","pools":"${claim.spec.pools}"}`,
		`{"region":"here","size":"small","free":{"a":["${claim.spec.free}",1.5,null,"$${x}"]}}`,
		`{"region":"here","size":"${sizes.smallest(claim.spec.requests)}"}`,
		`{"region":"here","size":"small","parameters":"${claim.spec.parameters.transformMap(k, v, v)}"}`,
	} {
		f.Add(seed, `{"version":"8.4","storageGiB":20,"free":{"a":[1,{"b":null}]},"requests":{"cpu":"1"}}`)
	}
	schemas := madeUp(f)
	base := spec(f, plain)
	f.Fuzz(func(t *testing.T, forProvider, claimSpec string) {
		class := classOf(*base.DeepCopy())
		class.Spec.Resources[1].Template = runtime.RawExtension{Raw: []byte(
			`{"apiVersion":"cloud.made.up/v1","kind":"Server","spec":{"providerRef":{"name":"a"},"forProvider":` + forProvider + `}}`)}
		compiled, problems := Compile(class, schemas)
		if (compiled == nil) != (len(problems) > 0) {
			t.Fatalf("compiled %v, problems %v", compiled, problems)
		}
		var fields map[string]any
		if compiled == nil || json.Unmarshal([]byte(claimSpec), &fields) != nil {
			return
		}
		rendered, err := compiled.Render(input(fields))
		if err != nil {
			return
		}
		for _, r := range rendered {
			if faults := compiled.judge.faults(schemaOf(schemas.managed[serverKind], "spec"), r.Object.Object["spec"]); len(faults) > 0 {
				t.Errorf("rendered %v: %v", r.Object.Object, faults)
			}
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	class, schemas := classOf(spec(b, plain)), madeUp(b)
	for b.Loop() {
		Compile(class, schemas)
	}
}

func BenchmarkRender(b *testing.B) {
	compiled, problems := Compile(classOf(spec(b, plain)), madeUp(b))
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	in := input(small())
	for b.Loop() {
		if _, err := compiled.Render(in); err != nil {
			b.Fatal(err)
		}
	}
}
