// SPDX-License-Identifier: Apache-2.0

package local

import "slices"

// Table keeps things by name, in the order of their names. It is not safe for
// concurrent use; see Cloud.Do.
type Table[T any] struct {
	names  []string
	byName map[string]T
}

// Get returns the thing of that name.
func (t *Table[T]) Get(name string) (T, bool) {
	v, ok := t.byName[name]
	return v, ok
}

// Put adds a thing or replaces the one of that name.
func (t *Table[T]) Put(name string, v T) {
	if t.byName == nil {
		t.byName = map[string]T{}
	}
	if i, found := slices.BinarySearch(t.names, name); !found {
		t.names = slices.Insert(t.names, i, name)
	}
	t.byName[name] = v
}

// Delete removes the thing of that name, if there is one.
func (t *Table[T]) Delete(name string) {
	if i, found := slices.BinarySearch(t.names, name); found {
		t.names = slices.Delete(t.names, i, i+1)
		delete(t.byName, name)
	}
}

// Names returns all names in order. The caller must not change them.
func (t *Table[T]) Names() []string { return t.names }

// All returns all things in the order of their names.
func (t *Table[T]) All() []T {
	out := make([]T, 0, len(t.names))
	for _, name := range t.names {
		out = append(out, t.byName[name])
	}
	return out
}

// Len says how many things there are.
func (t *Table[T]) Len() int { return len(t.names) }
