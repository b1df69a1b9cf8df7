// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
)

const cpu = "cpu"

// amounts of resources, by the resources' numbers: of cpu in thousandths, of
// everything else in units. What is beyond the end is 0.
type amounts []int64

func (a *amounts) of(n int32) int64 {
	if n < 0 || int(n) >= len(*a) {
		return 0
	}
	return (*a)[n]
}

// set makes the slice as long as it has to be.
func (a *amounts) set(n int32, amount int64) {
	for int(n) >= len(*a) {
		*a = append(*a, 0)
	}
	(*a)[n] = amount
}

// request is what a workload takes of one resource; a negative number stands for a
// resource that no target and no other workload knows.
type request struct {
	resource int32
	amount   int64
	name     string
}

// amountOf returns a quantity as an exact number: cpu in thousandths, others in
// units. What is smaller than that is rounded up where it is asked for, and down
// where it is offered. Below 0 counts as 0: nobody makes room by asking for less
// than nothing. Beyond what a number can hold it is the highest number.
func amountOf(name string, q resource.Quantity, offered bool) int64 {
	scale, highest := resource.Scale(0), int64(math.MaxInt64)
	if name == cpu {
		scale, highest = resource.Milli, math.MaxInt64/1000
	}
	switch {
	case q.Sign() <= 0:
		return 0
	case q.CmpInt64(highest) >= 0:
		return math.MaxInt64
	}
	amount := q.ScaledValue(scale) // rounds up
	if offered && resource.NewScaledQuantity(amount, scale).Cmp(q) > 0 {
		amount--
	}
	return amount
}

// quantityOf is the reverse of amountOf.
func quantityOf(name string, amount int64) resource.Quantity {
	if name == cpu {
		return *resource.NewMilliQuantity(amount, resource.DecimalSI)
	}
	if name == "memory" || name == "ephemeral-storage" {
		return *resource.NewQuantity(amount, resource.BinarySI)
	}
	return *resource.NewQuantity(amount, resource.DecimalSI)
}

// plus adds amounts that are not negative; what would be too large for a number is
// the largest.
func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// minus subtracts an amount that is not negative; what would be too small for a
// number is the smallest.
func minus(a, b int64) int64 {
	if a < math.MinInt64+b {
		return math.MinInt64
	}
	return a - b
}

// requests returns what is asked for, by name, with the numbers that the resources
// have.
func requests(into []request, asked map[string]resource.Quantity, number func(string) int32) []request {
	if len(asked) == 0 {
		return into
	}
	for name, q := range asked {
		into = append(into, request{resource: number(name), amount: amountOf(name, q, false), name: name})
	}
	slices.SortFunc(into, func(a, b request) int { return cmp.Compare(a.name, b.name) })
	return into
}

// resources gives numbers to the names of resources. There are few of them, and
// they stay.
type resources struct {
	of    map[string]int32
	names []string
}

func (r *resources) find(name string) int32 {
	if n, ok := r.of[name]; ok {
		return n
	}
	return -1
}

func (r *resources) number(name string) int32 {
	n, ok := r.of[name]
	if !ok {
		if r.of == nil {
			r.of = map[string]int32{}
		}
		n = int32(len(r.names)) //nolint:gosec // a few
		r.of[name] = n
		r.names = append(r.names, name)
	}
	return n
}

func (r *resources) clone() resources {
	return resources{of: maps.Clone(r.of), names: slices.Clone(r.names)}
}

// amounts returns quantities as amounts; nil where they are nil.
func (r *resources) amounts(quantities map[string]resource.Quantity, offered bool) amounts {
	if quantities == nil {
		return nil
	}
	out := amounts{}
	for name, q := range quantities {
		out.set(r.number(name), amountOf(name, q, offered))
	}
	return out
}
