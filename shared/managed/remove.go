// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// remove deletes the cloud resource of an object that is being deleted and,
// once it is proven to be gone, lets the object go.
func (r *Reconciler[MR, Obs]) remove(ctx context.Context, mr MR) outcome {
	spec, _ := mr.Managed()
	switch {
	case !hasFinalizer(mr):
		return outcome{step: gone}
	case spec.Orphan():
		return r.release(ctx, mr)
	case isPaused(mr):
		return outcome{step: paused}
	}
	removed, err := r.crdRemoved(ctx)
	if err != nil {
		return failed("look at the CRD", err)
	}
	if removed && mr.GetAnnotations()[v1alpha1.AnnotationOnCRDRemoval] == v1alpha1.OnCRDRemovalOrphan {
		return r.release(ctx, mr)
	}
	if removed && mr.GetAnnotations()[v1alpha1.AnnotationOnCRDRemoval] != v1alpha1.OnCRDRemovalDelete {
		return refused(v1alpha1.ReasonCRDRemoved,
			"the kind's CRD is being removed: the cloud resource is kept. Annotate this object with %s=%s to leave it there, or =%s to delete it",
			v1alpha1.AnnotationOnCRDRemoval, v1alpha1.OnCRDRemovalOrphan, v1alpha1.OnCRDRemovalDelete)
	}
	return r.destroy(ctx, mr)
}

// destroy asks for the deletion of what is ours, and waits until it is gone.
func (r *Reconciler[MR, Obs]) destroy(ctx context.Context, mr MR) outcome {
	if err := r.resolve(ctx, mr, named); err != nil && !fault.Is(err, fault.Dependency) {
		return failed("look up references", err)
	}
	ext, err := r.connect(ctx, mr)
	if err != nil {
		return failed("connect", err)
	}
	obs, err := r.observe(ctx, ext, mr)
	if err != nil {
		return unseen(err)
	}
	if obs == nil {
		if r.settling(mr) > 0 {
			return outcome{step: deleting, note: "waiting for the cloud to show what it was asked to create"}
		}
		return r.release(ctx, mr)
	}
	o := r.judge(ext, mr, ext.Assess(mr, obs), outcome{step: deleting})
	inherited := !o.ours && r.identity(mr).OwnerOf(o.seen.Tags) == Inherited
	switch {
	case !o.ours && !inherited:
		return r.release(ctx, mr)
	case o.seen.State == Deleting:
		o.note = o.seen.Message
		return o
	case inherited: // the control plane before may still be there, and has to know first
		if err := r.adopt(ctx, ext, mr, obs, o.seen.Name); err != nil {
			return failed("adopt", err)
		}
		return outcome{step: deleting, note: "adopting " + o.seen.Name}
	case o.seen.Protected != "":
		o.err = fault.New(fault.Dependency, v1alpha1.ReasonDeletionProtected, "%s", o.seen.Protected)
		return o
	}
	if err := r.classify(ext.Delete(ctx, mr, obs)); err != nil && !fault.Is(err, fault.Gone) {
		o.err = explain("delete", err)
		return o
	}
	o.note = "asked for the deletion"
	return o
}

// unseen is a deletion for which nobody can look at what is to be deleted. Where
// that does not get better by itself it says the way out.
func unseen(err error) outcome {
	o := failed("look at the resource", err)
	if o.err.Terminal() {
		o.err.Err = fmt.Errorf("%w. Nothing is deleted unseen; to let this object go and leave the cloud as it is, set spec.deletionPolicy to %s",
			o.err.Err, v1alpha1.DeletionOrphan)
	}
	return o
}

// release lets the object go and leaves alone whatever there is in the cloud.
func (r *Reconciler[MR, Obs]) release(ctx context.Context, mr MR) outcome {
	if err := r.dropFinalizer(ctx, mr); err != nil {
		return failed("remove the finalizer", err)
	}
	return outcome{step: gone}
}

// crdRemoved reports whether the kind's CRD is being removed. It asks the API
// server itself: whoever removes a CRD deletes every object, and did not ask for
// the databases to go.
func (r *Reconciler[MR, Obs]) crdRemoved(ctx context.Context) (bool, error) {
	gvk, err := apiutil.GVKForObject(r.kind.New(), r.env.Kube.Scheme())
	if err != nil {
		return false, fmt.Errorf("find the kind: %w", err)
	}
	mapping, err := r.env.Kube.RESTMapper().RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return false, fmt.Errorf("find the CRD of %s: %w", gvk.Kind, err)
	}
	crd := &metav1.PartialObjectMetadata{}
	crd.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"})
	name := client.ObjectKey{Name: mapping.Resource.Resource + "." + gvk.Group}
	if err := r.env.Live.Get(ctx, name, crd); err != nil {
		if isNotFound(err) {
			return true, nil
		}
		return false, fmt.Errorf("read CRD %s: %w", name.Name, err)
	}
	return !crd.GetDeletionTimestamp().IsZero(), nil
}
