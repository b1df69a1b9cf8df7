// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// protected is a claim kind whose claims can keep themselves from being released.
type protected interface {
	Protected() bool
}

// release lets go of a claim that is deleted, once no application uses it. By the policy that stands on its
// resource everything is deleted, and the claim waits until that is proven; or
// everything stays, bound to a claim that is no more. The connection secret goes
// with the claim, whose it is.
func (r *Reconciler) release(ctx context.Context, p *pass) (verdict, error) {
	if !controllerutil.ContainsFinalizer(p.claim, claimapi.FinalizerClaim) {
		return verdict{gone: true}, nil
	}
	if c, can := p.claim.(protected); can && c.Protected() {
		return stop(claimapi.ReasonProtected, ""), nil
	}
	left, err := r.owned(ctx, p)
	if err != nil {
		return verdict{}, err
	}
	if !slices.ContainsFunc(left, (*contract.Managed).Deleting) { // else it is too late to keep it
		if user, err := r.usedBy(ctx, p); err != nil || user != "" {
			return stop(v1alpha1.ReasonInUse, "%s", user), err
		}
	}
	if waiting, err := r.close(ctx, p, left); err != nil || waiting != nil {
		return leaving(waiting), err
	}
	if left = reclaimed(left); len(left) == 0 {
		return verdict{gone: true}, r.letGo(ctx, p)
	}
	if gone, err := r.isGone(ctx, p); err != nil || gone {
		return verdict{gone: true}, err
	}
	if err := r.lastChange(ctx, p, left); err != nil {
		return verdict{}, err
	}
	waiting, err := r.dismantle(ctx, p, left)
	if err != nil {
		return verdict{}, err
	}
	return leaving(waiting), nil
}

// isGone asks the API server itself whether the claim is still there, before
// anything is deleted because of it: what was bound to a claim that is gone may
// have come back from a backup meanwhile.
func (r *Reconciler) isGone(ctx context.Context, p *pass) (bool, error) {
	now := &metav1.PartialObjectMetadata{}
	now.SetGroupVersionKind(p.kind)
	err := r.Live.Get(ctx, nameOf(p.claim), now)
	if apierrors.IsNotFound(err) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading %s %s: %w", p.kind.Kind, nameOf(p.claim), err)
	}
	return now.GetUID() != p.claim.GetUID(), nil
}

// reclaimed returns those resources that go with the claim. The primary one,
// which is the last, decides for all: what belongs to one that stays, stays.
func reclaimed(left []*contract.Managed) []*contract.Managed {
	if len(left) == 0 || left[len(left)-1].Spec.ReclaimPolicy == v1alpha1.ReclaimDelete {
		return left
	}
	return nil
}

// lastChange has the last change of the claim applied before its resources are
// deleted: it may be what allows that, such as the end of a protection.
func (r *Reconciler) lastChange(ctx context.Context, p *pass, left []*contract.Managed) error {
	untouched := !slices.ContainsFunc(left, (*contract.Managed).Deleting)
	if !p.dynamic() || !untouched || p.carriedOut() {
		return nil
	}
	for _, m := range left {
		for _, entry := range p.status.Resources {
			if entry.ResourceReference == referenceTo(m) && !entry.Leaving {
				p.found[entry.Role] = m
			}
		}
	}
	if _, missing := p.worst(); missing {
		return nil // nothing is made any more
	}
	p.carried = true
	_, err := r.update(ctx, p) // whatever it says, the deletion goes on
	return err
}

// carriedOut reports whether the spec as it is was rendered. The deletion itself
// counts as one change of the spec.
func (p *pass) carriedOut() bool { return p.claim.GetGeneration()-1 <= p.status.ObservedGeneration }

// leaving is the verdict on a claim that waits for m to be gone.
func leaving(m *contract.Managed) verdict {
	reason := reasonOf(m)
	v := because(reason, m)
	if v.actor != developer && v.actor != administrator {
		return about(causeOf(claimapi.ReasonDeleting), claimapi.ReasonDeleting, referenceTo(m))
	}
	return v
}
