// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// usersAtOnce is how many applications are read at a time.
const usersAtOnce = 100

// usedBy returns the name of an application that uses the claim; empty if there is
// none. It asks the API server itself: core has no other use for applications.
func (r *Reconciler) usedBy(ctx context.Context, p *pass) (string, error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: workload.Group, Version: workload.Version, Kind: "KubernetesApplicationList"})
	for {
		err := r.Live.List(ctx, list, client.InNamespace(p.claim.GetNamespace()), client.Limit(usersAtOnce), client.Continue(list.GetContinue()))
		if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return "", nil // nobody has the means to run applications
		}
		if err != nil {
			return "", fmt.Errorf("looking for applications that use %s: %w", nameOf(p.claim), err)
		}
		for i := range list.Items {
			if p.isUsedBy(&list.Items[i]) {
				return list.Items[i].GetName(), nil
			}
		}
		if list.GetContinue() == "" {
			return "", nil
		}
	}
}

// isUsedBy reports whether an application names the claim among what it uses.
func (p *pass) isUsedBy(application *unstructured.Unstructured) bool {
	app := &workload.KubernetesApplication{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(application.Object, app); err != nil {
		return false // the API server lets none in that does not fit the schema
	}
	return slices.ContainsFunc(app.Spec.Uses, func(use workload.Use) bool {
		return use.Kind == p.kind.Kind && use.Name == p.claim.GetName() && (use.Group == "" || use.Group == p.kind.Group)
	})
}
