// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"context"
	"fmt"
	"strings"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// present brings an existing resource and the spec together, one step a pass.
func (r *Reconciler[MR, Obs]) present(ctx context.Context, ext External[MR, Obs], mr MR, obs *Obs) outcome {
	seen := ext.Assess(mr, obs)
	o := r.judge(ext, mr, seen, outcome{step: rested})
	spec, _ := mr.Managed()
	if spec.ObserveOnly() {
		return o
	}
	if !o.ours {
		return r.claim(ctx, ext, mr, obs, o)
	}
	if err := r.recordName(ctx, mr, seen.Name); err != nil {
		return failed("record the external name", err)
	}
	if seen.State == Deleting {
		o.note = "being deleted in the cloud, though not by this object"
		return o
	}
	if err := r.issue(ctx, ext, mr, &o); err != nil {
		o.err = explain("renew the credentials", err)
		return o
	}
	if isPaused(mr) {
		if len(seen.Drift) > 0 || rotationRequested(mr) && o.rotation == "" {
			o.step = paused
		}
		return o
	}
	return r.converge(ctx, ext, mr, obs, o)
}

// judge notes whose the resource is. An observation that belongs to someone
// else tells nothing about this object but that. What is inherited and can't be
// marked as this control plane's stays marked as it is, and is ours.
func (r *Reconciler[MR, Obs]) judge(ext External[MR, Obs], mr MR, seen Assessment, o outcome) outcome {
	o.seen = &seen
	_, adopts := ext.(Adopter[MR, Obs])
	owner := r.identity(mr).OwnerOf(seen.Tags)
	o.ours = owner == Ours || owner == Inherited && !adopts
	spec, status := mr.Managed()
	_, issues := ext.(Issuer[MR])
	o.keys = r.kind.Password == nil && !issues || status.ConnectionSecretRef != nil
	if spec.ObserveOnly() {
		o.ours, o.keys = true, true
	}
	return o
}

// claim makes a resource ours that nobody owns, if that is wanted, or that this
// object had in a control plane before; everything else that is not ours is left
// alone.
func (r *Reconciler[MR, Obs]) claim(ctx context.Context, ext External[MR, Obs], mr MR, obs *Obs, o outcome) outcome {
	name := o.seen.Name
	_, can := ext.(Adopter[MR, Obs])
	switch owner := r.identity(mr).OwnerOf(o.seen.Tags); {
	case owner == Foreign:
		return r.foreign(mr, o.seen)
	case owner == Nobodys && !wantsAdoption(mr):
		return refused(v1alpha1.ReasonAdoptionRequired,
			"%q exists and was not made by this object; to take it over, annotate this object with %s=%s, or choose another name",
			name, v1alpha1.AnnotationImport, v1alpha1.ImportAdopt)
	case !can:
		return refused(v1alpha1.ReasonAdoptionRequired, "%q exists, and resources of this kind can't be adopted", name)
	case isPaused(mr):
		return outcome{step: paused}
	}
	if err := r.adopt(ctx, ext, mr, obs, name); err != nil {
		return failed("adopt", err)
	}
	return outcome{step: updating, note: "adopting " + name}
}

// foreign says whose a resource is that is not ours, and what to do if it should be.
func (r *Reconciler[MR, Obs]) foreign(mr MR, seen *Assessment) outcome {
	owner, hub := seen.Tags[v1alpha1.TagOwner], seen.Tags[v1alpha1.TagHub]
	if owner != OwnerID(mr) {
		return refused(v1alpha1.ReasonForeignResource,
			"%q exists and belongs to another object (owner %s of control plane %s); choose another name", seen.Name, owner, hub)
	}
	return refused(v1alpha1.ReasonForeignResource,
		"%q is this object's in the control plane %s. If this one takes the other's place, give %s in the operator's --former-hubs; "+
			"if the other one has taken it over, delete this object: what is in the cloud stays", seen.Name, hub, hub)
}

// adopt marks a resource as ours. What shall be known of it is on the object before.
func (r *Reconciler[MR, Obs]) adopt(ctx context.Context, ext External[MR, Obs], mr MR, obs *Obs, name string) error {
	adopter, can := ext.(Adopter[MR, Obs])
	if !can {
		return errNoAdopter
	}
	if err := r.recordName(ctx, mr, name); err != nil {
		return err
	}
	return r.classify(adopter.Adopt(ctx, mr, obs, r.identity(mr).Tags()))
}

// converge takes the one next step that brings our resource to the spec.
func (r *Reconciler[MR, Obs]) converge(ctx context.Context, ext External[MR, Obs], mr MR, obs *Obs, o outcome) outcome {
	if err := r.credentials(ctx, ext, mr, obs, &o); err != nil {
		o.err = explain("set the password", err)
		return o
	}
	if o.step == updating {
		return o
	}
	if len(o.seen.Drift) > 0 && !o.seen.Busy {
		o.step = updating
		if err := r.classify(ext.Update(ctx, mr, obs)); err != nil {
			o.err = explain("change "+strings.Join(o.seen.Drift, ", "), err)
			return o
		}
	}
	if len(o.seen.Fixed) > 0 {
		o.err = fault.New(fault.Invalid, v1alpha1.ReasonImmutableFieldChanged,
			"can't be changed once it exists: %s; put the old value back, or make a new resource", strings.Join(o.seen.Fixed, ", "))
	}
	return o
}

// resolve looks up what mr refers to and puts the external names into mr. Of what
// is not good it tells the first.
func (r *Reconciler[MR, Obs]) resolve(ctx context.Context, mr MR, good func(Resource) bool) error {
	var first error
	for _, ref := range r.kind.References {
		names := ref.Names(mr)
		external := make([]string, 0, len(names))
		for _, n := range names {
			e, err := r.referent(ctx, ref, n, good)
			if first == nil {
				first = err
			}
			if err == nil {
				external = append(external, e)
			}
		}
		if len(external) > 0 && len(external) == len(names) {
			ref.Resolve(mr, external)
		}
	}
	return first
}

// named is good enough for what only has to be found, to be deleted: what it
// refers to may be on its way out itself, and wait for it.
func named(Resource) bool { return true }

// referent returns the external name of the object called name, once it is good.
func (r *Reconciler[MR, Obs]) referent(ctx context.Context, ref ReferenceField[MR], name string, good func(Resource) bool) (string, error) {
	obj, err := r.env.Kube.Scheme().New(ref.To)
	if err != nil {
		return "", fmt.Errorf("%s: %w", ref.Field, err)
	}
	to, ok := obj.(Resource)
	if !ok {
		return "", fmt.Errorf("%s: %w: %s", ref.Field, errNotManaged, ref.To.Kind)
	}
	if err := r.env.Kube.Get(ctx, clusterScoped(name), to); err != nil {
		if isNotFound(err) {
			return "", fault.New(fault.Dependency, v1alpha1.ReasonReferenceNotReady, "%s: there is no %s %q", ref.Field, ref.To.Kind, name)
		}
		return "", fmt.Errorf("%s: %w", ref.Field, err)
	}
	if e := ExternalName(to); e != "" && good(to) {
		return e, nil
	}
	return "", fault.New(fault.Dependency, v1alpha1.ReasonReferenceNotReady, "%s: %s %q is not ready yet", ref.Field, ref.To.Kind, name)
}
