// SPDX-License-Identifier: Apache-2.0

package class

import (
	"strings"
	"testing"

	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
)

// inPrimary is where the lines of the cases below stand.
const inPrimary = "spec.resources[db].template.spec.forProvider"

func TestCompileFinds(t *testing.T) {
	cases := map[string]struct {
		lines string
		// path, and words that the message has.
		path, words string
	}{
		"field that the kind lacks":      {`engin: mysql`, "", "has no field engin: did you mean engine?"},
		"field far from any":             {`zzzzzzzzz: 1`, "", "there are config, database, engine"},
		"number for a string":            {`version: 8.4`, ".version", "is a number, and has to be a string: put it in quotes"},
		"boolean for a string":           {`version: true`, ".version", "is a boolean, and has to be a string"},
		"string for an integer":          {`storage: "20"`, ".storage", "is a string, and has to be an integer"},
		"fraction for an integer":        {`storage: 20.5`, ".storage", "is a number, and has to be an integer"},
		"list for a string":              {`version: [a]`, ".version", "is a list, and has to be a string"},
		"object for a string":            {`version: {a: b}`, ".version", "is an object, and has to be a string"},
		"string for a list":              {`groups: a`, ".groups", "is a string, and has to be a list"},
		"string for an object":           {`restore: a`, ".restore", "is a string, and has to be an object"},
		"null":                           {`version: null`, ".version", "leave the field out"},
		"not in the enum":                {`engine: oracle`, ".engine", `is "oracle", and has to be one of "mysql", "postgres"`},
		"below the minimum":              {`storage: 10`, ".storage", "is 10, and has to be at least 20"},
		"above the maximum":              {`storage: 2000`, ".storage", "is 2000, and has to be at most 1000"},
		"at an exclusive minimum":        {`ratio: 0`, ".ratio", "has to be more than 0"},
		"at an exclusive maximum":        {`ratio: 1.0`, ".ratio", "has to be less than 1"},
		"no multiple":                    {`iops: 150`, ".iops", "multiple of 100"},
		"too many items":                 {`groups: [a, b, c, d]`, ".groups", "has 4 items, and can have at most 3"},
		"item of a wrong type":           {`groups: [1]`, ".groups[0]", "is an integer, and has to be a string"},
		"field of an item that it lacks": {`pools: [{name: a, coun: 1}]`, ".pools[0]", "has no field coun: did you mean count?"},
		"required field of an item":      {`pools: [{count: 1}]`, ".pools[0]", "lacks the field name, which is required"},
		"value of a map":                 {`parameters: {a: 1}`, ".parameters.a", "is an integer, and has to be a string"},
		"expression in a name": {
			`parameters: {"${claim.metadata.name}": a}`, ".parameters.${claim.metadata.name}",
			"the name of a field can't have expressions",
		},
		"expression not closed":    {`version: "${claim.spec.version"`, ".version", "position 1: ${ without its }"},
		"expression that is empty": {`version: "${ }"`, ".version", "the expression is empty"},
		"not CEL":                  {`version: "${claim.spec.}"`, ".version", "position 12: Syntax error"},
		"typo in a field":          {`version: "${claim.spec.verson}"`, ".version", "claim.spec has no field verson: did you mean version?"},
		"typo in a field, in text": {`version: "v${claim.spec.verson}"`, ".version", "claim.spec has no field verson: did you mean version?"},
		"typo behind .?":           {`version: '${claim.spec.?verson.orValue("8")}'`, ".version", "claim.spec has no field verson: did you mean version?"},
		"typo in has":              {`multiZone: "${has(claim.spec.verson)}"`, ".multiZone", "claim.spec has no field verson: did you mean version?"},
		"typo in metadata":         {`version: "${claim.metadata.nam}"`, ".version", "claim.metadata has no field nam: did you mean name?"},
		"typo in a request": {
			`version: "${sizes.smallest(claim.spec.request)}"`, ".version",
			"claim.spec has no field request: did you mean requests?",
		},
		"typo in a list's item":     {`version: '${claim.spec.pools.map(p, p.nam)[0]}'`, ".version", "there is no field nam"},
		"the claim's status":        {`storage: "${claim.status.attempt}"`, ".storage", "claim has no field status"},
		"unknown variable":          {`version: "${clam.spec.version}"`, ".version", "there is no clam: did you mean claim?"},
		"target without a workload": {`version: "${target.name}"`, ".version", "there is no target: there are claim, class, location, resources, sizes"},
		"unknown function":          {`version: "${urlescape(claim.spec.version)}"`, ".version", "there is no urlescape"},
		"unknown resource":          {`version: "${resources.subnet.name}"`, ".version", "resources has no field subnet: did you mean subnets?"},
		"wrong operands":            {`storage: "${claim.spec.storageGiB + claim.spec.version}"`, ".storage", "no matching overload"},
		"integer for a string": {
			`version: "${claim.spec.storageGiB}"`, ".version",
			"is an integer, and has to be a string: put it in quotes, or an expression in string(...)",
		},
		"string for an integer, computed": {
			`storage: "${claim.spec.version}"`, ".storage",
			"is a string, and has to be an integer: write it without quotes or fraction, or an expression in int(...)",
		},
		"text for an integer":              {`storage: "1${claim.spec.storageGiB}"`, ".storage", "is a string, and has to be an integer"},
		"number for an integer, computed":  {`storage: "${claim.spec.ratio}"`, ".storage", "is a number, and has to be an integer"},
		"boolean for an integer, computed": {`storage: "${claim.spec.highAvailability}"`, ".storage", "is a boolean"},
		"object for a string, computed":    {`version: "${claim.spec.requests}"`, ".version", "is an object, and has to be a string"},
		"list for a string, computed":      {`version: "${claim.spec.readers}"`, ".version", "is a list, and has to be a string"},
		"string for a list, computed":      {`groups: "${claim.spec.version}"`, ".groups", "is a string, and has to be a list"},
		"items of a wrong type, computed":  {`groups: "${claim.spec.pools}"`, ".groups", "its items: is an object, and has to be a string"},
		"values of a wrong type, computed": {`parameters: "${{'a': 1}}"`, ".parameters", "its values: is an integer, and has to be a string"},
		"object with unknown fields":       {`restore: "${claim.spec.requests}"`, ".restore", "has no field cpu"},
		"map for a list":                   {`groups: "${claim.spec.parameters}"`, ".groups", "is an object, and has to be a list"},
		"map with odd keys":                {`parameters: "${{1: 'a'}}"`, ".parameters", "keys are not strings"},
		"null, computed":                   {`version: "${null}"`, ".version", "gives null"},
		"time":                             {`config: '${timestamp("2026-01-01T00:00:00Z")}'`, ".config", "which no field can have: write string(...)"},
		"time where anything can be":       {`free: '${timestamp("2026-01-01T00:00:00Z")}'`, ".free", "which no field can have"},
		"quantity":                         {`config: '${quantity("1Gi")}'`, ".config", "which no field can have"},
		"bytes":                            {`config: '${b"a"}'`, ".config", "base64.encode"},
		"type":                             {`config: '${type(1)}'`, ".config", "which no field can have"},
		"list within text": {
			`config: "a-${claim.spec.readers}"`, ".config",
			"within text an expression has to give a string, a number or a boolean, not a list",
		},
		"optional within text":               {`config: "a-${claim.spec.?databaseName}"`, ".config", "say with orValue"},
		"bad regular expression":             {`multiZone: '${claim.spec.version.matches("(")}'`, ".multiZone", "invalid matches"},
		"too long an expression":             {`version: "${` + strings.Repeat("1+", 1100) + `1}"`, ".version", "too long"},
		"too deep an expression":             {`version: "${` + strings.Repeat("(", 100) + "1" + strings.Repeat(")", 100) + `}"`, ".version", "recursion"},
		"making an object":                   {`restore: "${claim.spec.restoreFrom{source: 'a'}}"`, ".restore", "there is no claim.spec.restoreFrom"},
		"absent where required":              {"size2: 1", "", "has no field size2: did you mean size?"},
		"twice absent where required in map": {`pools: [{name: "${claim.spec.databaseName}"}]`, ".pools[0].name", "may have no value, and the field is required"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			compiled, problems := Compile(with(t, tc.lines), madeUp(t))
			if compiled != nil || len(problems) != 1 {
				t.Fatalf("got %d problems, want 1: %v", len(problems), problems)
			}
			if got := problems[0]; got.Path != inPrimary+tc.path || !strings.Contains(got.Message, tc.words) {
				t.Errorf("got  %s\nwant %s: ...%s...", got, inPrimary+tc.path, tc.words)
			}
		})
	}
}

func TestCompileAccepts(t *testing.T) {
	cases := map[string]string{
		"nothing more":                  ``,
		"all literal":                   "engine: mysql\nstorage: 20\nratio: 0.5\nmultiZone: true\nport: 3306\ngroups: [a]\npools: [{name: a, count: 1}]",
		"port as text":                  `port: "3306"`,
		"integer for a number":          `ratio: ${0.5}`,
		"integer where both can be":     `port: "${3306}"`,
		"string where both can be":      `port: "${string(3306)}"`,
		"whole number for an integer":   `storage: 20.0`,
		"optional field":                `database: ${claim.spec.databaseName}`,
		"optional field with a default": `version: ${claim.spec.?databaseName.orValue("8")}`,
		"map":                           `parameters: ${claim.spec.parameters}`,
		"map from a literal":            `parameters: "${{'a': claim.spec.version}}"`,
		"list":                          `groups: ${claim.spec.readers}`,
		"list of objects":               `pools: ${claim.spec.pools}`,
		"list of maps":                  `pools: "${claim.spec.readers.map(r, {'name': r})}"`,
		"object":                        `restore: ${claim.spec.restoreFrom}`,
		"anything anywhere":             `free: ${claim.spec.free}`,
		"anything for a string":         `version: ${claim.spec.free.version}`,
		"literal in what is free":       "free: {a: [1, {b: null1}]}",
		"quantity":                      `version: ${claim.spec.requests.memory}`,
		"text of numbers":               `config: "${claim.spec.storageGiB}-${claim.spec.ratio}-${true}"`,
		"kubernetes libraries": `multiZone: ${` +
			`quantity("2Gi").isGreaterThan(quantity("1Gi")) && url("http://a/b").getHost() == "a" && ` +
			`"a1".find("[0-9]") == "1" && [1,2].sum() == 3 && isIP("10.0.0.1") && cidr("10.0.0.0/8").containsIP("10.1.1.1") && ` +
			`!format.dns1123Label().validate("x").hasValue() && semver("1.2.3").major() == 1}`,
		"our functions":                 `config: '${urlEscape("a b") + toJson({"a": [1]}) + base64.encode("a") + base64.encode(b"a")}'`,
		"two variables":                 `parameters: ${claim.spec.parameters.transformMap(k, v, v + k)}`,
		"class":                         `config: ${class.name + class.labels.team + class.annotations.note}`,
		"provider":                      `config: ${location.provider}`,
		"another resource":              `config: ${resources.subnets.name}`,
		"sizes chosen by attribute":     `config: ${sizes.filter(s, s.attributes.family == "burst").smallest(claim.spec.requests)}`,
		"label with a slash":            `config: ${claim.metadata.labels["made.up/owner"]}`,
		"namespace is no reserved word": `config: ${claim.metadata.namespace}`,
		"a literal dollar":              `config: "$${claim.spec.nothing}"`,
	}
	for name, lines := range cases {
		t.Run(name, func(t *testing.T) {
			if compiled, problems := Compile(with(t, lines), madeUp(t)); len(problems) > 0 || compiled == nil {
				t.Errorf("problems: %s", problems)
			}
		})
	}
}

var faultyClasses = map[string]struct {
	class string
	// want has for each problem its path and words of the message.
	want [][2]string
}{
	"unknown claim kind": {
		"claim: {group: made.up, kind: Databse}\nresources: []",
		[][2]string{{"spec.claim", "there is no claim kind Databse in made.up"}},
	},
	"no kind": {
		resources("{name: db, primary: true, template: {apiVersion: cloud.made.up/v1, spec: {}}}"),
		[][2]string{{"spec.resources[db].template", "apiVersion and kind have to say"}},
	},
	"computed kind": {
		resources(`{name: db, primary: true, template: {apiVersion: cloud.made.up/v1, kind: "${claim.kind}", spec: {}}}`),
		[][2]string{{"spec.resources[db].template", "without expressions"}},
	},
	"kind of Kubernetes itself": {
		resources(`{name: db, primary: true, template: {apiVersion: v1, kind: Secret, data: {}}}`),
		[][2]string{{"spec.resources[db].template", "apiVersion and kind have to say"}},
	},
	"no object": {
		resources(`{name: db, primary: true, template: {}}`),
		[][2]string{{"spec.resources[db].template", "has to be an object"}},
	},
	"no spec": {
		resources(`{name: db, primary: true, template: {apiVersion: cloud.made.up/v1, kind: Server}}`),
		[][2]string{{"spec.resources[db].template", "lacks the field spec"}},
	},
	"required fields": {
		primary(`{providerRef: {}, forProvider: {size: small}}`),
		[][2]string{
			{"spec.resources[db].template.spec.forProvider", "lacks the field region, which is required"},
			{"spec.resources[db].template.spec.providerRef", "lacks the field name, which is required"},
		},
	},
	"required, and absent in some claims": {
		primary(`{providerRef: {name: a}, forProvider: {region: here, size: "${claim.spec.databaseName}"}}`),
		[][2]string{{"spec.resources[db].template.spec.forProvider.size", "may have no value, and the field is required"}},
	},
	"no region to speak of": {
		"bindingMode: WaitForWorkload\n" + primary(`{providerRef: {name: a}, forProvider: {region: "${location.region}", size: small}}`),
		[][2]string{{"spec.resources[db].template.spec.forProvider.region", "may have no value"}},
	},
	"region that the kind refuses": {
		"regions: [here, Far_Away]\n" + primary(`{providerRef: {name: a}, forProvider: {region: "${location.region}", size: small}}`),
		[][2]string{{"spec.resources[db].template.spec.forProvider.region", `is "Far_Away", and has to match ^[a-z0-9-]+$: see regions of the class`}},
	},
	"no sizes": {
		primary(`{providerRef: {name: a}, forProvider: {region: here, size: "${sizes.smallest(claim.spec.requests)}"}}`),
		[][2]string{{"spec.resources[db].template.spec.forProvider.size", "there is no sizes"}},
	},
	"fields that are core's": {
		primary(`{providerRef: {name: a}, claimRef: {uid: x}, bindableBy: {}, reclaimPolicy: Delete, forProvider: {region: here, size: small}}`),
		[][2]string{
			{"spec.resources[db].template.spec.bindableBy", "can't be bound by another"},
			{"spec.resources[db].template.spec.claimRef", "core writes it"},
			{"spec.resources[db].template.spec.reclaimPolicy", "set reclaimPolicy of the class"},
		},
	},
	"status": {
		resources(`{name: db, primary: true, template: {apiVersion: cloud.made.up/v1, kind: Server, ` + good + `, status: {}}}`),
		[][2]string{{"spec.resources[db].template.status", "and nothing else"}},
	},
	"metadata that is the operators'": {
		metadata(`{name: a, namespace: b, finalizers: [], ownerReferences: [], uid: c}`),
		[][2]string{
			{"spec.resources[db].template.metadata.finalizers", "labels and annotations only"},
			{"spec.resources[db].template.metadata.name", "labels and annotations only"},
			{"spec.resources[db].template.metadata.namespace", "labels and annotations only"},
			{"spec.resources[db].template.metadata.ownerReferences", "labels and annotations only"},
			{"spec.resources[db].template.metadata.uid", "labels and annotations only"},
		},
	},
	"annotations that are the operators'": {
		metadata(`{annotations: {crossplane.io/owner-id: a, aws.crossplane.io/b: c, notcrossplane.io/d: e}}`),
		[][2]string{
			{"spec.resources[db].template.metadata.annotations", "aws.crossplane.io/b can't be set by a template"},
			{"spec.resources[db].template.metadata.annotations", "crossplane.io/owner-id can't be set by a template"},
		},
	},
	"labels that are the operators'": {
		metadata(`{labels: {crossplane.io/claim-uid: a}}`),
		[][2]string{{"spec.resources[db].template.metadata.labels", "crossplane.io/claim-uid can't be set"}},
	},
	"labels at once": {
		metadata(`{labels: "${claim.metadata.labels}"}`),
		[][2]string{{"spec.resources[db].template.metadata.labels", "give each label or annotation by its name"}},
	},
	"label that none can be": {
		metadata(`{labels: {"a b": c, d: "e f"}}`),
		[][2]string{
			{"spec.resources[db].template.metadata.labels", "a b"},
			{"spec.resources[db].template.metadata.labels.d", "has to match"},
		},
	},
	"metadata as text": {
		metadata(`"a"`),
		[][2]string{{"spec.resources[db].template.metadata", "has to be an object"}},
	},
	"forEach without an expression": {
		resources(`{name: a, forEach: "a", template: {apiVersion: cloud.made.up/v1, kind: Server, ` + good + `}}`),
		[][2]string{{"spec.resources[a].forEach", "has to be one expression"}},
	},
	"forEach over no list": {
		resources(`{name: a, forEach: "${claim.spec.version}", template: {apiVersion: cloud.made.up/v1, kind: Server, ` + good + `}}`),
		[][2]string{{"spec.resources[a].forEach", "gives a string, and has to give a list"}},
	},
	"forEach with a fault": {
		resources(`{name: a, forEach: "${claim.spec.pool}", template: {apiVersion: cloud.made.up/v1, kind: Server, ` + good + `}}`),
		[][2]string{{"spec.resources[a].forEach", "claim.spec has no field pool: did you mean pools?"}},
	},
	"item has a type": {
		resources(`{name: a, forEach: "${claim.spec.pools}", ` +
			`template: {apiVersion: cloud.made.up/v1, kind: Server, spec: {providerRef: {name: a}, forProvider: {region: here, size: "${item.nam}"}}}}`),
		[][2]string{{"spec.resources[a].template.spec.forProvider.size", "item has no field nam: did you mean name?"}},
	},
	"item outside of forEach": {
		primary(`{providerRef: {name: a}, forProvider: {region: here, size: "${item.name}"}}`),
		[][2]string{{"spec.resources[db].template.spec.forProvider.size", "there is no item"}},
	},
	"name of one of several": {
		resources(`{name: a, forEach: "${claim.spec.readers}", template: {apiVersion: cloud.made.up/v1, kind: Server, `+good+`}}`) +
			`- {name: db, primary: true, template: {apiVersion: cloud.made.up/v1, kind: Server, ` +
			`spec: {providerRef: {name: a}, forProvider: {region: here, size: "${resources.a.name}"}}}}`,
		[][2]string{{"spec.resources[db].template.spec.forProvider.size", "resources has no field a"}},
	},
	"access": {
		primary(`{providerRef: {name: a}, forProvider: {region: here, size: small}}`) +
			`access: [{name: a, template: {apiVersion: cloud.made.up/v1, kind: Rule, ` +
			`spec: {providerRef: {name: a}, forProvider: {region: here, size: "${target.network.cidr}"}}}}]`,
		[][2]string{{"spec.access[a].template.spec.forProvider.size", "target.network has no field cidr: did you mean cidrs?"}},
	},
	"too many expressions": {
		primary(`{providerRef: {name: a}, forProvider: {region: here, size: small, free: {a: [` + strings.Repeat(`"${1}",`, 520) + `]}}}`),
		[][2]string{
			{"spec.resources[db].template.spec.forProvider.free.a[512]", "can have 512 expressions"},
			{"spec.resources[db].template.spec.forProvider.free.a[513]", ""}, {"", ""}, {"", ""}, {"", ""}, {"", ""}, {"", ""}, {"", ""},
		},
	},
	"too deep": {
		primary(`{providerRef: {name: a}, forProvider: {region: here, size: small, free: ` + strings.Repeat("{a: ", 40) + "1" + strings.Repeat("}", 40) + `}}`),
		[][2]string{{"spec.resources[db].template.spec.forProvider.free" + strings.Repeat(".a", 30), "32 levels"}},
	},
	"too large": {
		primary(`{providerRef: {name: a}, forProvider: {region: here, size: small, config: "` + strings.Repeat("x", 130<<10) + `"}}`),
		[][2]string{{"spec", "and can have 131072"}},
	},
}

func TestCompileFindsInClass(t *testing.T) {
	for name, tc := range faultyClasses {
		t.Run(name, func(t *testing.T) {
			compiled, problems := Compile(classOf(spec(t, tc.class)), madeUp(t))
			if compiled != nil || len(problems) != len(tc.want) {
				t.Fatalf("got %d problems, want %d: %v", len(problems), len(tc.want), problems)
			}
			for i, want := range tc.want {
				if !strings.HasPrefix(problems[i].Path, want[0]) || !strings.Contains(problems[i].Message, want[1]) {
					t.Errorf("%d: got  %s\nwant %s: ...%s...", i, problems[i], want[0], want[1])
				}
			}
		})
	}
}

const good = "spec: {providerRef: {name: a}, forProvider: {region: here, size: small}}"

func resources(first string) string {
	return "claim: {group: made.up, kind: DatabaseClaim}\nprovider: cloud\nresources:\n- " + first + "\n"
}

func primary(spec string) string {
	return resources("{name: db, primary: true, template: {apiVersion: cloud.made.up/v1, kind: Server, spec: " + spec + "}}")
}

func metadata(m string) string {
	return resources("{name: db, primary: true, template: {apiVersion: cloud.made.up/v1, kind: Server, metadata: " + m + ", " + good + "}}")
}

func TestCompileWithoutTheOperator(t *testing.T) {
	schemas := madeUp(t)
	delete(schemas.managed, serverKind)
	compiled, problems := Compile(with(t, "whatever: ${claim.spec.version}"), schemas)
	if len(problems) > 0 {
		t.Fatalf("problems: %s", problems)
	}
	if missing := compiled.Missing(); len(missing) != 1 || missing[0] != serverKind {
		t.Errorf("missing %v", missing)
	}
	if _, err := compiled.Render(input(small())); err == nil || !strings.Contains(err.Error(), "not installed") {
		t.Errorf("rendering gives %v", err)
	}
	if _, problems := Compile(with(t, "whatever: ${claim.spec.verson}"), schemas); len(problems) != 1 {
		t.Errorf("a typo is not found without the operator: %v", problems)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	var problems Problems
	for range 100 {
		problems = append(problems, Problem{Path: "spec.a", Expression: "x", Message: "is wrong"})
	}
	got := problems.String()
	if !strings.HasPrefix(got, "spec.a: ${x}: is wrong; ") || !strings.HasSuffix(got, "; and 92 more") {
		t.Errorf("got %s", got)
	}
}

func TestCompileDoesNotChangeTheClass(t *testing.T) {
	class := with(t, "database: ${claim.spec.databaseName}")
	before := class.DeepCopy()
	compiled, problems := Compile(class, madeUp(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, err := compiled.Render(input(small())); err != nil {
		t.Fatal(err)
	}
	if RevisionName(before) != RevisionName(class) {
		t.Error("the class was changed")
	}
	if compiled.ClassName() != class.Name || compiled.Spec().Claim != (corev1alpha1.ClaimKind{Group: "made.up", Kind: "DatabaseClaim"}) {
		t.Error("not the class that was compiled")
	}
}
