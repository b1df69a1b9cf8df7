// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
)

func TestAmountOf(t *testing.T) {
	for name, c := range map[string]struct {
		resource, quantity string
		asked, offered     int64
	}{
		"cpu is counted in thousandths":           {"cpu", "1500m", 1500, 1500},
		"a smaller part of cpu counts as one":     {"cpu", "1500100u", 1501, 1500},
		"memory is counted in bytes":              {"memory", "2Gi", 2 << 30, 2 << 30},
		"a part of a byte counts as one":          {"memory", "1500m", 2, 1},
		"less than nothing is nothing":            {"memory", "-5", 0, 0},
		"nothing is nothing":                      {"cpu", "0", 0, 0},
		"the largest number there is":             {"memory", "9223372036854775807", math.MaxInt64, math.MaxInt64},
		"more cpu than can be counted":            {"cpu", "9223372036854775807", math.MaxInt64, math.MaxInt64},
		"the most cpu that can be counted":        {"cpu", "9223372036854774", 9223372036854774000, 9223372036854774000},
		"an amount that is written in other ways": {"memory", "1e3", 1000, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			q := resource.MustParse(c.quantity)
			if got := amountOf(c.resource, q, false); got != c.asked {
				t.Errorf("asked for it is %d, want %d", got, c.asked)
			}
			if got := amountOf(c.resource, q, true); got != c.offered {
				t.Errorf("offered it is %d, want %d", got, c.offered)
			}
		})
	}
}

// TestFree: what is left is exact, also after sums that no number can hold.
func TestFree(t *testing.T) {
	s := NewState()
	asks := func(uid, memory string) Workload {
		return Workload{UID: types.UID(uid), Requests: map[string]resource.Quantity{"memory": resource.MustParse(memory)}}
	}
	left := func() map[string]string {
		out := map[string]string{}
		for name, q := range s.Free("t") {
			out[name] = q.String()
		}
		return out
	}
	expect := func(when string, want map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, left()); diff != "" {
			t.Errorf("%s: -want +got\n%s", when, diff)
		}
	}
	s.Place(asks("early", "1Gi"), "t", nil)
	expect("a target that is not known", map[string]string{})
	offers := map[string]resource.Quantity{"cpu": resource.MustParse("4"), "memory": resource.MustParse("8Gi")}
	s.SetTarget(Target{Name: "t", Allocatable: offers, Foreign: map[string]resource.Quantity{"cpu": resource.MustParse("1500m"), "pods": resource.MustParse("3")}})
	expect("what came before counts", map[string]string{"cpu": "2500m", "memory": "7Gi"})
	s.Place(asks("huge", "9223372036854775807"), "t", nil)
	s.Place(asks("huge-too", "9223372036854775807"), "t", nil)
	s.Place(asks("late", "2Gi"), "t", nil)
	s.Remove("huge")
	s.Remove("huge-too")
	expect("after more than there can be", map[string]string{"cpu": "2500m", "memory": "5Gi"})
	s.Place(asks("late", "16Gi"), "t", nil)
	expect("more than there is", map[string]string{"cpu": "2500m", "memory": "-9Gi"})
	s.Place(asks("late", "1Gi"), "elsewhere", nil)
	s.Remove("never-there")
	expect("after it has moved", map[string]string{"cpu": "2500m", "memory": "7Gi"})
	s.SetTarget(Target{Name: "t"})
	expect("without a known limit", map[string]string{})
}

// TestNothingIsKept: a State that has forgotten all is as small as a new one.
func TestNothingIsKept(t *testing.T) {
	s := NewState()
	for range 3 {
		for _, name := range []string{"a", "b", "c"} {
			s.SetTarget(Target{Name: name})
			s.Place(Workload{UID: types.UID(name), Labels: map[string]string{"app": name}}, name, nil)
		}
		for _, name := range []string{"c", "a", "b"} {
			s.RemoveTarget(name)
			s.Remove(types.UID(name))
		}
	}
	if n := len(s.targets.order) + len(s.tenants.placed) + len(s.tenants.spaces) + len(s.targets.regions.of) + len(s.targets.audiences.of); n != 0 {
		t.Errorf("%d entries are left", n)
	}
	if len(s.targets.sites) > 3 || s.targets.regions.size() > 3 {
		t.Errorf("numbers are not used again: %d sites, %d regions", len(s.targets.sites), s.targets.regions.size())
	}
}

// TestNearnessComesFirst: whatever else there is to be said, it does not make up for
// one claim's step of nearness; and nothing makes up for a cluster that is there.
func TestNearnessComesFirst(t *testing.T) {
	const rest = 2*8*100 + taintMost + 4*spreadWorst + classesMost + costMost + readyMost + freeMost
	if rest >= nearerBy {
		t.Errorf("the other terms make %d, a step is %d", rest, nearerBy)
	}
	if 32*2*nearerBy+rest >= poolCost {
		t.Errorf("all terms make %d, a pool costs %d", 32*2*nearerBy+rest, poolCost)
	}
}
