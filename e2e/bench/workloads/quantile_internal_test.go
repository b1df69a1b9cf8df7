// SPDX-License-Identifier: Apache-2.0

package workloads

import "testing"

func TestQuantile(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(i + 1)
	}
	for name, tc := range map[string]struct {
		sorted []float64
		q      float64
		want   float64
	}{
		"none":          {nil, 0.5, 0},
		"one":           {[]float64{7}, 0.99, 7},
		"half":          {hundred, 0.5, 50},
		"all but one":   {hundred, 0.99, 99},
		"of fewer":      {hundred[:5], 0.99, 5},
		"middle of odd": {[]float64{1, 2, 9}, 0.5, 2},
	} {
		t.Run(name, func(t *testing.T) {
			if got := quantile(tc.sorted, tc.q); got != tc.want {
				t.Errorf("got %g, want %g", got, tc.want)
			}
		})
	}
	if got := median([]float64{9, 1, 2, 8, 3}); got != 3 {
		t.Errorf("the median of five is %g", got)
	}
}
