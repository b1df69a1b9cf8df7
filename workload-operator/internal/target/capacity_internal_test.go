// SPDX-License-Identifier: Apache-2.0

package target

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

func TestSettled(t *testing.T) {
	of := func(allocatable, requested string) v1alpha1.Capacity {
		return v1alpha1.Capacity{
			Allocatable: map[string]resource.Quantity{"cpu": resource.MustParse(allocatable)},
			Requested:   map[string]resource.Quantity{"cpu": resource.MustParse(requested)},
		}
	}
	foreign := func(quantity string) v1alpha1.Capacity {
		c := of("100", "20")
		c.Foreign = map[string]resource.Quantity{"cpu": resource.MustParse(quantity)}
		return c
	}
	for name, test := range map[string]struct {
		old, now v1alpha1.Capacity
		kept     bool
	}{
		"the same":           {of("100", "10"), of("100", "10"), true},
		"a pod more":         {of("100", "10"), of("100", "12"), true},
		"many pods more":     {of("100", "10"), of("100", "16"), false},
		"many pods less":     {of("100", "10"), of("100", "4"), false},
		"a node more":        {of("100", "10"), of("101", "10"), false},
		"for the first time": {v1alpha1.Capacity{}, of("100", "0"), false},
		"not to be seen":     {of("100", "10"), v1alpha1.Capacity{}, false},
		"written otherwise":  {of("100", "1"), of("100", "1000m"), true},
		"other pods":         {foreign("10"), foreign("14"), true},
		"many other pods":    {foreign("10"), foreign("16"), false},
	} {
		t.Run(name, func(t *testing.T) {
			want := test.now
			if test.kept {
				want = test.old
			}
			if diff := cmp.Diff(want, settled(test.old, test.now)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
