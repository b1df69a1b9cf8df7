// SPDX-License-Identifier: Apache-2.0

package presence

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

func (c *Cache) started() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ctx != nil
}

func (c *Cache) all() []*kind {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]*kind, 0, len(c.kinds))
	for _, k := range c.kinds {
		all = append(all, k)
	}
	return all
}

// kind returns the one informer of a kind in obj's form, and binds a new one if
// its definition is there.
func (c *Cache) kind(gvk schema.GroupVersionKind, obj client.Object) *kind {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := flavourOf(gvk, obj)
	k, ok := c.kinds[key]
	if !ok {
		k = newKind(c, gvk, obj)
		c.kinds[key] = k
		c.match(k)
	}
	return k
}

// match brings a kind in line with the definitions that are there. c.mu is held.
func (c *Cache) match(k *kind) {
	if !c.known {
		return
	}
	id, there := c.present[servedAs(k.gvk)]
	if k.definition == id && k.matched {
		return
	}
	k.leave()
	k.definition, k.matched = id, true
	if there {
		k.arrive(c.ctx)
		return
	}
	k.miss()
}

// matchAll brings every kind in line.
func (c *Cache) matchAll() {
	for _, k := range c.kinds {
		c.match(k)
	}
}

// itemOf returns the kind of a list's items and an empty one in the list's form.
func (c *Cache) itemOf(list client.ObjectList) (schema.GroupVersionKind, client.Object, error) {
	gvk, err := apiutil.GVKForObject(list, c.scheme)
	if err != nil {
		return gvk, nil, fmt.Errorf("telling a list's kind: %w", err)
	}
	gvk.Kind = strings.TrimSuffix(gvk.Kind, "List")
	switch list.(type) {
	case runtime.Unstructured:
		obj := &unstructured.Unstructured{}
		obj.SetGroupVersionKind(gvk)
		return gvk, obj, nil
	case *metav1.PartialObjectMetadataList:
		obj := &metav1.PartialObjectMetadata{}
		obj.SetGroupVersionKind(gvk)
		return gvk, obj, nil
	}
	if permanent(gvk) {
		return gvk, nil, nil
	}
	obj, err := c.newObject(gvk)
	return gvk, obj, err
}

func (c *Cache) newObject(gvk schema.GroupVersionKind) (client.Object, error) {
	made, err := c.scheme.New(gvk)
	if err != nil {
		return nil, fmt.Errorf("making an object of a kind: %w", err)
	}
	obj, ok := made.(client.Object)
	if !ok {
		return nil, fmt.Errorf("making an object of %s: %T has no metadata", gvk, made) //nolint:err113 // a mistake in code
	}
	return obj, nil
}
