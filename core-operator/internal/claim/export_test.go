// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
)

// Release makes the pass over a claim that is deleted, as a cache has it.
func (r *Reconciler) Release(ctx context.Context, c claimapi.Claim) error {
	_, err := r.release(ctx, newPass(c, r.kind, metav1.Now()))
	return err
}

// FirstName is the name of the primary resource that is made for a claim first.
func FirstName(c claimapi.Claim, namespace types.UID) string { return objectName(c, namespace, 1, "") }
