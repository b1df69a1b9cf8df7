// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"fmt"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// rotate hands a request for a new password on to the resource, and answers it
// once the new password is in the claim's secret: this step comes after that.
func (r *Reconciler) rotate(ctx context.Context, p *pass) (verdict, error) {
	asked := p.claim.GetAnnotations()[v1alpha1.AnnotationRotatePasswordRequestedAt]
	m := p.resource()
	if asked == "" || asked == p.status.LastHandledRotationAt {
		return verdict{}, nil
	}
	if m.Status.LastHandledRotationAt == asked {
		p.status.LastHandledRotationAt = asked
		return verdict{}, nil
	}
	if m.Annotations[v1alpha1.AnnotationRotatePasswordRequestedAt] == asked {
		return verdict{}, nil
	}
	patch := map[string]any{"metadata": map[string]any{"annotations": map[string]any{v1alpha1.AnnotationRotatePasswordRequestedAt: asked}}}
	if _, err := r.Kinds.Patch(ctx, m, patch, FieldManager); err != nil {
		return verdict{}, fmt.Errorf("asking for a new password: %w", err)
	}
	return verdict{}, nil
}
