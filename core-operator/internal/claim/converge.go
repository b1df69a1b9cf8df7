// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// converge has the claim's resources made and changed as the claim and the
// revision of its class say. Where that fails the claim stays as usable as it
// is: what is wrong is told by Synced.
func (r *Reconciler) converge(ctx context.Context, p *pass) (verdict, error) {
	if !p.dynamic() || p.rendered == nil && !r.outdated(p) && !r.moved(ctx, p) {
		p.synced = p.standing()
		return verdict{}, nil
	}
	p.carried = true
	v, err := r.update(ctx, p)
	if err != nil {
		return verdict{}, err
	}
	p.synced = v
	if m := p.resource(); m == nil && v.final() {
		return v, nil // there is nothing that could be used
	}
	return verdict{}, nil
}

// outdated reports whether the claim, the revision that it asks for, or what is
// there differ from what was rendered last.
func (r *Reconciler) outdated(p *pass) bool {
	if p.claim.GetGeneration() != p.status.ObservedGeneration || p.standing().final() {
		return true
	}
	if asked := p.askedRevision(); asked != "" && asked != p.status.Class.Revision {
		return true
	}
	return slices.ContainsFunc(p.status.Resources, func(entry claimapi.RenderedResource) bool {
		m := p.found[entry.Role]
		return !entry.Leaving && (m == nil || m.Generation != max(entry.Generation, 1))
	})
}

// standing returns what kept the spec from being carried out in an earlier pass:
// Synced, where its reason is of core's own and not of a resource.
func (p *pass) standing() verdict {
	synced := meta.FindStatusCondition(p.status.Conditions, v1alpha1.ConditionSynced)
	if synced == nil || synced.Status != metav1.ConditionFalse {
		return verdict{}
	}
	switch synced.Reason {
	case claimapi.ReasonFieldOwnedByOther, claimapi.ReasonRejected, claimapi.ReasonRenderFailed, claimapi.ReasonForbidden,
		claimapi.ReasonPrimaryChanged, claimapi.ReasonRevisionNotFound, claimapi.ReasonKindNotInstalled:
		c := causeOf(synced.Reason)
		return verdict{reason: synced.Reason, message: synced.Message, actor: c.actor, stalled: c.stalled}
	default:
		return verdict{}
	}
}

// update renders, puts on record what will be there, and applies it.
func (r *Reconciler) update(ctx context.Context, p *pass) (verdict, error) {
	if p.rendered == nil {
		if v, err := r.renderAgain(ctx, p); err != nil || v.final() {
			return v, err
		}
	}
	var taken []string
	for _, one := range inOrder(p.rendered) {
		v, err := r.apply(ctx, p, one)
		if err != nil {
			return verdict{}, err
		}
		if v.reason == claimapi.ReasonFieldOwnedByOther {
			taken = append(taken, v.message)
		} else if v.final() {
			return v, nil
		}
	}
	if len(taken) > 0 {
		v := stop(claimapi.ReasonFieldOwnedByOther, "")
		v.message = sentences(append([]string{v.message}, taken...)...)
		return v, nil
	}
	v := p.turned
	if !v.final() {
		v = p.closed
	}
	return v, r.prune(ctx, p)
}

// renderAgain renders a claim that has resources already, with the revision
// that it asks for.
func (r *Reconciler) renderAgain(ctx context.Context, p *pass) (verdict, error) {
	namespace, err := r.namespace(ctx, p)
	if err != nil {
		return verdict{}, err
	}
	was := *p.status.Class
	if err := r.turn(ctx, p); err != nil {
		return verdict{}, err
	}
	v, err := r.render(ctx, p, namespace)
	if err == nil && !v.final() && !keepsPrimary(p) {
		v = stop(claimapi.ReasonPrimaryChanged, "Revision %s would make another one than %s %s",
			p.status.Class.Revision, p.status.ResourceRef.Kind, p.status.ResourceRef.Name)
	}
	if err != nil || v.final() {
		p.rendered, *p.status.Class = nil, was
		return v, err
	}
	return verdict{}, r.announce(ctx, p)
}

// keepsPrimary reports whether what was rendered has the same primary resource.
func keepsPrimary(p *pass) bool {
	return slices.ContainsFunc(entries(p.rendered), func(e claimapi.RenderedResource) bool {
		return e.Primary && e.ResourceReference == *p.status.ResourceRef && e.Role == p.primary().Role
	})
}

// announce puts on record what is about to change in the list of resources:
// those that are new before they are made, those that are no longer wanted
// before they are deleted.
func (r *Reconciler) announce(ctx context.Context, p *pass) error {
	before := slices.Clone(p.status.Resources)
	wanted := entries(p.rendered)
	for i := range p.status.Resources {
		entry := &p.status.Resources[i]
		entry.Leaving = !contains(wanted, entry.ResourceReference) && (entry.Target == "" || p.keep == nil || !p.keep(entry.Target))
	}
	for _, entry := range wanted {
		if !contains(before, entry.ResourceReference) {
			p.status.Resources = append(p.status.Resources, entry)
		}
	}
	if slices.Equal(before, p.status.Resources) {
		return nil
	}
	_, err := r.writeStatus(ctx, p)
	return err
}

func contains(entries []claimapi.RenderedResource, ref claimapi.ResourceReference) bool {
	return slices.ContainsFunc(entries, func(e claimapi.RenderedResource) bool { return e.ResourceReference == ref })
}

// inOrder puts the primary resource first: the others are owned by it.
func inOrder(rendered []class.Rendered) []class.Rendered {
	out := slices.Clone(rendered)
	slices.SortStableFunc(out, func(a, b class.Rendered) int { return order(b.Primary) - order(a.Primary) })
	return out
}

// apply makes one resource, or changes it where it differs from what was rendered.
func (r *Reconciler) apply(ctx context.Context, p *pass, one class.Rendered) (verdict, error) {
	gk := one.Object.GroupVersionKind().GroupKind()
	live, err := r.Kinds.Live(ctx, gk, one.Object.GetName())
	if err == nil && live != nil && !isBoundTo(live, p) {
		return stop(claimapi.ReasonNameTaken, "%s %s", gk.Kind, one.Object.GetName()), nil
	}
	var taken []taking
	var result *unstructured.Unstructured
	if err == nil {
		belong(p, one)
		taken = takings(live, one.Object)
		leaveOut(one.Object, taken)
		if result = live; !applied(live, one.Object) {
			result, err = r.Kinds.Apply(ctx, one.Object, FieldManager)
		}
	}
	if err != nil {
		return refused(err, gk.Kind, one.Object.GetName())
	}
	if err := p.made(one.Name, result); err != nil {
		return verdict{}, err
	}
	return complain(result, taken), nil
}

func isBoundTo(live *unstructured.Unstructured, p *pass) bool {
	m, err := contract.FromUnstructured(live)
	return err == nil && m.BoundTo(p.claim.GetUID())
}

// belong makes a resource that is not primary a part of the one that is, so
// that it goes when somebody deletes that.
func belong(p *pass, one class.Rendered) {
	owner := p.resource()
	if one.Primary || owner == nil {
		return
	}
	one.Object.SetOwnerReferences([]metav1.OwnerReference{{
		APIVersion: owner.APIVersion, Kind: owner.Kind, Name: owner.Name, UID: owner.UID,
	}})
}

// made takes note of a resource as it is after it was applied.
func (p *pass) made(role string, u *unstructured.Unstructured) error {
	m, err := contract.FromUnstructured(u)
	if err != nil {
		return fmt.Errorf("reading what was applied: %w", err)
	}
	p.found[role] = m
	for i := range p.status.Resources {
		entry := &p.status.Resources[i]
		if entry.Role == role && max(entry.Generation, 1) != m.Generation {
			entry.Generation = m.Generation
		}
	}
	return nil
}

// refused turns what the API server says of an apply into a verdict, where it
// will say the same again.
func refused(err error, kind, name string) (verdict, error) {
	var said string
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		said = status.Status().Message
	}
	switch {
	case errors.Is(err, contract.ErrNoKind), apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err): // the last: it is going
		return stop(claimapi.ReasonKindNotInstalled, "There is no kind %s", kind), nil
	case apierrors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict): // taken just now
		return stop(claimapi.ReasonFieldOwnedByOther, "%s", said), nil
	case apierrors.IsForbidden(err):
		return stop(claimapi.ReasonForbidden, "%s", said), nil
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsRequestEntityTooLargeError(err):
		return stop(claimapi.ReasonRejected, "%s %s: %s", kind, name, said), nil
	default:
		return verdict{}, fmt.Errorf("applying what was rendered: %w", err)
	}
}

// prune deletes resources that are no longer wanted.
func (r *Reconciler) prune(ctx context.Context, p *pass) error {
	for _, entry := range p.status.Resources {
		if !entry.Leaving {
			continue
		}
		delete(p.found, entry.Role)
		m, err := r.find(ctx, p, entry.ResourceReference)
		if err != nil {
			return err
		}
		if !m.BoundTo(p.claim.GetUID()) || m.Deleting() {
			continue
		}
		if err := r.Kinds.Delete(ctx, m); err != nil {
			return fmt.Errorf("removing what is no longer wanted: %w", err)
		}
	}
	return nil
}
