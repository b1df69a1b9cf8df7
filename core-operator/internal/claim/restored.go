// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// recognise finds the resource of a claim that has none on record and yet is
// not new: an administrator bound one to it, or it was restored from a backup.
// A restored claim has another uid than the one that its resource is bound to.
func (r *Reconciler) recognise(ctx context.Context, p *pass) (verdict, error) {
	if p.status.ResourceRef != nil || p.status.Attempt > 0 { // what an earlier attempt made is no surprise
		return verdict{}, nil
	}
	if bound := r.Kinds.BoundTo(p.claim.GetUID()); r.offering(bound) != nil {
		return r.resume(ctx, p, bound)
	}
	if p.spec.ResourceRef != nil {
		return verdict{}, nil // asks for one by name: nothing takes another one's place
	}
	if left := r.Kinds.Named(p.reference()); len(left) > 0 {
		return r.released(p, left), nil
	}
	if p.restored() {
		return stop(claimapi.ReasonRestoreNeeded, "Restore its managed resource from the backup, too. To start with a new, empty one: "+
			"kubectl annotate %s.%s %s -n %s %s-", strings.ToLower(p.kind.Kind), p.kind.Group,
			p.claim.GetName(), p.claim.GetNamespace(), claimapi.AnnotationIdentity), nil
	}
	return verdict{}, nil
}

// restored reports whether core saw a claim of this name before, under another uid.
func (p *pass) restored() bool {
	was, known := p.claim.GetAnnotations()[claimapi.AnnotationIdentity]
	own := p.claim.GetNamespace() + "/" + p.claim.GetName() + "/"
	return known && strings.HasPrefix(was, own) && was != own+string(p.claim.GetUID())
}

// offering returns the resource that satisfies a claim of this kind.
func (r *Reconciler) offering(resources []*contract.Managed) *contract.Managed {
	for _, m := range resources {
		if offer := m.Status.Offers; offer != nil && offer.Group == r.kind.Group && offer.Kind == r.kind.Kind {
			return m
		}
	}
	if len(resources) == 1 {
		return resources[0]
	}
	return nil
}

// released says how the resources of a former claim of this name can be bound
// to this one, or given up.
func (r *Reconciler) released(p *pass, left []*contract.Managed) verdict {
	commands := make([]string, 0, len(left))
	for _, m := range left {
		commands = append(commands, rebind(p, m))
	}
	return stop(claimapi.ReasonRestoreNeeded, "To bind it again: %s. To start with a new, empty one: delete what is left (%s) or remove its spec.claimRef",
		strings.Join(commands, " && "), strings.Join(names(left), ", "))
}

// rebind returns the command that binds m to the claim. A claimRef can be
// removed and set, not changed.
func rebind(p *pass, m *contract.Managed) string {
	ref, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"labels": map[string]any{v1alpha1.LabelClaimUID: p.claim.GetUID()}},
		"spec":     map[string]any{"claimRef": p.reference()},
	})
	if err != nil {
		return ""
	}
	patch := fmt.Sprintf("kubectl patch %s %s --type=merge -p", resourceName(referenceTo(m)), m.Name)
	if m.Spec.ClaimRef == nil {
		return fmt.Sprintf("%s '%s'", patch, ref)
	}
	return fmt.Sprintf(`%s '{"spec":{"claimRef":null}}' && %s '%s'`, patch, patch, ref)
}

func names(resources []*contract.Managed) []string {
	out := make([]string, 0, len(resources))
	for _, m := range resources {
		out = append(out, m.Kind+" "+m.Name)
	}
	return out
}

// resume puts resources on record that are bound to the claim already. Those
// that a class made for it, before a backup was restored, it has as before.
func (r *Reconciler) resume(ctx context.Context, p *pass, bound []*contract.Managed) (verdict, error) {
	primary := r.offering(bound)
	made := primary.Annotations
	byClass := !p.spec.Static() && made[claimapi.AnnotationClass] != ""
	if byClass && primary.Status.Location == nil {
		return about(causeOf(claimapi.ReasonResourceNotReady), claimapi.ReasonResourceNotReady, referenceTo(primary)), nil
	}
	record(p, primary)
	if byClass {
		p.status.Class = &claimapi.ChosenClass{Name: made[claimapi.AnnotationClass], Revision: made[claimapi.AnnotationRevision]}
		p.status.Attempt = 1
		p.status.Resources = nil
		for _, m := range bound {
			p.status.Resources = append(p.status.Resources, claimapi.RenderedResource{
				ResourceReference: referenceTo(m), Role: m.Annotations[claimapi.AnnotationRole], Primary: m == primary, ExternalName: m.ExternalName(),
			})
		}
	}
	return verdict{}, r.commit(ctx, p, about(causeOf(claimapi.ReasonBinding), claimapi.ReasonBinding, *p.status.ResourceRef))
}

// record puts a resource that was not made for the claim on record as the one
// that the claim is bound to.
func record(p *pass, m *contract.Managed) {
	ref := referenceTo(m)
	p.status.ResourceRef = &ref
	p.status.Resources = []claimapi.RenderedResource{{ResourceReference: ref, Role: boundRole, Primary: true}}
	p.status.Location = m.Status.Location.DeepCopy()
}
