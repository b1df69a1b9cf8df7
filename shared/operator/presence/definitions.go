// SPDX-License-Identifier: Apache-2.0

package presence

import (
	"context"
	"fmt"
	"net/http"

	"github.com/go-logr/logr"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const definitionGroup = apiextensionsv1.GroupName

type uid = types.UID

// served names a kind and a version of it.
type served struct{ group, kind, version string }

func servedAs(gvk schema.GroupVersionKind) served { return served{gvk.Group, gvk.Kind, gvk.Version} }

// New returns a Cache; it is what a manager's NewCache wants. It needs the right
// to get, list and watch CustomResourceDefinitions.
func New(log logr.Logger) cache.NewCacheFunc {
	return func(config *rest.Config, opts cache.Options) (cache.Cache, error) {
		within, err := cache.New(config, opts)
		if err != nil {
			return nil, fmt.Errorf("making a cache: %w", err)
		}
		crds, err := newDefinitions(config, opts.HTTPClient)
		if err != nil {
			return nil, err
		}
		live, err := client.New(config, client.Options{HTTPClient: opts.HTTPClient, Scheme: opts.Scheme, Mapper: opts.Mapper})
		if err != nil {
			return nil, fmt.Errorf("making a client: %w", err)
		}
		return wrap(within, crds, live, opts.Scheme, log), nil
	}
}

// newDefinitions returns a cache of its own for CustomResourceDefinitions: they
// are reduced before they are kept, which the users of another cache might not want.
func newDefinitions(config *rest.Config, http *http.Client) (cache.Cache, error) {
	scheme := runtime.NewScheme()
	if err := apiextensionsv1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("registering CustomResourceDefinition: %w", err)
	}
	crds, err := cache.New(config, cache.Options{HTTPClient: http, Scheme: scheme, DefaultTransform: reduce})
	if err != nil {
		return nil, fmt.Errorf("making a cache of definitions: %w", err)
	}
	return crds, nil
}

// reduce keeps of a definition what says which kind it serves: without schemas
// a thousand of them take little memory.
func reduce(obj any) (any, error) {
	crd, ok := obj.(*apiextensionsv1.CustomResourceDefinition)
	if !ok {
		return obj, nil
	}
	small := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: crd.Name, UID: crd.UID, ResourceVersion: crd.ResourceVersion},
		Status:     apiextensionsv1.CustomResourceDefinitionStatus{Conditions: crd.Status.Conditions},
	}
	small.Spec.Group, small.Spec.Names.Kind = crd.Spec.Group, crd.Spec.Names.Kind
	for _, v := range crd.Spec.Versions {
		small.Spec.Versions = append(small.Spec.Versions, apiextensionsv1.CustomResourceDefinitionVersion{Name: v.Name, Served: v.Served})
	}
	return small, nil
}

// watchDefinitions keeps c.present level with the API server.
func (c *Cache) watchDefinitions(ctx context.Context) error {
	informer, err := c.crds.GetInformer(ctx, &apiextensionsv1.CustomResourceDefinition{}, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("watching definitions: %w", err)
	}
	handler, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc:    func(crd any) { c.changed(nil, crd) },
		UpdateFunc: c.changed,
		DeleteFunc: func(crd any) { c.changed(crd, nil) },
	})
	if err != nil {
		return fmt.Errorf("watching definitions: %w", err)
	}
	go func() {
		if toolscache.WaitForCacheSync(ctx.Done(), handler.HasSynced) {
			c.know()
		}
	}()
	go func() {
		if err := c.crds.Start(ctx); err != nil {
			c.log.Error(err, "cannot watch CustomResourceDefinitions")
		}
	}()
	return nil
}

// know is called when all definitions that are there have been seen.
func (c *Cache) know() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = true
	c.matchAll()
}

func (c *Cache) changed(before, after any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range serves(before) {
		delete(c.present, s)
	}
	if crd, ok := after.(*apiextensionsv1.CustomResourceDefinition); ok {
		for _, s := range serves(after) {
			c.present[s] = crd.UID
		}
	}
	c.matchAll()
}

// serves lists what a definition makes the API server serve. One that is being
// removed still does, until it is gone: objects with finalizers live on.
func serves(obj any) []served {
	if gone, ok := obj.(toolscache.DeletedFinalStateUnknown); ok {
		obj = gone.Obj
	}
	crd, ok := obj.(*apiextensionsv1.CustomResourceDefinition)
	if !ok || !established(crd) {
		return nil
	}
	var all []served
	for _, v := range crd.Spec.Versions {
		if v.Served {
			all = append(all, served{crd.Spec.Group, crd.Spec.Names.Kind, v.Name})
		}
	}
	return all
}

func established(crd *apiextensionsv1.CustomResourceDefinition) bool {
	for _, c := range crd.Status.Conditions {
		if c.Type == apiextensionsv1.Established {
			return c.Status == apiextensionsv1.ConditionTrue
		}
	}
	return false
}
