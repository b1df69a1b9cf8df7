// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// hold puts the finalizer and the claim's identity on it, in one write that
// fails if the claim is stale or gone. From then on it can't go before it was
// released.
func (r *Reconciler) hold(ctx context.Context, p *pass) error {
	return r.amend(ctx, p, func() {
		controllerutil.AddFinalizer(p.claim, claimapi.FinalizerClaim)
		annotations := maps.Clone(p.claim.GetAnnotations())
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[claimapi.AnnotationIdentity] = identity(p.claim)
		p.claim.SetAnnotations(annotations)
	})
}

// letGo removes the finalizer.
func (r *Reconciler) letGo(ctx context.Context, p *pass) error {
	err := r.amend(ctx, p, func() { controllerutil.RemoveFinalizer(p.claim, claimapi.FinalizerClaim) })
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// amend writes a change of the claim's metadata, if there is one, and nothing
// else of it. It fails if the claim has changed or gone since it was read.
func (r *Reconciler) amend(ctx context.Context, p *pass, change func()) error {
	before := meta.AsPartialObjectMetadata(p.claim).DeepCopy()
	change()
	after := meta.AsPartialObjectMetadata(p.claim).DeepCopy()
	if equality.Semantic.DeepEqual(before.ObjectMeta, after.ObjectMeta) {
		return nil
	}
	before.SetGroupVersionKind(p.kind)
	after.SetGroupVersionKind(p.kind)
	lock := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := r.Kube.Patch(ctx, after, lock, client.FieldOwner(FieldManager)); err != nil {
		return fmt.Errorf("writing the metadata of %s %s: %w", p.kind.Kind, client.ObjectKeyFromObject(p.claim), err)
	}
	p.claim.SetResourceVersion(after.GetResourceVersion())
	r.written.note(p.claim)
	p.before.SetResourceVersion(after.GetResourceVersion())
	p.before.SetAnnotations(after.GetAnnotations())
	p.before.SetFinalizers(after.GetFinalizers())
	return nil
}

// conclude writes what the pass found, if that is new, and tells of it.
func (r *Reconciler) conclude(ctx context.Context, p *pass, v verdict) error {
	r.judge(p, v)
	changed, err := r.writeStatus(ctx, p)
	if changed {
		r.tell(ctx, p, v)
	}
	return err
}

// judge puts a verdict into the status.
func (r *Reconciler) judge(p *pass, v verdict) {
	if p.synced.final() && v.actor == v1alpha1.ActorNone {
		p.status.Actor = p.synced.actor
	} else {
		p.status.Actor = v.actor
	}
	if p.carried || !p.dynamic() {
		p.status.ObservedGeneration = p.claim.GetGeneration()
	}
	synced := p.synced
	if !synced.final() && !v.ready && p.status.ResourceRef == nil {
		synced = v // nothing was done with the spec yet
	}
	p.status.Conditions = after(p.status.Conditions, v, synced, p.claim.GetGeneration(), p.now)
}

// writeStatus writes the status if it differs from what is stored. It fails if
// the claim has changed or gone since it was read.
func (r *Reconciler) writeStatus(ctx context.Context, p *pass) (bool, error) {
	_, stored := p.before.Claim()
	if equality.Semantic.DeepEqual(stored, p.status) {
		return false, nil
	}
	sent, _ := p.claim.DeepCopyObject().(claimapi.Claim)
	lock := client.MergeFromWithOptions(p.before, client.MergeFromWithOptimisticLock{})
	if err := r.Kube.Status().Patch(ctx, sent, lock, client.FieldOwner(FieldManager)); err != nil {
		return false, fmt.Errorf("writing the status of %s %s: %w", p.kind.Kind, client.ObjectKeyFromObject(p.claim), err)
	}
	p.claim.SetResourceVersion(sent.GetResourceVersion())
	r.written.note(p.claim)
	p.stored()
	return true, nil
}

// identity is what AnnotationIdentity holds.
func identity(c claimapi.Claim) string {
	return c.GetNamespace() + "/" + c.GetName() + "/" + string(c.GetUID())
}
