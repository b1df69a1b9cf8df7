// SPDX-License-Identifier: Apache-2.0

package attacks_test

import (
	"slices"
	"strings"
	"testing"
)

// attack is one thing that a hostile tenant tries.
type attack struct {
	name  string
	guard string // what is in its way: a key of guards
	says  string // how it is refused, in the words of the API server or of the object
	try   func(*tenant) result
	proof bool // it is tried again with the guard removed, and succeeds
}

// family is a kind of attacks.
type family struct {
	title   string
	attacks []attack
}

func families() []family {
	return []family{
		{"What belongs to others, by the API", rightsAttacks()},
		{"Secrets of others", secretAttacks()},
		{"Resources of others", resourceAttacks()},
		{"Names and templates", inputAttacks()},
		{"Targets and what runs there", slices.Concat(targetAttacks(), manifestAttacks())},
		{"Kubeconfigs", kubeconfigAttacks()},
		{"Charts", slices.Concat(sourceAttacks(), chartAttacks())},
		{"Too much of everything", hugeAttacks()},
	}
}

// refused tries every attack, most of them at a time.
func refused(t *testing.T) {
	for _, f := range families() {
		for _, each := range f.attacks {
			t.Run(f.title+"/"+each.name, func(t *testing.T) {
				t.Parallel()
				a := arrive(t, "edit")
				a.says = each.says
				got := each.try(a)
				switch {
				case got.won:
					t.Errorf("it succeeded: %s", got.said)
				case !strings.Contains(got.said, each.says):
					t.Errorf("want it refused with %q, got %q", each.says, got.said)
				}
			})
		}
	}
}

// withoutGuards tries one attack of each boundary again, with its guard removed: what
// does not succeed then attacks nothing.
func withoutGuards(t *testing.T) {
	lift(t)
	for _, f := range families() {
		for _, each := range f.attacks {
			if !each.proof {
				continue
			}
			t.Run(each.name, func(t *testing.T) {
				t.Parallel()
				role := "edit"
				if each.guard == guardRights {
					role = "cluster-admin"
				}
				a := arrive(t, role)
				a.says = each.says
				if got := each.try(a); !got.won {
					t.Errorf("it is refused all the same: %s", got.said)
				}
			})
		}
	}
}

// TestEachBoundaryIsProven: each guard has attacks, and one that shows what it is
// good for.
func TestEachBoundaryIsProven(t *testing.T) {
	all, proven := map[string]int{}, map[string]int{}
	names := map[string]bool{}
	count := 0
	for _, f := range families() {
		for _, each := range f.attacks {
			count++
			if names[each.name] {
				t.Errorf("%s is there twice", each.name)
			}
			names[each.name] = true
			all[each.guard]++
			if each.proof {
				proven[each.guard]++
			}
		}
	}
	known := guards()
	for _, g := range known {
		if all[g.name] == 0 || proven[g.name] == 0 && g.nothing == "" {
			t.Errorf("guard %s has %d attacks, and %d that succeed without it", g.name, all[g.name], proven[g.name])
		}
		delete(all, g.name)
	}
	if len(all) > 0 {
		t.Errorf("guards that are not described: %v", all)
	}
	const least = 60
	if count < least {
		t.Errorf("%d attacks, want %d", count, least)
	}
}
