// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/google/go-cmp/cmp"
)

// environment knows a pet, with an owner that not every pet has.
func environment(tb testing.TB) *Environment {
	tb.Helper()
	objects := Objects{}
	owner := objects.Add("pet.owner", map[string]Field{"name": {Type: cel.StringType, Always: true}, "age": {Type: cel.IntType}})
	pet := objects.Add("pet", map[string]Field{
		"name": {Type: cel.StringType, Always: true}, "owner": {Type: owner}, "home": {Type: owner, Always: true},
		"tags": {Type: cel.MapType(cel.StringType, cel.StringType), Always: true},
		"toys": {Type: cel.ListType(owner), Always: true}, "any": {Type: cel.DynType, Always: true},
	})
	env, err := New(objects, map[string]*cel.Type{"pet": pet})
	if err != nil {
		tb.Fatal(err)
	}
	return env
}

func rex() map[string]any {
	home := map[string]any{"name": "kennel"}
	return map[string]any{"pet": map[string]any{
		"name": "Rex", "home": home, "tags": map[string]any{"a": "b"}, "toys": []any{map[string]any{"name": "ball"}}, "any": map[string]any{},
	}}
}

func TestAbsence(t *testing.T) {
	cases := map[string]struct {
		source     string
		mayBe      bool // absent, where that passes
		value      any  // nil: absent
		failsPlain bool // where it has to be there
	}{
		"always there":              {"pet.home.name", false, "kennel", false},
		"always there, in brackets": {"pet", false, rex()["pet"], false},
		"field absent":              {"pet.owner", true, nil, true},
		"beyond what is absent":     {"pet.owner.name", true, nil, true},
		"field of a list's item":    {"pet.toys[0].name", true, "ball", false},
		"beyond a list's end":       {"pet.toys[1].name", true, nil, true},
		"key":                       {`pet.tags["a"]`, true, "b", false},
		"key as a field":            {"pet.tags.a", true, "b", false},
		"key absent":                {`pet.tags["x"]`, true, nil, true},
		"unknown type":              {"pet.any.x.y", true, nil, true},
		"with spaces":               {" pet . owner ", true, nil, true},
		"marked already":            {"pet.?owner.?name", true, nil, false},
		"marked without need":       {"pet.?home.name", false, "kennel", false},
		"no path":                   {"pet.owner.name + pet.name", false, nil, true},
		"handled":                   {`pet.?owner.name.orValue("none")`, false, "none", false},
		"computed index":            {"pet.toys[size(pet.toys)].name", false, nil, true},
	}
	env := environment(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			x, err := env.Compile(tc.source, AbsencePasses)
			if err != nil {
				t.Fatal(err)
			}
			value, present, err := x.Eval(rex())
			if x.MayBeAbsent != tc.mayBe || present != (tc.value != nil) || err != nil != (tc.value == nil && !tc.mayBe) {
				t.Errorf("may be absent %t, present %t, %v", x.MayBeAbsent, present, err)
			}
			if diff := cmp.Diff(tc.value, value); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			plain, err := env.Compile(tc.source, AbsenceFails)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err = plain.Eval(rex()); err != nil != tc.failsPlain {
				t.Errorf("where it has to be there: %v", err)
			}
		})
	}
}

func TestRefers(t *testing.T) {
	x, err := environment(t).Compile(`pet.name + pet.tags["a"] + pet.?owner.name.orValue("")`, AbsenceFails)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, p := range x.Refers {
		got[p.String()] = true
	}
	want := map[string]bool{"pet.name": true, "pet.tags": true, `pet.tags["a"]`: true, "pet.owner": true, "pet.owner.name": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCompileTells(t *testing.T) {
	cases := map[string]struct{ source, want string }{
		"field":                  {"pet.nam", "position 4: pet has no field nam: did you mean name?"},
		"field of a list's item": {"pet.toys[0].agee", "pet.toys[0] has no field agee: did you mean age?"},
		"field behind a mark":    {"pet.?owner.?nme", "pet.owner has no field nme: did you mean name?"},
		"field of what is given": {"pet.toys.map(toy, toy.nme)", "there is no field nme"},
		"field far from any":     {"pet.veterinarian", "pet has no field veterinarian: there are any, home, name, owner, tags, toys"},
		"variable":               {"pat.name", "there is no pat: did you mean pet?"},
		"several": {"a + b + c + d",
			"position 1: there is no a: there are pet; position 5: there is no b: there are pet; position 9: there is no c: there are pet"},
		"operands":                {"pet.name + 1", "found no matching overload for '_+_' applied to '(string, int)'"},
		"syntax":                  {"pet.name +", "Syntax error"},
		"field of a string":       {"pet.name.x", "type 'string' does not support field selection"},
		"Kubernetes' authorizer":  {`authorizer.path("/")`, "there is no authorizer"},
		"the type of the object":  {"object pet{}", "Syntax error"},
		"a type of another world": {"google.protobuf.Timestamp{seconds: 1, nono: 2}", "there is no field nono"},
	}
	env := environment(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := env.Compile(tc.source, AbsenceFails)
			if _, ok := errors.AsType[*IssueError](err); !ok || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got  %v\nwant ...%s...", err, tc.want)
			}
		})
	}
}

func TestHint(t *testing.T) {
	many := strings.Split(strings.Repeat("longname ", 20), " ")
	cases := map[string]struct {
		name  string
		known []string
		want  string
	}{
		"nothing known":  {"a", nil, ""},
		"one letter off": {"regoin", []string{"port", "region"}, ": did you mean region?"},
		"case":           {"Region", []string{"region", "regime"}, ": did you mean region?"},
		"the nearest":    {"sizes", []string{"seize", "size"}, ": did you mean size?"},
		"none near":      {"zebra", []string{"port", "region"}, ": there are port, region"},
		"many":           {"zebra", many, ": there are " + strings.TrimSuffix(strings.Repeat("longname, ", 16), ", ") + " and 5 more"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := Hint(tc.name, tc.known); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// Whatever is in an expression, evaluating it ends, and soon.
func TestBounds(t *testing.T) {
	cases := map[string]string{
		"loops in loops":  "lists.range(100).map(a, lists.range(100).map(b, lists.range(100).map(c, a + b + c).sum()).sum()).sum()",
		"a growing text":  `"x".replace("x", "` + strings.Repeat("x", 900) + `").replace("x", "` + strings.Repeat("x", 900) + `").replace("x", "yyyyyyyyyy")`,
		"a growing list":  "[1,2,3,4,5,6,7,8,9].map(a, lists.range(100)).map(l, l + l).map(l, l + l).map(l, l + l + l + l)",
		"a large result":  "lists.range(9000)",
		"a regex":         `"` + strings.Repeat("a", 500) + `".matches("(a*)*b") ? 1 : lists.range(100000).size()`,
		"number of items": "lists.range(100000000)",
	}
	env := environment(t)
	for name, source := range cases {
		t.Run(name, func(t *testing.T) {
			x, err := env.Compile(source, AbsenceFails)
			if err != nil {
				t.Fatal(err)
			}
			if value, _, err := x.Eval(rex()); err == nil {
				t.Errorf("it gives a %T", value)
			}
		})
	}
}

// FuzzCompile checks that no source makes compiling or evaluating panic.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{"pet.name", "pet.?owner.name", "[1].map(a, a)", `pet.tags["a"]`, "{'a': 1}.a", "pet.toys.sum()", "pet{}"} {
		f.Add(seed)
	}
	env := environment(f)
	f.Fuzz(func(t *testing.T, source string) {
		for _, absence := range []Absence{AbsenceFails, AbsencePasses} {
			x, err := env.Compile(source, absence)
			if err != nil {
				continue
			}
			value, present, err := x.Eval(rex())
			if present != (value != nil && err == nil) {
				t.Errorf("%q: present %t, value %v, %v", source, present, value, err)
			}
		}
	})
}
