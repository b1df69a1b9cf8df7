// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
)

// choose decides what shall satisfy a claim for which nothing was chosen yet,
// or for which what was chosen could not be had.
func (r *Reconciler) choose(ctx context.Context, p *pass) (verdict, error) {
	switch {
	case p.status.ResourceRef != nil:
		return verdict{}, nil
	case p.spec.Static():
		return r.match(ctx, p)
	}
	namespace, err := r.namespace(ctx, p)
	if err != nil {
		return verdict{}, err
	}
	if namespace.DeletionTimestamp != nil {
		return stop(claimapi.ReasonDeleting, "The namespace is being deleted"), nil
	}
	classes, v, err := r.chooser().classes(ctx, p.claim, namespace)
	if err != nil || v.final() {
		return v, err
	}
	option, v, err := r.locate(p, classes)
	if err != nil || v.final() {
		return v, err
	}
	return r.propose(ctx, p, namespace, option)
}

func (r *Reconciler) chooser() Chooser { return Chooser{Kube: r.Kube, Kind: r.kind} }

// namespace returns the metadata of the claim's namespace.
func (r *Reconciler) namespace(ctx context.Context, p *pass) (*metav1.PartialObjectMetadata, error) {
	return NamespaceOf(ctx, r.Kube, p.claim.GetNamespace())
}
