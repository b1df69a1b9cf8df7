// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"errors"
	"fmt"
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// propose renders an option for the claim and commits to it: class revision,
// attempt, location and the names of all that will be made are on record before
// anything is made.
func (r *Reconciler) propose(ctx context.Context, p *pass, namespace *metav1.PartialObjectMetadata, o option) (verdict, error) {
	revision, err := r.revisionOf(ctx, o)
	if err != nil {
		return verdict{}, err
	}
	status := p.status.DeepCopy()
	p.status.Class = &claimapi.ChosenClass{Name: o.class.Name, Revision: revision}
	p.status.Location, p.status.Target = &o.location, o.target
	p.status.Attempt++
	v, err := r.render(ctx, p, namespace)
	if err != nil || v.final() {
		*p.status = *status // nothing was chosen
		return v, err
	}
	p.status.Resources = entries(p.rendered)
	ref := p.primary().ResourceReference
	p.status.ResourceRef = &ref
	return verdict{}, r.commit(ctx, p, p.creating())
}

// commit puts what was chosen on record. It fails if the claim has changed.
func (r *Reconciler) commit(ctx context.Context, p *pass, v verdict) error {
	if err := r.hold(ctx, p); err != nil {
		return err
	}
	r.judge(p, v)
	p.status.ObservedGeneration = p.claim.GetGeneration()
	changed, err := r.writeStatus(ctx, p)
	if changed {
		r.tell(ctx, p, v)
	}
	return err
}

// revisionOf returns the revision that keeps the option's class as it is now.
func (r *Reconciler) revisionOf(ctx context.Context, o option) (string, error) {
	name := class.RevisionName(o.class)
	_, _, err := r.Library.Compiled(ctx, name)
	if errors.Is(err, class.ErrNoRevision) {
		name, err = r.Library.Revisions.Record(ctx, o.class)
	}
	if err != nil {
		return "", fmt.Errorf("keeping class %s as it is: %w", o.class.Name, err)
	}
	return name, nil
}

// render computes what shall be there for the claim: with the class revision,
// location and attempt on record, and the claim as it is now.
func (r *Reconciler) render(ctx context.Context, p *pass, namespace *metav1.PartialObjectMetadata) (verdict, error) {
	compiled, v, err := r.compiled(ctx, p.status.Class.Revision)
	if err != nil || v.final() {
		return v, err
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(p.claim)
	if err != nil {
		return verdict{}, fmt.Errorf("reading %s %s: %w", p.kind.Kind, p.claim.GetName(), err)
	}
	primary := primaryRole(compiled)
	in := class.Input{
		Claim: content, Location: *p.status.Location, Target: r.target(p),
		ObjectName: func(role string) string {
			if name := p.recorded(role); name != "" {
				return name
			}
			if role == primary {
				role = ""
			}
			return objectName(p.claim, namespace.UID, p.status.Attempt, role)
		},
	}
	rendered, err := compiled.Render(in)
	if failure, ok := errors.AsType[*class.RenderError](err); ok {
		v := stop(claimapi.ReasonRenderFailed, "%s", failure.Error())
		v.actor = failure.Actor
		return v, nil
	}
	if err != nil {
		return verdict{}, fmt.Errorf("rendering class revision %s: %w", p.status.Class.Revision, err)
	}
	access, err := r.renderAccess(p, compiled, in, namespace)
	if err != nil {
		return verdict{}, err
	}
	rendered = append(rendered, access...)
	for i := range rendered {
		if err := p.own(rendered[i], compiled.Spec().ReclaimPolicy); err != nil {
			return verdict{}, err
		}
	}
	p.rendered = rendered
	return verdict{}, nil
}

// compiled returns a revision ready to render.
func (r *Reconciler) compiled(ctx context.Context, revision string) (*class.Compiled, verdict, error) {
	compiled, problems, err := r.Library.Compiled(ctx, revision)
	switch {
	case errors.Is(err, class.ErrNoRevision):
		return nil, stop(claimapi.ReasonRevisionNotFound, "There is no ControllerRevision %s in core's namespace", revision), nil
	case err != nil:
		return nil, verdict{}, fmt.Errorf("loading class revision %s: %w", revision, err)
	case len(problems) > 0:
		return nil, stop(claimapi.ReasonRenderFailed, "Revision %s: %s", revision, problems), nil
	case len(compiled.Missing()) > 0:
		return nil, stop(claimapi.ReasonKindNotInstalled, "There is no kind %s", compiled.Missing()[0].GroupKind()), nil
	}
	for _, kind := range compiled.Kinds() {
		if !r.Kinds.Synced(kind.GroupKind()) {
			return nil, stop(claimapi.ReasonForbidden, "It can't list them: %s", kind.GroupKind()), nil // one may be this claim's already
		}
	}
	return compiled, verdict{}, nil
}

// recorded returns the name of what is on record under a role, if anything is.
func (p *pass) recorded(role string) string {
	for _, entry := range p.status.Resources {
		if entry.Role == role {
			return entry.Name
		}
	}
	return ""
}

// own binds a rendered object to the claim, says what becomes of it, and notes
// what it was made of.
func (p *pass) own(one class.Rendered, policy v1alpha1.ReclaimPolicy) error {
	object, ref := one.Object, p.reference()
	object.SetLabels(with(object.GetLabels(), map[string]string{v1alpha1.LabelClaimUID: ref.UID}))
	object.SetAnnotations(with(object.GetAnnotations(), map[string]string{
		claimapi.AnnotationClass: p.status.Class.Name, claimapi.AnnotationRevision: p.status.Class.Revision, claimapi.AnnotationRole: one.Name,
	}))
	switch {
	case one.Target != "":
		policy = v1alpha1.ReclaimDelete // a path that nobody uses holds no data
	case policy == "":
		policy = v1alpha1.ReclaimRetain
	}
	claimRef, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&ref)
	if err != nil {
		return fmt.Errorf("writing a claim reference: %w", err)
	}
	for field, value := range map[string]any{"claimRef": claimRef, "reclaimPolicy": string(policy)} {
		if err := unstructured.SetNestedField(object.Object, value, "spec", field); err != nil {
			return fmt.Errorf("setting spec.%s of %s: %w", field, object.GetKind(), err)
		}
	}
	return nil
}

// with returns a map with the entries of another one added.
func with[V any](some, others map[string]V) map[string]V {
	out := maps.Clone(some)
	if out == nil {
		out = map[string]V{}
	}
	maps.Copy(out, others)
	return out
}

func primaryRole(c *class.Compiled) string {
	for _, resource := range c.Spec().Resources {
		if resource.Primary {
			return resource.Name
		}
	}
	return ""
}

// entries returns what the status says of what was rendered.
func entries(rendered []class.Rendered) []claimapi.RenderedResource {
	out := make([]claimapi.RenderedResource, 0, len(rendered))
	for _, one := range rendered {
		out = append(out, claimapi.RenderedResource{
			ResourceReference: claimapi.ResourceReference{
				APIVersion: one.Object.GetAPIVersion(), Kind: one.Object.GetKind(), Name: one.Object.GetName(),
			},
			Role: one.Name, Primary: one.Primary, Target: one.Target,
		})
	}
	return out
}
