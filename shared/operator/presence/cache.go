// SPDX-License-Identifier: Apache-2.0

// Package presence provides a cache in which kinds may come and go. A controller
// that watches a kind whose CustomResourceDefinition is not there does not fail:
// its watch begins when the definition is established, ends when it is removed
// and begins again when it returns, while the controller, its queue and the
// operator's Lease go on. Without it such a watch ends the manager after two
// minutes, and a watch that outlives its definition logs errors for ever.
package presence

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// Cache is a cache.Cache. Kinds of Kubernetes' own API groups go straight to the
// cache within; all others are watched while their definition is there. While
// it is not, Get finds nothing, List finds an empty list, and informers count as
// synced.
type Cache struct {
	cache.Cache

	scheme *runtime.Scheme
	live   client.Reader // to see that a kind is served before it is watched
	crds   cache.Cache   // of CustomResourceDefinitions, reduced to what matters here
	log    logr.Logger

	mu      sync.Mutex
	ctx     context.Context //nolint:containedctx // the life of the cache, as in the caches it stands on
	known   bool            // definitions have been listed
	present map[served]uid
	kinds   map[flavour]*kind
}

var _ cache.Cache = (*Cache)(nil)

// flavour tells the informers of one kind apart, as the cache within does: typed,
// unstructured or metadata only.
type flavour struct {
	schema.GroupVersionKind
	form string
}

// wrap returns a Cache on top of others that nobody has started yet.
func wrap(within, crds cache.Cache, live client.Reader, scheme *runtime.Scheme, log logr.Logger) *Cache {
	return &Cache{
		Cache: within, crds: crds, live: live, scheme: scheme, log: log,
		present: map[served]uid{}, kinds: map[flavour]*kind{},
	}
}

// Start runs the cache until ctx ends.
func (c *Cache) Start(ctx context.Context) error {
	c.mu.Lock()
	c.ctx = ctx
	c.mu.Unlock()
	if err := c.watchDefinitions(ctx); err != nil {
		return err
	}
	if err := c.Cache.Start(ctx); err != nil {
		return fmt.Errorf("running the cache: %w", err)
	}
	return nil
}

// WaitForCacheSync waits until the definitions are known and every informer has
// synced or waits for its definition.
func (c *Cache) WaitForCacheSync(ctx context.Context) bool {
	for _, k := range c.all() {
		if !k.settled.wait(ctx) {
			return false
		}
	}
	return c.Cache.WaitForCacheSync(ctx)
}

// GetInformer returns an informer that is bound to the kind while it is there.
func (c *Cache) GetInformer(ctx context.Context, obj client.Object, opts ...cache.InformerGetOption) (cache.Informer, error) {
	gvk, err := apiutil.GVKForObject(obj, c.scheme)
	if err != nil {
		return nil, fmt.Errorf("telling an object's kind: %w", err)
	}
	if permanent(gvk) {
		return c.Cache.GetInformer(ctx, obj, opts...) //nolint:wrapcheck // passed through
	}
	return c.kind(gvk, obj), nil
}

// GetInformerForKind is GetInformer for a kind of the scheme.
func (c *Cache) GetInformerForKind(ctx context.Context, gvk schema.GroupVersionKind, opts ...cache.InformerGetOption) (cache.Informer, error) {
	if permanent(gvk) {
		return c.Cache.GetInformerForKind(ctx, gvk, opts...) //nolint:wrapcheck // passed through
	}
	obj, err := c.newObject(gvk)
	if err != nil {
		return nil, err
	}
	return c.kind(gvk, obj), nil
}

// RemoveInformer ends the watch of a kind for everybody, until it is asked for anew.
func (c *Cache) RemoveInformer(ctx context.Context, obj client.Object) error {
	gvk, err := apiutil.GVKForObject(obj, c.scheme)
	if err != nil {
		return fmt.Errorf("telling an object's kind: %w", err)
	}
	if permanent(gvk) {
		return c.Cache.RemoveInformer(ctx, obj) //nolint:wrapcheck // passed through
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := flavourOf(gvk, obj)
	if k, ok := c.kinds[key]; ok {
		delete(c.kinds, key)
		k.leave()
	}
	return nil
}

// IndexField adds an index, which comes and goes with the kind.
func (c *Cache) IndexField(ctx context.Context, obj client.Object, field string, extract client.IndexerFunc) error {
	gvk, err := apiutil.GVKForObject(obj, c.scheme)
	if err != nil {
		return fmt.Errorf("telling an object's kind: %w", err)
	}
	if permanent(gvk) {
		return c.Cache.IndexField(ctx, obj, field, extract) //nolint:wrapcheck // passed through
	}
	return c.kind(gvk, obj).index(ctx, field, extract)
}

// Get reads an object. Where the kind is not there, neither is the object.
func (c *Cache) Get(ctx context.Context, key client.ObjectKey, obj client.Object, opts ...client.GetOption) error {
	gvk, err := apiutil.GVKForObject(obj, c.scheme)
	if err != nil {
		return fmt.Errorf("telling an object's kind: %w", err)
	}
	if permanent(gvk) {
		return c.Cache.Get(ctx, key, obj, opts...) //nolint:wrapcheck // passed through
	}
	absent := func() error {
		guess, _ := meta.UnsafeGuessKindToResource(gvk)
		return apierrors.NewNotFound(guess.GroupResource(), key.Name)
	}
	return c.read(ctx, gvk, obj, func() error { return c.Cache.Get(ctx, key, obj, opts...) }, absent)
}

// List reads objects. Where the kind is not there, there are none.
func (c *Cache) List(ctx context.Context, list client.ObjectList, opts ...client.ListOption) error {
	gvk, obj, err := c.itemOf(list)
	if err != nil {
		return err
	}
	if permanent(gvk) {
		return c.Cache.List(ctx, list, opts...) //nolint:wrapcheck // passed through
	}
	empty := func() error { return meta.SetList(list, nil) }
	return c.read(ctx, gvk, obj, func() error { return c.Cache.List(ctx, list, opts...) }, empty)
}

// settlePoll is how often a read looks again while its kind is being bound. It
// is short because only the first reads after a start or a return ever wait.
const settlePoll = 10 * time.Millisecond

// read waits until it is known whether the kind is there, then calls present or
// absent. The kind can't leave during the call, which would leave an informer
// behind in the cache within.
func (c *Cache) read(ctx context.Context, gvk schema.GroupVersionKind, obj client.Object, present, absent func() error) error {
	if !c.started() {
		return &cache.ErrCacheNotStarted{}
	}
	k := c.kind(gvk, obj)
	var result error
	err := wait.PollUntilContextCancel(ctx, settlePoll, true, func(context.Context) (bool, error) {
		var done bool
		done, result = k.read(present, absent)
		return done, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for the cache of %s: %w", gvk.GroupKind(), err)
	}
	return result
}

// permanent says that a kind's group is Kubernetes' own: it does not come and go.
func permanent(gvk schema.GroupVersionKind) bool {
	return clientgoscheme.Scheme.IsGroupRegistered(gvk.Group) || gvk.Group == definitionGroup
}

func flavourOf(gvk schema.GroupVersionKind, obj runtime.Object) flavour {
	switch obj.(type) {
	case runtime.Unstructured:
		return flavour{gvk, "unstructured"}
	case *metav1.PartialObjectMetadata:
		return flavour{gvk, "metadata"}
	default:
		return flavour{gvk, "typed"}
	}
}
