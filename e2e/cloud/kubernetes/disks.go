// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	// storageClass is the default one.
	storageClass = "standard"
	// provisioner is who makes the volumes of its claims.
	provisioner = "disks.local-cloud"
	// isDefault, on a StorageClass, makes it the one of claims that name none.
	isDefault = "storageclass.kubernetes.io/is-default-class"
	// wantedFrom, on a claim, names who is to make its volume now: for a class that
	// waits for a consumer not before the scheduler has chosen a node.
	wantedFrom = "volume.kubernetes.io/storage-provisioner"
	// madeBy, on a volume, keeps the controller manager from removing it itself.
	madeBy = "pv.kubernetes.io/provisioned-by"
)

// disks make volumes for claims of the cloud's own class, and remove them when
// their claims are gone. There is no disk behind one.
type disks struct {
	api client.Client
}

func (s *server) addDisks(ctx context.Context, mgr ctrl.Manager) error {
	if err := s.api.Create(ctx, newStorageClass()); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("making the StorageClass: %w", err)
	}
	d := &disks{api: mgr.GetClient()}
	err := ctrl.NewControllerManagedBy(mgr).Named("claims").For(&corev1.PersistentVolumeClaim{}).
		Complete(s.tell("cannot make a volume", d.make))
	if err != nil {
		return fmt.Errorf("following claims of volumes: %w", err)
	}
	err = ctrl.NewControllerManagedBy(mgr).Named("volumes").For(&corev1.PersistentVolume{}).
		Complete(s.tell("cannot remove a volume", d.remove))
	if err != nil {
		return fmt.Errorf("following volumes: %w", err)
	}
	return nil
}

func newStorageClass() *storagev1.StorageClass {
	return &storagev1.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: storageClass, Labels: map[string]string{keeper: ""}, Annotations: map[string]string{isDefault: "true"}},
		Provisioner: provisioner, VolumeBindingMode: new(storagev1.VolumeBindingWaitForFirstConsumer),
		ReclaimPolicy: new(corev1.PersistentVolumeReclaimDelete),
	}
}

func (d *disks) make(ctx context.Context, req reconcile.Request) error {
	claim := &corev1.PersistentVolumeClaim{}
	if err := d.api.Get(ctx, req.NamespacedName, claim); err != nil {
		return client.IgnoreNotFound(err) //nolint:wrapcheck // the log says which object
	}
	if claim.Annotations[wantedFrom] != provisioner || claim.Spec.VolumeName != "" || !claim.DeletionTimestamp.IsZero() {
		return nil
	}
	if err := d.api.Create(ctx, newVolume(claim)); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("making a volume: %w", err)
	}
	return nil
}

// newVolume returns the volume of a claim; its name follows from the claim, so that
// none is made twice.
func newVolume(claim *corev1.PersistentVolumeClaim) *corev1.PersistentVolume {
	name := "pvc-" + string(claim.UID)
	class := storageClass
	if claim.Spec.StorageClassName != nil {
		class = *claim.Spec.StorageClassName
	}
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{keeper: ""}, Annotations: map[string]string{madeBy: provisioner}},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:    corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes: claim.Spec.AccessModes, VolumeMode: claim.Spec.VolumeMode, StorageClassName: class,
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimDelete,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID,
			},
			PersistentVolumeSource: corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/var/lib/local-cloud/" + name}},
		},
	}
}

func (d *disks) remove(ctx context.Context, req reconcile.Request) error {
	volume := &corev1.PersistentVolume{}
	if err := d.api.Get(ctx, req.NamespacedName, volume); err != nil {
		return client.IgnoreNotFound(err) //nolint:wrapcheck // the log says which object
	}
	ours, released := volume.Annotations[madeBy] == provisioner, volume.Status.Phase == corev1.VolumeReleased
	if !ours || !released || volume.Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimDelete {
		return nil
	}
	if err := d.api.Delete(ctx, volume, client.Preconditions{UID: &volume.UID}); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("removing it: %w", err)
	}
	return nil
}
