// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/contract"
)

// bind makes the resource that was chosen the claim's. Of two claims that try,
// the one whose write succeeds has won; the other chooses again.
func (r *Reconciler) bind(ctx context.Context, p *pass, m *contract.Managed) (verdict, *contract.Managed, error) {
	namespace, err := r.namespace(ctx, p)
	if err != nil {
		return verdict{}, nil, err
	}
	spec, err := specOf(p)
	if err != nil {
		return verdict{}, nil, err
	}
	if m == nil || m.Spec.ClaimRef != nil || !allowed(m, namespace) || unfit(m, r.kind, spec).final() {
		p.status.ResourceRef, p.status.Resources, p.status.Location = nil, nil, nil
		if v, err := r.match(ctx, p); err != nil || v.final() {
			return v, nil, err
		}
		m = r.Kinds.Get(groupKind(*p.status.ResourceRef), p.status.ResourceRef.Name)
	}
	if m == nil {
		return verdict{}, nil, errVanished
	}
	ref := p.reference()
	claimRef, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&ref)
	if err != nil {
		return verdict{}, nil, fmt.Errorf("writing a claim reference: %w", err)
	}
	bound, err := r.Kinds.Patch(ctx, m, map[string]any{"spec": map[string]any{"claimRef": claimRef}}, FieldManager)
	if err != nil {
		return verdict{}, nil, fmt.Errorf("binding: %w", err)
	}
	return verdict{}, bound, nil
}
