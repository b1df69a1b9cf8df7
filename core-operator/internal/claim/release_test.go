// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

func TestADeletedClaimWaitsForItsResourceToBeGone(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	secret := s.secret(c)
	s.delete(c)
	s.is(c, claimapi.ReasonDeleting)
	s.report(server, metav1.ConditionTrue, metav1.ConditionFalse, v1alpha1.ReasonAvailable, v1alpha1.ReasonDeletionProtected, nil)
	s.is(c, v1alpha1.ReasonDeletionProtected)
	s.says(c, v1alpha1.ActorAdministrator, "protected")
	s.stays()
	s.finish(server)
	s.vanishes(c)
	s.vanishes(secret) // with its claim
}

func TestARetainedResourceStaysReleased(t *testing.T) {
	t.Parallel()
	for _, policy := range []v1alpha1.ReclaimPolicy{v1alpha1.ReclaimRetain, ""} {
		t.Run("policy "+string(policy), func(t *testing.T) {
			t.Parallel()
			retained(newScene(t), policy)
		})
	}
}

func retained(s *scene, policy v1alpha1.ReclaimPolicy) {
	s.Helper()
	rc := s.class("mysql", func(c *core.ResourceClass) { c.Spec.ReclaimPolicy = policy })
	c, server := s.bound(rc)
	s.delete(c)
	s.vanishes(c)
	if get(s, server).GetDeletionTimestamp() != nil || field(server, "spec", "claimRef", "uid") != string(c.UID) {
		s.Error("it was not left as it was")
	}
	// It is nobody's, until an administrator says so.
	s.patch(server, spec(s.bindable()))
	s.is(s.claim("other", s.byLabel), claimapi.ReasonNoResource)
	again := s.claim("orders", of(rc))
	s.is(again, claimapi.ReasonRestoreNeeded)
}

func TestAClaimIsDeletedWhileItsResourceIsMade(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql")))
	server := s.resource(c)
	s.creating(server)
	s.delete(c)
	s.finish(server)
	s.vanishes(c)
	s.vanishes(server)
}

func TestAClaimThatGotNothingIsGoneAtOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders")
	s.is(c, claimapi.ReasonNoClass)
	s.delete(c)
	s.vanishes(c)
}

func TestAProtectedClaimWaits(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"), func(m *database.MySQLInstance) { m.Spec.DeletionProtection = new(true) })
	s.delete(c)
	s.is(c, claimapi.ReasonProtected)
	s.says(c, v1alpha1.ActorDeveloper, "spec.deletionProtection")
	s.stays()
	s.patch(c, spec(map[string]any{"deletionProtection": false}))
	s.finish(server)
	if field(server, "spec", "forProvider", "protected") != false {
		t.Error("the resource was deleted before its protection was taken away")
	}
	s.vanishes(c)
}

func TestANamespaceIsDeletedWithEverythingInIt(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	unbound := s.claim("second", of(s.class("second")))
	other := s.resource(unbound)
	s.creating(other)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
	s.delete(namespace)
	s.is(c, claimapi.ReasonDeleting)
	s.is(unbound, claimapi.ReasonDeleting)
	s.stays() // while the cloud is at work
	s.finish(server)
	s.finish(other)
	s.vanishes(namespace)
	s.vanishes(server)
	s.vanishes(other)
}

func TestAForgedStatusGivesNobodyElsesResourceAway(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, victim := s.bound(s.class("mysql"))
	thief := s.claim("thief")
	s.is(thief, claimapi.ReasonNoClass)
	s.must(world.Client.Status().Patch(s.ctx, thief, rawMerge(s, map[string]any{"status": map[string]any{
		"class":       map[string]any{"name": "x", "revision": "x"},
		"resourceRef": map[string]any{"apiVersion": "testing.example.org/v1alpha1", "kind": "Server", "name": victim.GetName()},
		"resources": []any{map[string]any{
			"apiVersion": "testing.example.org/v1alpha1", "kind": "Server", "name": victim.GetName(), "role": "db", "primary": true,
		}},
	}})))
	s.patch(thief, map[string]any{"metadata": map[string]any{"finalizers": []any{claimapi.FinalizerClaim}, "annotations": map[string]any{"wake": "up"}}})
	s.is(thief, claimapi.ReasonNameTaken)
	s.delete(thief)
	s.vanishes(thief)
	if get(s, victim).GetDeletionTimestamp() != nil {
		t.Error("another claim's resource was deleted")
	}
}

// A status that names a resource and lists none was not written by core, which says
// so and does not stumble.
func TestAStatusThatListsNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("a")
	s.is(c, claimapi.ReasonNoClass)
	s.must(world.Client.Status().Patch(s.ctx, c, rawMerge(s, map[string]any{"status": map[string]any{
		"resourceRef": map[string]any{"apiVersion": "testing.example.org/v1alpha1", "kind": "Server", "name": "another"},
	}})))
	s.patch(c, map[string]any{"metadata": map[string]any{"annotations": map[string]any{"wake": "up"}}})
	s.is(c, claimapi.ReasonResourceLost)
	s.says(c, v1alpha1.ActorAdministrator, "status.resources", "Server another")
	s.delete(c)
	s.vanishes(c)
}

func TestAResourceDeletedUnderABoundClaim(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	s.delete(server)
	s.is(c, claimapi.ReasonResourceDeleting)
	s.says(c, v1alpha1.ActorAdministrator)
	s.finish(server)
	s.is(c, claimapi.ReasonResourceLost)
	s.says(c, v1alpha1.ActorAdministrator, server.GetName(), "cloud-"+server.GetName())
	s.stays() // an empty database never takes the place of a full one
	if string(s.secret(c).Data["password"]) != "first" {
		t.Error("the secret is gone")
	}
	s.delete(c)
	s.vanishes(c)
}

func TestAResourceDeletedBeforeItWasReady(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql")))
	first := s.resource(c)
	s.creating(first)
	s.delete(first)
	s.finish(first)
	s.eventually(func() error {
		if second := s.resource(c); second.GetUID() == first.GetUID() {
			return fmt.Errorf("%s was not made again", first.GetName())
		}
		return nil
	})
}

// What a cache still has may be gone, and what was bound to it may have come
// back from a backup, for an administrator to bind again.
func TestNothingIsDeletedForAClaimThatIsGone(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*scene){
		"there is none of its name":    func(*scene) {},
		"there is another of its name": func(s *scene) { s.claim("orders") },
		"another of its name is leaving": func(s *scene) {
			c := s.claim("orders", func(m *database.MySQLInstance) { m.Finalizers = []string{"example.org/keep"} })
			s.delete(c)
		},
	}
	for name, now := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			now(s)
			stale := newClaim(s.namespace, "orders")
			stale.UID, stale.Finalizers, stale.DeletionTimestamp = types.UID("gone-"+s.namespace), []string{claimapi.FinalizerClaim}, new(metav1.Now())
			server := s.server("restored", map[string]any{"reclaimPolicy": "Delete", "claimRef": map[string]any{
				"group": database.Group, "kind": "MySQLInstance", "namespace": s.namespace, "name": stale.Name, "uid": string(stale.UID),
			}})
			s.accept(server)
			s.must(s.alone().Release(s.ctx, stale))
			if get(s, server).GetDeletionTimestamp() != nil {
				t.Error("it is being deleted")
			}
			s.stays()
		})
	}
}

// alone returns a reconciler that nothing wakes, and that knows what there is.
func (s *scene) alone() *claim.Reconciler {
	s.Helper()
	kinds, err := contract.New(world.Config)
	s.must(err)
	go func() { _ = kinds.Start(s.ctx) }()
	s.must(kinds.WaitForSync(s.ctx))
	return claim.New(schema.GroupVersionKind{Group: database.Group, Version: database.Version, Kind: "MySQLInstance"}, claim.Env{
		Kube: world.Client, Live: world.Client, Kinds: kinds, Clock: clock.RealClock{},
	})
}
