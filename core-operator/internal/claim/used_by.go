// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// usedBy says which application uses the claim, or runs on the cluster which the
// claim is; empty if there is none. What is known of applications may be older than
// the newest: it asks the API server itself.
func (r *Reconciler) usedBy(ctx context.Context, p *pass) (string, error) {
	here, err := r.clusters(ctx, p)
	if err != nil {
		return "", err
	}
	in := []client.ListOption{client.InNamespace(p.claim.GetNamespace())}
	if len(here) > 0 {
		in = nil // others may run on it too
	}
	user, err := contract.FindApplication(ctx, r.Live, func(a *contract.Application) bool {
		return a.Namespace == p.claim.GetNamespace() && p.isUsedBy(a) || slices.ContainsFunc(here, a.On)
	}, in...)
	switch {
	case err != nil || user == nil:
		return "", err
	case user.Namespace != p.claim.GetNamespace(): // which is nobody's business here
		return "A KubernetesApplication of another namespace", nil
	}
	return "KubernetesApplication " + user.Name, nil
}

// clusters returns the targets that were made of the claim.
func (r *Reconciler) clusters(ctx context.Context, p *pass) ([]string, error) {
	list := listOf("KubernetesTargetList")
	err := r.Live.List(ctx, list, client.MatchingLabels{v1alpha1.LabelClaimUID: string(p.claim.GetUID())})
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the target of the claim: %w", err)
	}
	names := make([]string, 0, len(list.Items))
	for i := range list.Items {
		names = append(names, list.Items[i].GetName())
	}
	return names, nil
}

func listOf(kind string) *unstructured.UnstructuredList {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: workload.Group, Version: workload.Version, Kind: kind})
	return list
}

// isUsedBy reports whether an application names the claim among what it uses.
func (p *pass) isUsedBy(a *contract.Application) bool {
	return Uses(a, p.kind.GroupKind(), p.claim.GetName())
}
