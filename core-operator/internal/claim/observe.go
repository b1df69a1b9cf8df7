// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"errors"
	"fmt"
	"slices"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// observe finds what is there of the claim's resources, and judges what is not
// there or not as it should be.
func (r *Reconciler) observe(ctx context.Context, p *pass) (verdict, error) {
	if p.rendered != nil {
		return verdict{}, nil // chosen in this pass: nothing is there yet
	}
	if ref := p.status.ResourceRef; p.primary() == nil { // somebody else wrote the status
		return stop(claimapi.ReasonResourceLost, "status.resources does not list %s %s, which status.resourceRef names. "+
			"Give the claim the status of a backup, or delete it and make it again", ref.Kind, ref.Name), nil
	}
	for _, entry := range slices.Clone(p.status.Resources) {
		m, err := r.find(ctx, p, entry.ResourceReference)
		if errors.Is(err, contract.ErrNoKind) {
			return about(causeOf(claimapi.ReasonKindNotInstalled), claimapi.ReasonKindNotInstalled, entry.ResourceReference), nil
		}
		if err != nil {
			return verdict{}, err
		}
		if entry.Leaving {
			p.leave(entry, m)
			continue
		}
		v, m, err := r.inspect(ctx, p, entry, m)
		if err != nil || v.final() {
			return v, err
		}
		if m != nil {
			p.found[entry.Role] = m
		}
	}
	return verdict{}, nil
}

// find returns one of the claim's resources. That it is not there or not the
// claim's is only believed of the API server itself: what is known may be older
// than core's own last write.
func (r *Reconciler) find(ctx context.Context, p *pass, ref claimapi.ResourceReference) (*contract.Managed, error) {
	gk := groupKind(ref)
	if m := r.Kinds.Get(gk, ref.Name); m.BoundTo(p.claim.GetUID()) {
		return m, nil
	}
	m, err := r.Kinds.Confirmed(ctx, gk, ref.Name)
	if err != nil {
		return nil, fmt.Errorf("finding what belongs to the claim: %w", err)
	}
	return m, nil
}

// inspect judges one of the claim's resources. What is not there and never was
// ready is made later.
func (r *Reconciler) inspect(
	ctx context.Context, p *pass, entry claimapi.RenderedResource, m *contract.Managed,
) (verdict, *contract.Managed, error) {
	uid := p.claim.GetUID()
	switch {
	case m.BoundTo(uid) && m.Deleting() && reasonOf(m) == v1alpha1.ReasonCRDRemoved:
		return because(v1alpha1.ReasonCRDRemoved, m), nil, nil
	case m.BoundTo(uid) && m.Deleting():
		return about(causeOf(claimapi.ReasonResourceDeleting), claimapi.ReasonResourceDeleting, entry.ResourceReference), nil, nil
	case m.BoundTo(uid):
		return verdict{}, m, nil
	case !p.dynamic() && !p.wasBound():
		return r.bind(ctx, p, m)
	case m == nil && (!p.wasBound() || entry.ExternalName == ""):
		return verdict{}, nil, nil
	case m == nil:
		return lost(p, entry, "It does not exist any more"), nil, nil
	case p.wasBound():
		return lost(p, entry, "It exists and is not bound to this claim; to bind it: "+rebind(p, m)), nil, nil
	default:
		return stop(claimapi.ReasonNameTaken, "%s %s", entry.Kind, entry.Name), nil, nil
	}
}

// lost says that a resource that may have held data is gone.
func lost(p *pass, entry claimapi.RenderedResource, what string) verdict {
	return stop(claimapi.ReasonResourceLost, "%s %s (%s in the cloud). %s. To start with an empty one: delete this %s and make it again",
		entry.Kind, entry.Name, entry.ExternalName, what, p.kind.Kind)
}

// leave forgets a resource that was no longer wanted and is gone.
func (p *pass) leave(entry claimapi.RenderedResource, m *contract.Managed) {
	if m.BoundTo(p.claim.GetUID()) {
		return
	}
	p.status.Resources = slices.DeleteFunc(p.status.Resources, func(e claimapi.RenderedResource) bool { return e == entry })
}
