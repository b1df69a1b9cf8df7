// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// ErrNoKind says that a cluster has no such kind.
var ErrNoKind = errors.New("the target has no such kind")

// Tenant acts on a cluster as the account that applications have in a namespace
// there, and can do no more than that.
type Tenant struct {
	connection *Connection
	client     dynamic.Interface
	namespace  string
}

// Tenant returns what acts as the account of a namespace.
func (c *Connection) Tenant(namespace string) (*Tenant, error) {
	client, err := c.as(namespace)
	if err != nil {
		return nil, err
	}
	return &Tenant{connection: c, client: client, namespace: namespace}, nil
}

// Namespaced reports whether objects of a kind are in namespaces. A kind that the
// cluster does not serve is ErrNoKind.
func (t *Tenant) Namespaced(gvk schema.GroupVersionKind) (bool, error) {
	m, err := t.mapping(gvk)
	if err != nil {
		return false, err
	}
	return m.Scope.Name() == meta.RESTScopeNameNamespace, nil
}

func (t *Tenant) mapping(gvk schema.GroupVersionKind) (*meta.RESTMapping, error) {
	m, err := t.connection.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("%w: %s", ErrNoKind, gvk)
	}
	if err != nil {
		return nil, fmt.Errorf("looking up kind %s: %w", gvk, err)
	}
	return m, nil
}

func (t *Tenant) resource(k Key) (dynamic.ResourceInterface, error) {
	m, err := t.mapping(k.GroupVersionKind)
	if err != nil {
		return nil, err
	}
	return t.client.Resource(m.Resource).Namespace(k.Namespace), nil
}

// Get returns an object as the cluster has it now, or nil.
func (t *Tenant) Get(ctx context.Context, k Key) (*Object, error) {
	resource, err := t.resource(k)
	if err != nil {
		return nil, err
	}
	ctx, cancel := Limited(ctx)
	defer cancel()
	u, err := resource.Get(ctx, k.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // absence is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("reading it: %w", err)
	}
	return Reduce(u), nil
}

// Apply makes an object what u says, by server-side apply without force: a field
// that somebody else owns makes all of it fail with a conflict.
func (t *Tenant) Apply(ctx context.Context, u *unstructured.Unstructured) (*Object, error) {
	return t.apply(ctx, u, false)
}

// TakeBack does what Apply does, and takes fields from whoever set them since.
func (t *Tenant) TakeBack(ctx context.Context, u *unstructured.Unstructured) (*Object, error) {
	return t.apply(ctx, u, true)
}

func (t *Tenant) apply(ctx context.Context, u *unstructured.Unstructured, force bool) (*Object, error) {
	resource, err := t.resource(KeyOf(u))
	if err != nil {
		return nil, err
	}
	ctx, cancel := Limited(ctx)
	defer cancel()
	made, err := resource.Apply(ctx, u.GetName(), u, metav1.ApplyOptions{FieldManager: FieldManager, Force: force})
	if err != nil {
		return nil, fmt.Errorf("applying it: %w", err)
	}
	return Reduce(made), nil
}

// Delete asks for the deletion of an object, if it still is the one of that uid.
// One that is gone is no error.
func (t *Tenant) Delete(ctx context.Context, k Key, uid types.UID) error {
	resource, err := t.resource(k)
	if err != nil {
		return err
	}
	ctx, cancel := Limited(ctx)
	defer cancel()
	err = resource.Delete(ctx, k.Name, metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &uid}, PropagationPolicy: new(metav1.DeletePropagationBackground),
	})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("deleting it: %w", err)
	}
	return nil
}

// Seen returns an object as a watch sees it, nil where it sees none. Unless known
// no watch can say, and Get has to be asked.
func (t *Tenant) Seen(k Key) (o *Object, known bool) {
	s, err := t.scope(k)
	if err != nil {
		return nil, false
	}
	return t.connection.watches.seen(s, k.Name)
}

// Follow has the objects of an application watched by this account: those of the
// kinds and namespaces of keys, and no others.
func (t *Tenant) Follow(applicationUID string, keys []Key) {
	scopes := make([]scope, 0, len(keys))
	for _, k := range keys {
		if s, err := t.scope(k); err == nil {
			scopes = append(scopes, s)
		}
	}
	t.connection.watches.follow(applicationUID, t.namespace, scopes)
}

func (t *Tenant) scope(k Key) (scope, error) {
	m, err := t.mapping(k.GroupVersionKind)
	if err != nil {
		return scope{}, err
	}
	return scope{resource: m.Resource, account: t.namespace, namespace: k.Namespace}, nil
}
