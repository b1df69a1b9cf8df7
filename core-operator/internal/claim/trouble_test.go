// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// taken makes a claim for whose resource there is no other name than that of
// somebody else's, and returns both.
func (s *scene) taken(whose map[string]any) (*database.MySQLInstance, *unstructured.Unstructured) {
	s.Helper()
	c := s.claim("orders", func(m *database.MySQLInstance) { m.Spec.ClassRef = &v1alpha1.Reference{Name: s.namespace + "-mysql"} })
	s.is(c, claimapi.ReasonClassNotFound)
	namespace := get(s, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}})
	foreign := named("Server", claim.FirstName(c, namespace.UID))
	fields := map[string]any{"providerRef": map[string]any{"name": "theirs"}, "forProvider": map[string]any{"region": "theirs"}}
	if whose != nil {
		fields["claimRef"], fields["reclaimPolicy"] = whose, "Delete"
	}
	foreign.Object["spec"] = fields
	s.must(world.Client.Create(s.ctx, foreign))
	s.accept(foreign)
	s.class("mysql")
	return c, foreign
}

func TestANameThatIsTaken(t *testing.T) {
	t.Parallel()
	cases := map[string]map[string]any{
		"by nobody's resource": nil,
		"by another claim's": {
			"group": database.Group, "kind": "MySQLInstance", "namespace": "elsewhere", "name": "theirs", "uid": "theirs",
		},
	}
	for name, whose := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c, foreign := s.taken(whose)
			before := get(s, foreign).GetGeneration()
			s.is(c, claimapi.ReasonNameTaken)
			s.says(c, v1alpha1.ActorAdministrator, "Server "+foreign.GetName(), "not this claim's")
			s.stays()
			if get(s, foreign).GetGeneration() != before || foreign.GetDeletionTimestamp() != nil {
				t.Errorf("the other's resource was touched: %v", foreign.Object["spec"])
			}
			s.delete(foreign)
			s.finish(foreign)
			s.is(c, claimapi.ReasonCreating) // once the name is free
			if got := field(s.resource(c), "spec", "claimRef", "uid"); got != string(c.UID) {
				t.Errorf("the resource is %v's", got)
			}
		})
	}
}

func TestAClaimIsDeletedWhoseNameWasTaken(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, foreign := s.taken(nil)
	s.is(c, claimapi.ReasonNameTaken)
	s.delete(c)
	s.vanishes(c)
	if get(s, foreign).GetDeletionTimestamp() != nil {
		t.Error("the other's resource is being deleted")
	}
}

// What befalls the provider of a database in use befalls changes of it, and not
// who uses it.
func TestAProviderFailsUnderABoundClaim(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ reason, says string }{
		"it is deleted first":         {v1alpha1.ReasonProviderNotFound, "does not exist"},
		"it is not ready":             {v1alpha1.ReasonProviderNotReady, "not ready"},
		"its credentials are missing": {v1alpha1.ReasonCredentialsMissing, "are missing"},
		"its credentials are refused": {v1alpha1.ReasonCredentialsRefused, "refuses"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c, server := s.bound(s.class("mysql"))
			s.report(server, metav1.ConditionTrue, metav1.ConditionFalse, v1alpha1.ReasonAvailable, test.reason, nil)
			contains(t, s.synced(c, test.reason), test.says, "kubectl describe server.testing.example.org "+server.GetName())
			s.is(c, claimapi.ReasonBound)
			if c.Status.Actor != v1alpha1.ActorAdministrator || string(s.secret(c).Data["password"]) != "first" {
				t.Errorf("the actor is %q, the secret %v", c.Status.Actor, texts(s.secret(c).Data))
			}
			s.stays()

			s.delete(c)
			s.is(c, test.reason)
			s.says(c, v1alpha1.ActorAdministrator, test.says)
			s.stays() // the claim waits; nothing leaks
			s.finish(server)
			s.vanishes(c)
		})
	}
}

func TestAClassFailsUnderABoundClaim(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*scene, *core.ResourceClass){
		"it becomes invalid": func(s *scene, c *core.ResourceClass) {
			s.found(c, metav1.ConditionFalse, core.ReasonInvalid, "spec.resources[db]: no such field: sise")
		},
		"it is not available": func(s *scene, c *core.ResourceClass) {
			s.found(c, metav1.ConditionFalse, core.ReasonOperatorNotRunning, "test-operator has not renewed its Lease")
		},
		"it is deleted": func(s *scene, c *core.ResourceClass) { s.delete(c) },
		"it is for other namespaces": func(s *scene, c *core.ResourceClass) {
			s.patch(c, spec(map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"team": "other"}}}))
		},
	}
	for name, fail := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			rc := s.class("mysql")
			c, server := s.bound(rc)
			fail(s, get(s, rc))
			s.sees(rc)
			s.stays()
			s.is(c, claimapi.ReasonBound)
			s.patch(c, spec(map[string]any{"storageGiB": 40})) // with the revision on record
			s.has(server, "storageGiB", int64(40))
			s.synced(c, claimapi.ReasonApplied)
			if get(s, server).GetDeletionTimestamp() != nil {
				t.Error("the resource is being deleted")
			}
		})
	}
}
