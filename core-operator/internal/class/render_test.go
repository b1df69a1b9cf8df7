// SPDX-License-Identifier: Apache-2.0

package class

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// forProvider renders the class and returns that part of the primary.
func forProvider(t *testing.T, lines string, in Input) (map[string]any, error) {
	t.Helper()
	compiled, problems := Compile(with(t, lines), madeUp(t))
	if len(problems) > 0 {
		t.Fatalf("problems: %s", problems)
	}
	rendered, err := compiled.Render(in)
	if err != nil {
		return nil, err
	}
	for _, r := range rendered {
		if r.Primary {
			out, _, _ := unstructured.NestedMap(r.Object.Object, "spec", "forProvider")
			return out, nil
		}
	}
	t.Fatal("no primary")
	return nil, nil
}

// and returns the small claim with more fields.
func and(fields map[string]any) map[string]any {
	out := small()
	maps.Copy(out, fields)
	return out
}

func TestRenderValues(t *testing.T) {
	pools := []any{map[string]any{"name": "a", "count": int64(2)}, map[string]any{"name": "b"}}
	cases := map[string]struct {
		line  string
		claim map[string]any
		want  any // nil: the field is left out
	}{
		"string":                       {`database: ${claim.spec.databaseName}`, and(map[string]any{"databaseName": "app"}), "app"},
		"string that is empty":         {`database: ${claim.spec.databaseName}`, and(map[string]any{"databaseName": ""}), ""},
		"integer":                      {`storage: ${claim.spec.storageGiB}`, small(), int64(20)},
		"boolean":                      {`multiZone: ${claim.spec.highAvailability}`, and(map[string]any{"highAvailability": false}), false},
		"number":                       {`ratio: ${claim.spec.ratio}`, and(map[string]any{"ratio": 0.5}), 0.5},
		"number that JSON wrote whole": {`ratio: ${claim.spec.ratio / 4.0}`, and(map[string]any{"ratio": int64(2)}), 0.5},
		"list":                         {`groups: ${claim.spec.readers}`, and(map[string]any{"readers": []any{"x", "y"}}), []any{"x", "y"}},
		"list of objects":              {`pools: ${claim.spec.pools}`, and(map[string]any{"pools": pools}), pools},
		"object": {
			`restore: ${claim.spec.restoreFrom}`, and(map[string]any{"restoreFrom": map[string]any{"source": "a"}}),
			map[string]any{"source": "a"},
		},
		"map": {
			`parameters: ${claim.spec.parameters}`, and(map[string]any{"parameters": map[string]any{"a": "b"}}),
			map[string]any{"a": "b"},
		},
		"time stays text": {
			`restore: {time: "${claim.spec.restoreFrom.time}"}`,
			and(map[string]any{"restoreFrom": map[string]any{"source": "a", "time": "2026-01-02T03:04:05Z"}}),
			map[string]any{"time": "2026-01-02T03:04:05Z"},
		},
		"integer or string, an integer": {`port: ${claim.spec.requests.cpu}`, and(map[string]any{"requests": map[string]any{"cpu": int64(2)}}), int64(2)},
		"integer or string, a string":   {`port: ${claim.spec.requests.cpu}`, and(map[string]any{"requests": map[string]any{"cpu": "500m"}}), "500m"},
		"item of a list":                {`database: ${claim.spec.readers[1]}`, and(map[string]any{"readers": []any{"x", "y"}}), "y"},
		"text":                          {`config: "a-${claim.spec.version}-${claim.spec.storageGiB}-${true}-${0.5}"`, small(), "a-8.4-20-true-0.5"},
		"dollar":                        {`config: "$${x} costs $5"`, small(), "${x} costs $5"},
		"path absent":                   {`database: ${claim.spec.databaseName}`, small(), nil},
		"null":                          {`database: ${claim.spec.databaseName}`, and(map[string]any{"databaseName": nil}), nil},
		"path absent at its beginning":  {`restore: {source: "${claim.spec.restoreFrom.source}"}`, small(), map[string]any{}},
		"path with brackets absent":     {`database: ${claim.metadata.labels["nobody"]}`, small(), nil},
		"path with brackets":            {`database: ${claim.metadata.labels["made.up/owner"]}`, small(), "ann"},
		"path beyond a list's end":      {`database: ${claim.spec.readers[1]}`, and(map[string]any{"readers": []any{"x"}}), nil},
		"path into what is free":        {`database: ${claim.spec.free.a.b}`, and(map[string]any{"free": map[string]any{"a": map[string]any{"b": "c"}}}), "c"},
		"path into what is free absent": {`database: ${claim.spec.free.a.b}`, and(map[string]any{"free": map[string]any{}}), nil},
		"optional without a value":      {`database: "${claim.spec.?databaseName}"`, small(), nil},
		"orValue":                       {`database: '${claim.spec.?databaseName.orValue("main")}'`, small(), "main"},
		"has":                           {`multiZone: "${has(claim.spec.databaseName)}"`, small(), false},
		"absent item of a list":         {`groups: ["a", "${claim.spec.databaseName}"]`, small(), []any{"a"}},
		"default of the claim":          {`database: ${claim.spec.tier}`, small(), "standard"},
		"class":                         {`config: "${class.name} ${class.labels.team} ${class.annotations.note}"`, small(), "mysql-cloud storage ours"},
		"location":                      {`config: "${location.provider}/${location.region}"`, small(), "cloud/here"},
		"metadata":                      {`config: "${claim.metadata.namespace}/${claim.metadata.name}/${claim.metadata.uid}"`, small(), "shop/orders/u-1"},
		"metadata that is not there":    {`multiZone: '${"a" in claim.metadata.annotations}'`, small(), false},
		"kind":                          {`config: "${claim.apiVersion} ${claim.kind}"`, small(), "made.up/v1 DatabaseClaim"},
		"another resource":              {`config: ${resources.subnets.name}`, small(), "shop-orders-subnets"},
		"urlEscape":                     {`config: '${urlEscape("a b/c?d+ä")}'`, small(), "a%20b%2Fc%3Fd%2B%C3%A4"},
		"toJson":                        {`config: '${toJson({"a": [1, "<"], "b": optional.none()})}'`, small(), `{"a":[1,"<"]}`},
		"base64 of text":                {`config: '${base64.encode("ä")}'`, small(), "w6Q="},
		"base64 of bytes":               {`config: '${base64.encode(b"a")}'`, small(), "YQ=="},
		"unsigned":                      {`storage: "${30u}"`, small(), int64(30)},
		"object of expressions": {
			`free: {a: ["${claim.spec.version}", {b: "${1 + 1}"}]}`, small(),
			map[string]any{"a": []any{"8.4", map[string]any{"b": int64(2)}}},
		},
		"smallest, nothing asked for":  {`config: ${sizes.smallest(claim.spec.requests)}`, small(), "small"},
		"smallest, empty requests":     {`config: ${sizes.smallest(claim.spec.requests)}`, and(map[string]any{"requests": map[string]any{}}), "small"},
		"smallest by cpu":              {`config: ${sizes.smallest(claim.spec.requests)}`, requests("1500m", nil), "medium"},
		"smallest by cpu, an integer":  {`config: ${sizes.smallest(claim.spec.requests)}`, requests(int64(3), nil), "large"},
		"smallest by memory":           {`config: ${sizes.smallest(claim.spec.requests)}`, requests(nil, "5Gi"), "tall"},
		"smallest by both":             {`config: ${sizes.smallest(claim.spec.requests)}`, requests("3", "5Gi"), "large"},
		"smallest that is just enough": {`config: ${sizes.smallest(claim.spec.requests)}`, requests("4000m", "16384Mi"), "large"},
		"smallest of some":             {`config: '${sizes.filter(s, s.attributes.family == "memory").smallest(claim.spec.requests)}'`, small(), "tall"},
		"smallest for a literal":       {`config: '${sizes.smallest({"cpu": "2"})}'`, small(), "medium"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := forProvider(t, tc.line, input(tc.claim))
			if err != nil {
				t.Fatal(err)
			}
			field, _, _ := strings.Cut(tc.line, ":")
			value, present := got[field]
			if diff := cmp.Diff(tc.want, value); diff != "" || present != (tc.want != nil) {
				t.Errorf("present %t, -want +got:\n%s", present, diff)
			}
		})
	}
}

func requests(cpu, memory any) map[string]any {
	out := map[string]any{}
	if cpu != nil {
		out["cpu"] = cpu
	}
	if memory != nil {
		out["memory"] = memory
	}
	return and(map[string]any{"requests": out})
}

func TestRenderFails(t *testing.T) {
	cases := map[string]struct {
		line  string
		claim map[string]any
		words string
		actor v1alpha1.Actor
	}{
		"absent in text": {`config: "a-${claim.spec.databaseName}"`, small(),
			"no such key: databaseName: handle its absence, for example with .?databaseName.orValue(...)", v1alpha1.ActorAdministrator},
		"absent in a call": {`config: "${claim.spec.databaseName + \"x\"}"`, small(), "no such key: databaseName", v1alpha1.ActorAdministrator},
		"no size": {`config: ${sizes.smallest(claim.spec.requests)}`, requests("64", "1Ti"),
			"no size of the class is large enough: asked for cpu 64 and memory 1Ti, " +
				"there are small (cpu 1 and memory 2Gi), medium (cpu 2 and memory 4Gi), tall (cpu 2 and memory 32Gi), " +
				"large (cpu 4 and memory 16Gi)", v1alpha1.ActorDeveloper},
		"no size in none": {`config: '${sizes.filter(s, false).smallest(claim.spec.requests)}'`, small(), "there are none", v1alpha1.ActorDeveloper},
		"no quantity":     {`config: ${sizes.smallest(claim.spec.requests)}`, requests("lots", nil), "cpu lots: ", v1alpha1.ActorAdministrator},
		"value that the kind refuses": {
			`storage: ${claim.spec.storageGiB}`, and(map[string]any{"storageGiB": int64(5000)}),
			"is 5000, and has to be at most 1000", v1alpha1.ActorDeveloper,
		},
		"value not in the enum":        {`engine: ${claim.spec.version}`, small(), `is "8.4", and has to be one of`, v1alpha1.ActorDeveloper},
		"computed value out of bounds": {`storage: ${claim.spec.storageGiB * 100}`, small(), "is 2000, and has to be at most 1000", v1alpha1.ActorAdministrator},
		"wrong type from what is free": {
			`version: ${claim.spec.free.v}`, and(map[string]any{"free": map[string]any{"v": int64(8)}}),
			"is an integer, and has to be a string", v1alpha1.ActorDeveloper,
		},
		"map with an unknown field": {`restore: "${{'sauce': 'a'}}"`, small(), "has no field sauce: did you mean source?", v1alpha1.ActorAdministrator},
		"item out of bounds": {
			`groups: "${claim.spec.readers}"`, and(map[string]any{"readers": []any{}}), "has 0 items, and has to have at least 1",
			v1alpha1.ActorDeveloper,
		},
		"too few items are left": {`groups: ["${claim.spec.databaseName}"]`, small(), "has 0 items", v1alpha1.ActorAdministrator},
		"text that is too long": {
			`free: {a: '${"x".replace("x", "` + strings.Repeat("y", 500) + `").replace("y", "` + strings.Repeat("z", 500) + `")}'}`,
			small(), "too large", v1alpha1.ActorAdministrator,
		},
		"too much work": {
			`storage: "${lists.range(9).map(a, lists.range(9).map(b, lists.range(9).map(c, lists.range(9).map(d, ` +
				`lists.range(9).map(e, a+b+c+d+e).sum()).sum()).sum()).sum()).sum()}"`,
			small(), "cost limit exceeded", v1alpha1.ActorAdministrator,
		},
		"not a finite number":  {`ratio: "${1.0 / 0.0}"`, small(), "not a finite number", v1alpha1.ActorAdministrator},
		"too large an integer": {`storage: "${18446744073709551615u}"`, small(), "an integer above", v1alpha1.ActorAdministrator},
		"division by zero":     {`storage: "${1 / 0}"`, small(), "division by zero", v1alpha1.ActorAdministrator},
		"list where text is wanted": {
			`config: "a-${claim.spec.free.v}"`, and(map[string]any{"free": map[string]any{"v": []any{}}}), "within text",
			v1alpha1.ActorAdministrator,
		},
		"odd value where anything can": {
			`free: {a: "${dyn(timestamp('2026-01-01T00:00:00Z'))}"}`, small(), "a type that no field can have",
			v1alpha1.ActorAdministrator,
		},
		"odd keys where anything can": {`free: {a: "${dyn({1: 2})}"}`, small(), "a map whose keys are not strings", v1alpha1.ActorAdministrator},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := forProvider(t, tc.line, input(tc.claim))
			failure, ok := errors.AsType[*RenderError](err)
			if !ok {
				t.Fatalf("got %v, want a RenderError", err)
			}
			if got := failure.Error(); !strings.Contains(got, tc.words) || !strings.HasPrefix(got, inPrimary+".") {
				t.Errorf("got  %s\nwant ...%s...", got, tc.words)
			}
			if failure.Actor != tc.actor {
				t.Errorf("actor %s, want %s", failure.Actor, tc.actor)
			}
		})
	}
}

func TestRenderObjects(t *testing.T) {
	class := classOf(spec(t, plain))
	compiled, problems := Compile(class, madeUp(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got, err := compiled.Render(input(small()))
	if err != nil {
		t.Fatal(err)
	}
	head := func(name string) map[string]any {
		return map[string]any{"name": "shop-orders-" + name}
	}
	labelled := head("db")
	labelled["labels"] = map[string]any{"tier": "standard"}
	server := func(metadata map[string]any, size string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "cloud.made.up/v1", "kind": "Server", "metadata": metadata,
			"spec": map[string]any{
				"providerRef": map[string]any{"name": "cloud"},
				"forProvider": map[string]any{"region": "here", "size": size},
			},
		}}
	}
	want := []Rendered{
		{Name: "subnets", Object: server(head("subnets"), "none")},
		{Name: "db", Primary: true, Object: server(labelled, "small")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := unstructured.SetNestedField(got[0].Object.Object, "changed", "spec", "providerRef", "name"); err != nil {
		t.Fatal(err)
	}
	again, err := compiled.Render(input(small()))
	if diff := cmp.Diff(want, again); diff != "" || err != nil {
		t.Errorf("rendered again, after the first result was changed: %v\n%s", err, diff)
	}
}

func TestRenderForEach(t *testing.T) {
	each := func(list, size string) string {
		return resources(`{name: node, forEach: "${` + list + `}", template: {apiVersion: cloud.made.up/v1, kind: Server, ` +
			`spec: {providerRef: {name: a}, forProvider: {region: here, size: "` + size + `"}}}}`)
	}
	long := strings.Repeat("n", 80)
	cases := map[string]struct {
		class string
		claim map[string]any
		want  map[string]string // by name, the size
		fails string
	}{
		"strings": {
			each("claim.spec.readers", "s-${item}"), and(map[string]any{"readers": []any{"a", "b"}}),
			map[string]string{"node-a": "s-a", "node-b": "s-b"}, "",
		},
		"objects": {
			each("claim.spec.pools", "s-${item.name}"), and(map[string]any{"pools": []any{map[string]any{"name": "x"}}}),
			map[string]string{"node-x": "s-x"}, "",
		},
		"numbers": {each("[1, 2]", "s-${item}"), small(), map[string]string{"node-1": "s-1", "node-2": "s-2"}, ""},
		"absent":  {each("claim.spec.readers", "s-${item}"), small(), map[string]string{}, ""},
		"none":    {each("claim.spec.readers", "s-${item}"), and(map[string]any{"readers": []any{}}), map[string]string{}, ""},
		"odd names": {
			each("claim.spec.readers", "size"), and(map[string]any{"readers": []any{"A b", "a.b"}}),
			map[string]string{"node-abx2e7336dc": "size", "node-abxa760b0e1": "size"}, "",
		},
		"long name": {
			each("claim.spec.readers", "size"), and(map[string]any{"readers": []any{long}}),
			map[string]string{"node-" + long[:31] + "xfeed930b": "size"}, "",
		},
		"twice the same": {each("claim.spec.readers", "size"), and(map[string]any{"readers": []any{"a", "a"}}), nil, "no two the same"},
		"no name":        {each("[[1]]", "size"), small(), nil, "each item has to be a string"},
		"no list":        {each("claim.spec.free.x", "size"), and(map[string]any{"free": map[string]any{"x": "y"}}), nil, "gives no list"},
		"too many":       {each("lists.range(65)", "size"), small(), nil, "gives 65 items, and can give 64"},
		"fails":          {each("claim.spec.readers.map(r, claim.spec.databaseName)", "size"), and(map[string]any{"readers": []any{"a"}}), nil, "no such key"},
		"item fails":     {each("claim.spec.readers", "${item}"), and(map[string]any{"readers": []any{"ok", "x"}}), nil, "at least 2 characters"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			compiled, problems := Compile(classOf(spec(t, tc.class)), madeUp(t))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			rendered, err := compiled.Render(input(tc.claim))
			if tc.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tc.fails) {
					t.Errorf("got %v, want ...%s...", err, tc.fails)
				}
				return
			}
			got := map[string]string{}
			for _, r := range rendered {
				got[r.Name], _, _ = unstructured.NestedString(r.Object.Object, "spec", "forProvider", "size")
				if r.Object.GetName() != "shop-orders-"+r.Name {
					t.Errorf("object %s of %s", r.Object.GetName(), r.Name)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Errorf("%v, -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestRenderAccess(t *testing.T) {
	class := classOf(spec(t, "bindingMode: WaitForWorkload\n"+
		primary(`{providerRef: {name: a}, forProvider: {region: "${target.location.region}", size: small}}`)+
		`access: [{name: rule, template: {apiVersion: cloud.made.up/v1, kind: Rule, `+
		`spec: {providerRef: {name: a}, forProvider: {region: here, size: "${target.name}", `+
		`groups: "${target.network.cidrs}", config: "${resources.db.name} ${target.labels.env}", database: "${target.network.id}"}}}}]`))
	compiled, problems := Compile(class, madeUp(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	in := input(small())
	in.Target = &Target{
		Name: "prod-1", Labels: map[string]string{"env": "prod"}, Location: v1alpha1.Location{Provider: "cloud", Region: "there"},
		Network: v1alpha1.Network{CIDRs: []string{"10.0.0.0/16"}},
	}
	got, err := compiled.RenderAccess(in)
	if err != nil || len(got) != 1 || got[0].Name != "rule-prod-1" || got[0].Target != "prod-1" || got[0].Object.GetName() != in.objectName("rule-prod-1") || got[0].Primary {
		t.Fatalf("got %v, %v", got, err)
	}
	want := map[string]any{"region": "here", "size": "prod-1", "groups": []any{"10.0.0.0/16"}, "config": "shop-orders-db prod"}
	forProvider, _, _ := unstructured.NestedMap(got[0].Object.Object, "spec", "forProvider")
	if diff := cmp.Diff(want, forProvider); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	in.Target.Network.ID = "vpc-1"
	if got, err = compiled.RenderAccess(in); err != nil {
		t.Fatal(err)
	}
	if id, _, _ := unstructured.NestedString(got[0].Object.Object, "spec", "forProvider", "database"); id != "vpc-1" {
		t.Errorf("network id %q", id)
	}
	rendered, err := compiled.Render(in)
	if region, _, _ := unstructured.NestedString(rendered[0].Object.Object, "spec", "forProvider", "region"); region != "there" || err != nil {
		t.Errorf("region %q, %v", region, err)
	}
	if kinds := compiled.Kinds(); len(kinds) != 2 || kinds[0] != ruleKind || kinds[1] != serverKind {
		t.Errorf("kinds %v", kinds)
	}
}

// TestRenderAccessOfWhatIsNotKnown: a class may count on facts of a target; while one
// is not known that can't be rendered, and nothing is made of half of it.
func TestRenderAccessOfWhatIsNotKnown(t *testing.T) {
	class := classOf(spec(t, primary(`{providerRef: {name: a}, forProvider: {region: here, size: small}}`)+
		`access: [{name: rule, template: {apiVersion: cloud.made.up/v1, kind: Rule, `+
		`spec: {providerRef: {name: a}, forProvider: {region: here, size: "${target.network.egressCIDRs[0]}"}}}}]`))
	compiled, problems := Compile(class, madeUp(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	in := input(small())
	in.Target = &Target{Name: "prod-1"}
	if got, err := compiled.RenderAccess(in); err == nil || !strings.Contains(err.Error(), "egressCIDRs[0]") {
		t.Errorf("got %v, %v", got, err)
	}
	in.Target.Network.EgressCIDRs = []string{"192.0.2.1/32"}
	if got, err := compiled.RenderAccess(in); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestRenderBoundsObjects(t *testing.T) {
	lists := strings.Repeat(`"${sizes.map(s, '`+strings.Repeat("x", 400)+`')}",`, 200)
	_, err := forProvider(t, `free: {a: [`+lists+`]}`, input(small()))
	if err == nil || !strings.Contains(err.Error(), "the object has more than 262144 bytes") {
		t.Errorf("got %v", err)
	}
}

func TestRenderWithoutTheTarget(t *testing.T) {
	class := classOf(spec(t, "bindingMode: WaitForWorkload\n"+
		primary(`{providerRef: {name: a}, forProvider: {region: "${target.location.region}", size: small}}`)))
	compiled, problems := Compile(class, madeUp(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, err := compiled.Render(input(small())); err == nil {
		t.Error("rendered without the target that it needs")
	}
}
