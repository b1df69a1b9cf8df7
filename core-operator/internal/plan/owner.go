// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"maps"
	"slices"
)

// owner marks the parts that one State may change in place. A part with another
// mark may be in use elsewhere and is copied before it is changed, so that a State
// beside another (With) costs little until one of them changes.
type owner struct{ _ byte }

// ids gives small numbers to keys, and takes them back when nobody uses them, so
// that slices can stand where maps would.
type ids[K comparable] struct {
	of   map[K]int32
	keys []K
	uses []int32
	free []int32
}

// take returns the number of a key, for one more use of it.
func (i *ids[K]) take(key K) int32 {
	n, ok := i.of[key]
	if !ok {
		if i.of == nil {
			i.of = map[K]int32{}
		}
		n = takeFree(&i.free, len(i.uses))
		if int(n) == len(i.uses) {
			i.uses, i.keys = append(i.uses, 0), append(i.keys, key)
		}
		i.of[key], i.keys[n] = n, key
	}
	i.uses[n]++
	return n
}

// release ends one use of a number.
func (i *ids[K]) release(n int32) {
	i.uses[n]--
	if i.uses[n] == 0 {
		delete(i.of, i.keys[n])
		i.free = append(i.free, n)
	}
}

// size is one more than the highest number in use.
func (i *ids[K]) size() int { return len(i.uses) }

func (i *ids[K]) clone() ids[K] {
	return ids[K]{of: maps.Clone(i.of), keys: slices.Clone(i.keys), uses: slices.Clone(i.uses), free: slices.Clone(i.free)}
}

// takeFree returns a number that was given back, or else the next one.
func takeFree(free *[]int32, next int) int32 {
	if last := len(*free) - 1; last >= 0 {
		n := (*free)[last]
		*free = (*free)[:last]
		return n
	}
	return int32(next) //nolint:gosec // there are fewer targets, and far fewer regions, than that
}
