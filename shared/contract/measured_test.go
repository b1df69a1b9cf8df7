// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
)

// TestMeasured: what was seen on a target counts there; where nothing was seen yet,
// the most that was seen elsewhere does.
func TestMeasured(t *testing.T) {
	t.Parallel()
	a := &Application{}
	status := `{"measured": [{"target": "a", "requests": {"cpu": "1", "memory": "4Gi"}}, {"target": "b", "requests": {"cpu": "2", "pods": "3"}}, {"target": "c"}]}`
	if err := json.Unmarshal([]byte(status), &a.Status); err != nil {
		t.Fatal(err)
	}
	copied, ok := a.DeepCopyObject().(*Application)
	if !ok {
		t.Fatal("want a copy of the same type")
	}
	for target, want := range map[string]map[string]resource.Quantity{
		"a":         {"cpu": resource.MustParse("1"), "memory": resource.MustParse("4Gi")},
		"b":         {"cpu": resource.MustParse("2"), "pods": resource.MustParse("3")},
		"c":         nil,
		"a new one": {"cpu": resource.MustParse("2"), "memory": resource.MustParse("4Gi"), "pods": resource.MustParse("3")},
	} {
		if diff := cmp.Diff(want, copied.Measured(target)); diff != "" {
			t.Errorf("on %s: -want +got\n%s", target, diff)
		}
	}
	if diff := cmp.Diff(a, copied); diff != "" {
		t.Errorf("looking changed it:\n%s", diff)
	}
	if got := (&Application{}).Measured("a"); got != nil {
		t.Errorf("nothing was seen: %v", got)
	}
}
