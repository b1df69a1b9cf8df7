// SPDX-License-Identifier: Apache-2.0

package armtest

import (
	"maps"
	"slices"
	"strings"
)

// View is one type of the cloud's resources as the conformance suite sees it.
// Prefix is what their paths begin with, in lower case.
type View struct {
	*Cloud

	Prefix string
	// Planted completes what somebody else makes.
	Planted func(name string) Body
	// Drifting is what somebody changes, and to what.
	Drifting []string
	To       any
}

// Settle ends everything that is under way.
func (c *Cloud) Settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, end := range c.next {
		end()
	}
	clear(c.next)
}

// Mutations counts the calls that changed something.
func (c *Cloud) Mutations() int { return c.mutations }

// At returns the resource at a path.
func (c *Cloud) At(path string) Body {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.resources[strings.ToLower(path)]
}

// Put makes a resource at a path, as somebody else would.
func (c *Cloud) Put(path string, b Body) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resources[strings.ToLower(path)] = b
}

// Names implements managedtest.Cloud.
func (v View) Names() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var names []string
	for _, key := range slices.Sorted(maps.Keys(v.resources)) {
		if name, ok := strings.CutPrefix(key, v.Prefix); ok && !strings.Contains(name, "/") && name != "rg" {
			names = append(names, name)
		}
	}
	return names
}

// Tags implements managedtest.Cloud.
func (v View) Tags(name string) map[string]string {
	tags := map[string]string{}
	all, _ := v.At(v.Prefix + name)["tags"].(map[string]any)
	for k, value := range all {
		tags[k], _ = value.(string)
	}
	return tags
}

// Plant implements managedtest.Cloud.
func (v View) Plant(name string, tags map[string]string) string {
	b, all := v.Planted(name), Body{}
	for k, value := range tags {
		all[k] = value
	}
	b["tags"], b["name"] = all, name
	v.Put(v.Prefix+name, b)
	return name
}

// Vanish implements managedtest.Cloud.
func (v View) Vanish(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.resources, v.Prefix+name)
}

// Drift implements managedtest.Cloud.
func (v View) Drift(name string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	Set(v.resources[v.Prefix+name], v.To, v.Drifting...)
}

// Drifted implements managedtest.Cloud.
func (v View) Drifted(name string) bool { return Get(v.At(v.Prefix+name), v.Drifting...) == v.To }

// PasswordView is a View of a type with passwords.
type PasswordView struct{ View }

// Password implements managedtest.PasswordCloud.
func (v PasswordView) Password(name string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.passwords[v.Prefix+name]
}

// Get returns what is at a path of keys, or nil.
func Get(b Body, keys ...string) any {
	var v any = b
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

// Set puts a value at a path of keys, or with nil takes it away.
func Set(b Body, v any, keys ...string) {
	for _, k := range keys[:len(keys)-1] {
		next, ok := b[k].(map[string]any)
		if !ok {
			next = Body{}
			b[k] = next
		}
		b = next
	}
	if b[keys[len(keys)-1]] = v; v == nil {
		delete(b, keys[len(keys)-1])
	}
}

// merge returns b with change applied; tags are replaced as a whole.
func merge(b, change Body) Body {
	out := maps.Clone(b)
	for k, v := range change {
		old, was := out[k].(map[string]any)
		if m, is := v.(map[string]any); is && was && k != "tags" {
			v = merge(old, m)
		}
		out[k] = v
	}
	return out
}
