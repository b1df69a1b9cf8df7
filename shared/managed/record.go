// SPDX-License-Identifier: Apache-2.0

package managed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

var (
	errNotManaged = errors.New("not a kind of managed resources")
	errObjectGone = errors.New("the object is gone")

	errNoAdopter        = errors.New("resources of the kind can't be adopted")
	errNoPasswordSetter = errors.New("the kind has a password and no way to set it")
)

// recordIntent puts on the object all that finds its cloud resource again:
// finalizer, owner id and external name, or the mark that a name will be
// assigned. It is one write, which fails if the object is stale or gone; then
// nothing is sent to the cloud.
func (r *Reconciler[MR, Obs]) recordIntent(ctx context.Context, mr MR) error {
	return r.amend(ctx, mr, func() {
		controllerutil.AddFinalizer(mr, v1alpha1.FinalizerManaged)
		owner := OwnerID(mr)
		annotate(mr, v1alpha1.AnnotationOwnerID, owner)
		switch {
		case r.kind.Naming == Assigned && !wantsAdoption(mr):
			annotate(mr, v1alpha1.AnnotationExternalName, "") // of one that is gone
			annotate(mr, v1alpha1.AnnotationCreateRequested, r.env.Clock.Now().UTC().Format(time.RFC3339))
		case ExternalName(mr) == "":
			annotate(mr, v1alpha1.AnnotationExternalName, r.kind.Name(mr, owner))
		}
	})
}

// recordName puts on the object what the cloud calls its resource, and ends the
// time in which that is unknown.
func (r *Reconciler[MR, Obs]) recordName(ctx context.Context, mr MR, name string) error {
	return r.amend(ctx, mr, func() {
		controllerutil.AddFinalizer(mr, v1alpha1.FinalizerManaged)
		annotate(mr, v1alpha1.AnnotationOwnerID, OwnerID(mr))
		annotate(mr, v1alpha1.AnnotationExternalName, name)
		annotate(mr, v1alpha1.AnnotationCreateRequested, "")
	})
}

func (r *Reconciler[MR, Obs]) dropFinalizer(ctx context.Context, mr MR) error {
	return r.amend(ctx, mr, func() { controllerutil.RemoveFinalizer(mr, v1alpha1.FinalizerManaged) })
}

// amend writes a change of mr's metadata, if there is one. It sends metadata
// only, so that references resolved in our copy stay there, and it fails if the
// object has changed or gone since it was read.
func (r *Reconciler[MR, Obs]) amend(ctx context.Context, mr MR, change func()) error {
	before := meta.AsPartialObjectMetadata(mr).DeepCopy()
	change()
	after := meta.AsPartialObjectMetadata(mr).DeepCopy()
	if maps.Equal(before.Annotations, after.Annotations) && len(before.Finalizers) == len(after.Finalizers) {
		return nil
	}
	gvk, err := r.env.Kube.GroupVersionKindFor(mr)
	if err != nil {
		return fmt.Errorf("find the kind: %w", err)
	}
	before.SetGroupVersionKind(gvk)
	after.SetGroupVersionKind(gvk)
	lock := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := r.env.Kube.Patch(ctx, after, lock, client.FieldOwner(r.env.Operator)); err != nil {
		if isNotFound(err) {
			return fmt.Errorf("%w: %w", errObjectGone, err)
		}
		return fmt.Errorf("write metadata: %w", err)
	}
	mr.SetResourceVersion(after.GetResourceVersion())
	return nil
}

func annotate(mr client.Object, key, value string) {
	a := maps.Clone(mr.GetAnnotations())
	if a == nil {
		a = map[string]string{}
	}
	if delete(a, key); value != "" {
		a[key] = value
	}
	mr.SetAnnotations(a)
}

// OwnerID is under which id mr owns its cloud resource: the first uid that the
// object ever had, kept by backup and restore.
func OwnerID(mr client.Object) string {
	if id := mr.GetAnnotations()[v1alpha1.AnnotationOwnerID]; id != "" {
		return id
	}
	return string(mr.GetUID())
}

// createRequested returns the time of a create call with unknown outcome, if any.
func createRequested(mr client.Object) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, mr.GetAnnotations()[v1alpha1.AnnotationCreateRequested])
	return t, err == nil
}

func hasFinalizer(mr client.Object) bool {
	return controllerutil.ContainsFinalizer(mr, v1alpha1.FinalizerManaged)
}

func isPaused(mr client.Object) bool {
	return mr.GetAnnotations()[v1alpha1.AnnotationPaused] == v1alpha1.PausedTrue
}

func wantsAdoption(mr client.Object) bool {
	return mr.GetAnnotations()[v1alpha1.AnnotationImport] == v1alpha1.ImportAdopt
}

func isReady(mr Resource) bool {
	_, status := mr.Managed()
	return meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady)
}

func clusterScoped(name string) client.ObjectKey { return client.ObjectKey{Name: name} }

func isNotFound(err error) bool { return apierrors.IsNotFound(err) }

func isObjectGone(err error) bool { return errors.Is(err, errObjectGone) }
