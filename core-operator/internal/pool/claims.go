// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// carryOut does what was decided for a pool, each step only after it is on record.
func (p *Pools) carryOut(ctx context.Context, w *world, f *fleet) error {
	if f.deleting() && f.pool.Spec.DeletionPolicy == v1alpha1.DeletionOrphan {
		return p.hold(ctx, f, false)
	}
	if len(f.members) > 0 && !f.deleting() {
		if err := p.hold(ctx, f, true); err != nil {
			return err
		}
	}
	if err := p.record(ctx, w, f); err != nil {
		return err
	}
	made, err := p.create(ctx, w, f)
	err = errors.Join(err, p.delete(ctx, f))
	if made {
		err = errors.Join(err, p.record(ctx, w, f))
	}
	if err == nil && f.deleting() && len(f.members) == 0 {
		return p.hold(ctx, f, false)
	}
	return err
}

// hold puts the finalizer on a pool, or takes it off.
func (p *Pools) hold(ctx context.Context, f *fleet, on bool) error {
	if controllerutil.ContainsFinalizer(f.recorded, compute.FinalizerClusterPool) == on {
		return nil
	}
	to := f.recorded.DeepCopy()
	if on {
		controllerutil.AddFinalizer(to, compute.FinalizerClusterPool)
	} else {
		controllerutil.RemoveFinalizer(to, compute.FinalizerClusterPool)
	}
	lock := client.MergeFromWithOptions(f.recorded, client.MergeFromWithOptimisticLock{})
	if err := p.Kube.Patch(ctx, to, lock, client.FieldOwner(fieldManager)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("writing the finalizer of pool %s: %w", f.pool.Name, err)
	}
	f.recorded = to
	return nil
}

// create makes the claims of the clusters that are on record without one.
func (p *Pools) create(ctx context.Context, w *world, f *fleet) (made bool, err error) {
	for _, m := range slices.Clone(f.members) {
		if m.State != compute.ClusterPending || m.claim != nil {
			continue
		}
		c := f.claim(m)
		if c == nil { // its template went before it was made
			f.drop(m)
			made = true
			continue
		}
		err := p.Kube.Create(ctx, c, client.FieldOwner(fieldManager))
		switch {
		case err == nil:
			m.claim, m.UID = c, c.UID
			made = true
		case apierrors.IsAlreadyExists(err): // the next pass finds out whose it is
			w.again(w.now.Add(p.Pause))
		case apierrors.IsInvalid(err), apierrors.IsForbidden(err), apierrors.IsBadRequest(err), apierrors.IsNotFound(err):
			f.sayf(corev1.EventTypeWarning, compute.ReasonClaimRefused, "Cluster %s: the claim is refused: %s", m.Name, err)
			f.blame(w, m.Template, compute.ReasonClaimRefused, err.Error())
			f.drop(m)
			made = true
			w.again(w.now.Add(p.Pause))
		default:
			return made, fmt.Errorf("making the claim of cluster %s: %w", m.Name, err)
		}
	}
	return made, nil
}

func (f *fleet) drop(gone *member) {
	f.members = slices.DeleteFunc(f.members, func(m *member) bool { return m == gone })
}

// claim is what a cluster is asked for by; nil where its template is no longer there.
func (f *fleet) claim(m *member) *compute.KubernetesCluster {
	t := f.template(m.Template)
	if t == nil {
		return nil
	}
	c := &compute.KubernetesCluster{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: f.pool.Spec.Namespace, Name: m.Name,
			Labels:      map[string]string{v1alpha1.LabelPool: f.pool.Name},
			Annotations: map[string]string{compute.AnnotationPoolUID: string(f.pool.UID), compute.AnnotationPoolRegion: t.Location.Region},
		},
		Spec: compute.KubernetesClusterSpec{Version: t.Version, NodePools: t.NodePools, Endpoint: t.Endpoint},
	}
	c.Spec.ClassRef = &t.ClassRef
	return c
}

// delete deletes the claims of the clusters that are to go.
func (p *Pools) delete(ctx context.Context, f *fleet) error {
	for _, m := range f.members {
		if m.State != compute.ClusterDeleting || m.claim == nil || m.claim.DeletionTimestamp != nil {
			continue
		}
		err := p.Kube.Delete(ctx, m.claim, client.Preconditions{UID: &m.claim.UID})
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("deleting the claim of cluster %s: %w", m.Name, err)
		}
	}
	return nil
}
