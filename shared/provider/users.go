// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// usersField is the selectable field of managed resources that names their Provider.
const usersField = "spec.providerRef.name"

// A message names at most examples users and counts the others up to counted.
const (
	examples = 5
	counted  = 500
)

// users finds out who uses a Provider.
type users struct{ kinds []schema.GroupVersionKind }

func usersOf(objects []client.Object, mgr ctrl.Manager) (users, error) {
	var u users
	for _, o := range objects {
		gvk, err := apiutil.GVKForObject(o, mgr.GetScheme())
		if err != nil {
			return users{}, fmt.Errorf("finding the kinds that use Providers: %w", err)
		}
		u.kinds = append(u.kinds, gvk)
	}
	return u, nil
}

// of says in words who uses the Provider; empty if certainly nobody does. It
// asks the API server itself: a cache might not show the newest user yet.
func (u users) of(ctx context.Context, live client.Reader, provider string) (string, error) {
	var names []string
	total, more := 0, false
	for _, gvk := range u.kinds {
		list, err := u.list(ctx, live, gvk, provider)
		if err != nil {
			return "", err
		}
		total += len(list.Items)
		more = more || list.Continue != ""
		for _, o := range list.Items {
			if len(names) < examples {
				names = append(names, strings.ToLower(gvk.Kind)+"/"+o.Name)
			}
		}
	}
	return describe(total, more, names), nil
}

func (u users) list(ctx context.Context, live client.Reader, gvk schema.GroupVersionKind, provider string) (*metav1.PartialObjectMetadataList, error) {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
	err := live.List(ctx, list, client.MatchingFields{usersField: provider}, client.Limit(counted))
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return list, nil // No CRD, no objects.
	}
	if err != nil {
		return nil, fmt.Errorf("looking for users of kind %s: %w", gvk.Kind, err)
	}
	return list, nil
}

func describe(total int, more bool, names []string) string {
	if total == 0 {
		return ""
	}
	resources, count := "managed resources", fmt.Sprint(total)
	if more {
		count = "more than " + count
	} else if total == 1 {
		resources = "managed resource"
	}
	text := fmt.Sprintf("in use by %s %s: %s", count, resources, strings.Join(names, ", "))
	if total > len(names) || more {
		text += ", ..."
	}
	return text
}
