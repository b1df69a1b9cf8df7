// SPDX-License-Identifier: Apache-2.0

// Package backup keeps what a control plane holds and can't make again, as tools for backups do, and
// brings it back to another one: docs/operations/recovery.md says what that is.
package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	operators         = "crossplane-system"
	connectionsPrefix = "crossplane-"
	connectionsSuffix = "-connections"

	groupSuffix   = ".crossplane.io"
	contractLabel = "crossplane.io/contract"
)

// Backup is what was kept, in the order in which it is brought back.
type Backup []*unstructured.Unstructured

// Take keeps every object of the operators' kinds, what core remembers of classes, and the secrets that
// connections and Providers need. What charts make and what operators write again is left out.
func Take(ctx context.Context, api client.Reader) (Backup, error) {
	kinds, err := kinds(ctx, api)
	if err != nil {
		return nil, err
	}
	var all Backup
	for _, kind := range kinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind)
		if err := api.List(ctx, list); err != nil {
			return nil, fmt.Errorf("backing up %s: %w", kind.Kind, err)
		}
		for i := range list.Items {
			if isKept(&list.Items[i]) {
				all = append(all, bare(&list.Items[i]))
			}
		}
	}
	return all, nil
}

// Restore brings everything back under new uids. What is there already stays as it is.
func (b Backup) Restore(ctx context.Context, api client.Writer) error {
	for _, object := range b {
		if err := api.Create(ctx, object.DeepCopy()); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("restoring %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

// Of returns the objects of some kinds.
func (b Backup) Of(kinds ...string) Backup {
	return slices.DeleteFunc(slices.Clone(b), func(o *unstructured.Unstructured) bool { return !slices.Contains(kinds, o.GetKind()) })
}

// In returns the objects in a namespace.
func (b Backup) In(namespace string) Backup {
	return slices.DeleteFunc(slices.Clone(b), func(o *unstructured.Unstructured) bool { return o.GetNamespace() != namespace })
}

// kinds are those that are kept. What others depend on comes first: secrets, Providers and classes,
// then managed resources, then claims, for which none must be made anew.
func kinds(ctx context.Context, api client.Reader) ([]schema.GroupVersionKind, error) {
	definitions := &unstructured.UnstructuredList{}
	definitions.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinitionList"})
	if err := api.List(ctx, definitions); err != nil {
		return nil, fmt.Errorf("finding the operators' kinds: %w", err)
	}
	slices.SortStableFunc(definitions.Items, func(a, b unstructured.Unstructured) int {
		return rank(a.GetLabels()[contractLabel]) - rank(b.GetLabels()[contractLabel])
	})
	kinds := []schema.GroupVersionKind{
		{Version: "v1", Kind: "SecretList"}, {Version: "v1", Kind: "ConfigMapList"},
		{Group: "apps", Version: "v1", Kind: "ControllerRevisionList"},
	}
	for _, d := range definitions.Items {
		group, _, _ := unstructured.NestedString(d.Object, "spec", "group")
		if !strings.HasSuffix(group, groupSuffix) {
			continue
		}
		kind, _, _ := unstructured.NestedString(d.Object, "spec", "names", "kind")
		versions, _, _ := unstructured.NestedSlice(d.Object, "spec", "versions")
		for _, v := range versions {
			if v, ok := v.(map[string]any); ok && v["storage"] == true {
				kinds = append(kinds, schema.GroupVersionKind{Group: group, Version: fmt.Sprint(v["name"]), Kind: kind + "List"})
			}
		}
	}
	return kinds, nil
}

func rank(contract string) int {
	order := []string{"provider", "", "managed", "claim"}
	if i := slices.Index(order, contract); i >= 0 {
		return i
	}
	return len(order)
}

// isKept leaves out what is others': Helm's secrets, those of claims, which core writes again, and what
// Kubernetes makes itself.
func isKept(o *unstructured.Unstructured) bool {
	own := o.GetNamespace() == operators
	switch o.GetKind() {
	case "Secret":
		kind, _, _ := unstructured.NestedString(o.Object, "type")
		return isConnections(o.GetNamespace()) || own && kind == "Opaque"
	case "ConfigMap":
		return own && o.GetName() != "kube-root-ca.crt"
	case "ControllerRevision":
		return own
	}
	return true
}

func isConnections(namespace string) bool {
	return strings.HasPrefix(namespace, connectionsPrefix) && strings.HasSuffix(namespace, connectionsSuffix)
}

// bare is an object without what belongs to the control plane that it was in.
func bare(o *unstructured.Unstructured) *unstructured.Unstructured {
	kept := o.DeepCopy()
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "ownerReferences"} {
		unstructured.RemoveNestedField(kept.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(kept.Object, "status")
	return kept
}
