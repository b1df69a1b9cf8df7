// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

// ErrNoKind says that the API server has no such kind (any more).
var ErrNoKind = errors.New("the kind is not installed")

// Live returns a managed resource as the API server has it now, whole, or nil
// where it is not there: the object, or the kind.
func (k *Kinds) Live(ctx context.Context, gk schema.GroupKind, name string) (*unstructured.Unstructured, error) {
	d, ok := k.Definition(gk)
	if !ok {
		return nil, fmt.Errorf("reading %s %s: %w", gk.Kind, name, ErrNoKind)
	}
	u, err := k.resource(d).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // absence is an answer, not a failure
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s %s: %w", gk.Kind, name, err)
	}
	return u, nil
}

// Confirmed returns a managed resource as the API server has it now. It returns
// nil only if the API server, having the kind, says that the object is not
// there; without the kind it returns ErrNoKind.
func (k *Kinds) Confirmed(ctx context.Context, gk schema.GroupKind, name string) (*Managed, error) {
	u, err := k.Live(ctx, gk, name)
	if err != nil {
		return nil, err
	}
	if u != nil {
		return FromUnstructured(u)
	}
	d, ok := k.Definition(gk)
	if !ok {
		return nil, fmt.Errorf("reading %s %s: %w", gk.Kind, name, ErrNoKind)
	}
	return nil, k.confirm(ctx, d)
}

// confirm tells an object that is not there from a kind that is not there: the
// API server answers alike.
func (k *Kinds) confirm(ctx context.Context, d *Definition) error {
	crds := apiextensionsv1.SchemeGroupVersion.WithResource("customresourcedefinitions")
	_, err := k.dynamic.Resource(crds).Get(ctx, d.Name(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("reading %s: %w", d.Name(), ErrNoKind)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", d.Name(), err)
	}
	return nil
}

// Apply creates or changes a managed resource by server-side apply as owner,
// without force: a field that another one owns makes the whole apply fail with
// a conflict. It returns the object as it is then.
func (k *Kinds) Apply(ctx context.Context, object *unstructured.Unstructured, owner string) (*unstructured.Unstructured, error) {
	gk := object.GroupVersionKind().GroupKind()
	d, ok := k.Definition(gk)
	if !ok || d.Removing {
		return nil, fmt.Errorf("applying %s %s: %w", gk.Kind, object.GetName(), ErrNoKind)
	}
	resource := k.dynamic.Resource(object.GroupVersionKind().GroupVersion().WithResource(d.Plural))
	out, err := resource.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: owner})
	if err != nil {
		return nil, fmt.Errorf("applying %s %s: %w", gk.Kind, object.GetName(), err)
	}
	return out, nil
}

// Patch changes m by a JSON merge patch, if it is still the object that m was
// read as; else it fails with a conflict.
func (k *Kinds) Patch(ctx context.Context, m *Managed, patch map[string]any, owner string) (*Managed, error) {
	d, ok := k.Definition(m.GroupVersionKind().GroupKind())
	if !ok {
		return nil, fmt.Errorf("changing %s %s: %w", m.Kind, m.Name, ErrNoKind)
	}
	body, err := json.Marshal(guarded(m, patch))
	if err != nil {
		return nil, fmt.Errorf("changing %s %s: %w", m.Kind, m.Name, err)
	}
	u, err := k.resource(d).Patch(ctx, m.Name, types.MergePatchType, body, metav1.PatchOptions{FieldManager: owner})
	if err != nil {
		return nil, fmt.Errorf("changing %s %s: %w", m.Kind, m.Name, err)
	}
	return FromUnstructured(u)
}

// guarded makes a patch fail where m is not what it was any more.
func guarded(m *Managed, patch map[string]any) map[string]any {
	metadata := map[string]any{"resourceVersion": m.ResourceVersion, "uid": string(m.UID)}
	if given, ok := patch["metadata"].(map[string]any); ok {
		maps.Copy(metadata, given)
	}
	out := map[string]any{"metadata": metadata}
	for key, value := range patch {
		if key != "metadata" {
			out[key] = value
		}
	}
	return out
}

// Delete asks for the deletion of m, if it is still the object that m was read
// as; else it fails with a conflict. That it is gone already is success.
func (k *Kinds) Delete(ctx context.Context, m *Managed) error {
	d, ok := k.Definition(m.GroupVersionKind().GroupKind())
	if !ok {
		return nil
	}
	err := k.resource(d).Delete(ctx, m.Name, metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &m.UID, ResourceVersion: &m.ResourceVersion},
	})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("deleting %s %s: %w", m.Kind, m.Name, err)
	}
	return nil
}

// allowed reports, by an error, that the API does not let us list a kind yet.
func (k *Kinds) allowed(ctx context.Context, d *Definition) error {
	_, err := k.resource(d).List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return fmt.Errorf("listing %s: %w", d.Name(), err)
	}
	return nil
}

func (k *Kinds) resource(d *Definition) dynamic.ResourceInterface {
	return k.dynamic.Resource(d.Resource())
}
