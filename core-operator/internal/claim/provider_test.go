// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"encoding/json"
	"errors"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// The provider of the made-up kinds, as far as core can tell: it writes what a
// provider writes, when a test says so.

// accept puts on a resource what a provider does before it asks the cloud.
func (s *scene) accept(u *unstructured.Unstructured) {
	s.Helper()
	s.patch(u, map[string]any{"metadata": map[string]any{
		"finalizers":  []any{v1alpha1.FinalizerManaged},
		"annotations": map[string]any{v1alpha1.AnnotationExternalName: "cloud-" + u.GetName(), v1alpha1.AnnotationOwnerID: string(u.GetUID())},
	}})
}

// report writes the status of a resource: its conditions, and whatever else.
func (s *scene) report(u *unstructured.Unstructured, ready, synced metav1.ConditionStatus, readyReason, syncedReason string, more map[string]any) {
	s.Helper()
	now := time.Now().UTC().Format(time.RFC3339)
	condition := func(typ string, status metav1.ConditionStatus, reason string) any {
		return map[string]any{"type": typ, "status": string(status), "reason": reason, "message": "the cloud's own words", "lastTransitionTime": now}
	}
	status := map[string]any{
		"observedGeneration": get(s, u).GetGeneration(),
		"conditions": []any{
			condition(v1alpha1.ConditionReady, ready, readyReason), condition(v1alpha1.ConditionSynced, synced, syncedReason),
		},
	}
	maps.Copy(status, more)
	s.statusPatch(u, status)
}

func (s *scene) statusPatch(u *unstructured.Unstructured, status map[string]any) {
	s.Helper()
	body := map[string]any{"status": status}
	s.must(world.Client.Status().Patch(s.ctx, u, rawMerge(s, body), client.FieldOwner("test-operator")))
}

// creating reports that the cloud is at work.
func (s *scene) creating(u *unstructured.Unstructured) {
	s.Helper()
	s.accept(u)
	s.report(u, metav1.ConditionFalse, metav1.ConditionTrue, v1alpha1.ReasonCreating, v1alpha1.ReasonCreating, nil)
}

// ready reports that a resource can be used, with its password in a secret.
func (s *scene) ready(u *unstructured.Unstructured, more ...map[string]any) {
	s.Helper()
	if len(get(s, u).GetFinalizers()) == 0 {
		s.accept(u)
	}
	s.password(u, "first")
	status := map[string]any{
		"firstReadyTime": "2026-01-01T00:00:00Z",
		"location":       map[string]any{"provider": "test", "region": "north"},
		"connection": map[string]any{
			"type": "mysql", "provider": "test", "host": "db.example.org", "port": "3306", "username": "admin", "tls": "true", "ca.crt": "PEM",
		},
		"connectionSecretRef": map[string]any{"namespace": connections, "name": u.GetName()}, "connectionRevision": 1,
		"offers": map[string]any{
			"group": "database.crossplane.io", "kind": "MySQLInstance",
			"attributes": map[string]any{"engineVersion": "8.4.3", "storageGiB": "40"},
		},
	}
	for _, m := range more {
		maps.Copy(status, m)
	}
	s.report(u, metav1.ConditionTrue, metav1.ConditionTrue, v1alpha1.ReasonAvailable, v1alpha1.ReasonInSync, status)
}

// fails reports that a resource can't be had.
func (s *scene) fails(u *unstructured.Unstructured, reason string) {
	s.Helper()
	s.accept(u)
	s.report(u, metav1.ConditionFalse, metav1.ConditionFalse, v1alpha1.ReasonCreating, reason, nil)
}

// password writes a resource's connection secret.
func (s *scene) password(u *unstructured.Unstructured, password string) {
	s.Helper()
	s.eventually(func() error { // that of a resource that is gone is collected meanwhile
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: connections, Name: u.GetName()}}
		err := world.Client.Get(s.ctx, client.ObjectKeyFromObject(secret), secret)
		secret.OwnerReferences = []metav1.OwnerReference{{
			APIVersion: u.GetAPIVersion(), Kind: u.GetKind(), Name: u.GetName(), UID: u.GetUID(), Controller: new(true),
		}}
		secret.Data = map[string][]byte{"password": []byte(password), "password-next": []byte("not yet")}
		if isGone(err) {
			return world.Client.Create(s.ctx, secret)
		}
		if err != nil {
			return err
		}
		return world.Client.Update(s.ctx, secret)
	})
}

// finish lets a resource go that is being deleted.
func (s *scene) finish(u *unstructured.Unstructured) {
	s.Helper()
	s.eventually(func() error {
		if get(s, u).GetDeletionTimestamp() == nil {
			return errNotDeleted
		}
		return nil
	})
	s.patch(u, map[string]any{"metadata": map[string]any{"finalizers": []any{}}})
}

func rawMerge(s *scene, patch map[string]any) client.Patch {
	s.Helper()
	body, err := json.Marshal(patch)
	s.must(err)
	return client.RawPatch(types.MergePatchType, body)
}

var errNotDeleted = errors.New("nobody asked to delete it")
