// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

var (
	// ErrAmbiguous says that several groups have a claim kind of that name.
	ErrAmbiguous = errors.New("several groups have a claim kind of that name")
	// ErrNotSynced says that the claims of a kind are not known yet.
	ErrNotSynced = errors.New("the claims are not known yet")
)

// Claims knows the claims of every kind, as kinds come and go, for those who use
// claims. It is a manager.Runnable.
type Claims struct {
	config      *rest.Config
	client      *http.Client
	definitions cache.SharedIndexInformer

	mu      sync.RWMutex
	watches map[schema.GroupKind]*watch
	changed []func(*Claim)
	running sync.WaitGroup
}

// NewClaims returns the claims of the API that config reaches.
func NewClaims(config *rest.Config) (*Claims, error) {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("making an HTTP client: %w", err)
	}
	definitions, err := newDefinitions(config, client)
	if err != nil {
		return nil, err
	}
	return &Claims{config: config, client: client, definitions: definitions, watches: map[schema.GroupKind]*watch{}}, nil
}

// OnChange calls f whenever a claim is new, changed or gone. To be called before
// Start; f must not block, nor change what it is given.
func (c *Claims) OnChange(f func(*Claim)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed = append(c.changed, f)
}

// Start follows the CRDs of claims, and their objects, until ctx ends.
func (c *Claims) Start(ctx context.Context) error {
	_, err := c.definitions.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { c.see(ctx, object) },
		UpdateFunc: func(_, object any) { c.see(ctx, object) },
		DeleteFunc: c.lose,
	})
	if err != nil {
		return fmt.Errorf("watching CRDs: %w", err)
	}
	c.definitions.RunWithContext(ctx)
	c.running.Wait()
	return nil
}

// NeedLeaderElection implements manager.LeaderElectionRunnable: a replica that
// waits to lead knows the claims already.
func (c *Claims) NeedLeaderElection() bool { return false }

// see follows the objects of a claim kind, unless that is done already.
func (c *Claims) see(ctx context.Context, object any) {
	crd, ok := object.(*apiextensionsv1.CustomResourceDefinition)
	if !ok {
		return
	}
	d := definitionOf(crd)
	gk := d.Kind.GroupKind()
	c.mu.Lock()
	defer c.mu.Unlock()
	current, wanted := c.watches[gk], d.Established && d.Contract == v1alpha1.ContractClaim
	if wanted && current != nil && current.follows(d) {
		return
	}
	c.end(gk)
	if !wanted || ctx.Err() != nil {
		return
	}
	w, err := newWatch(c.config, c.client, d, &Claim{}, &ClaimList{}, nil)
	if err != nil {
		return // a kind whose name no client can be made for: nothing to watch
	}
	if _, err := w.informer.AddEventHandler(c.handler()); err != nil {
		return // an informer that was not started takes every handler
	}
	watching, stop := context.WithCancel(ctx)
	w.stop = stop
	c.watches[gk] = w
	c.running.Go(func() { w.informer.RunWithContext(watching) })
}

// lose ends what is known of a kind whose CRD is gone.
func (c *Claims) lose(object any) {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	if crd, ok := object.(*apiextensionsv1.CustomResourceDefinition); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.end(definitionOf(crd).Kind.GroupKind())
	}
}

func (c *Claims) end(gk schema.GroupKind) {
	if w := c.watches[gk]; w != nil {
		w.stop()
		delete(c.watches, gk)
	}
}

func (c *Claims) handler() cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc: c.tell, UpdateFunc: func(_, object any) { c.tell(object) }, DeleteFunc: c.tell,
	}
}

func (c *Claims) tell(object any) {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	claim, ok := object.(*Claim)
	if !ok {
		return
	}
	c.mu.RLock()
	subscribers := c.changed
	c.mu.RUnlock()
	for _, f := range subscribers {
		f(claim)
	}
}

// WaitForSync returns when all kinds of claims are known. Their objects follow: Get
// says ErrNotSynced until then.
func (c *Claims) WaitForSync(ctx context.Context) error {
	if !cache.WaitForCacheSync(ctx.Done(), c.definitions.HasSynced) {
		return fmt.Errorf("waiting for the list of CRDs: %w", context.Cause(ctx))
	}
	return nil
}

// Get returns a claim as it is known, or nil where it is not there. Group may be
// empty where only one has a claim kind of that name. Errors are ErrNoKind,
// ErrAmbiguous and ErrNotSynced. Read only.
func (c *Claims) Get(group, kind, namespace, name string) (*Claim, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var found *watch
	for gk, w := range c.watches {
		if gk.Kind != kind || group != "" && gk.Group != group {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("looking for %s: %w", kind, ErrAmbiguous)
		}
		found = w
	}
	if found == nil {
		return nil, fmt.Errorf("looking for %s: %w", kind, ErrNoKind)
	}
	if !found.informer.HasSynced() {
		return nil, fmt.Errorf("looking for %s: %w", kind, ErrNotSynced)
	}
	object, _, _ := found.informer.GetStore().GetByKey(namespace + "/" + name)
	claim, _ := object.(*Claim)
	return claim, nil
}
