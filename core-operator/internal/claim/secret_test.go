// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// revision waits until the claim's binding has a revision.
func (s *scene) revision(c *database.MySQLInstance, want int64) {
	s.Helper()
	s.eventually(func() error {
		if b := get(s, c).Status.Binding; b == nil || b.Revision != want {
			return fmt.Errorf("the binding is %+v, want revision %d", b, want)
		}
		return nil
	})
}

func TestAPasswordIsRotatedOnRequest(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	s.patch(c, annotation(v1alpha1.AnnotationRotatePasswordRequestedAt, "today"))
	s.eventually(func() error {
		if get(s, server).GetAnnotations()[v1alpha1.AnnotationRotatePasswordRequestedAt] != "today" {
			return fmt.Errorf("%s was not asked", server.GetName())
		}
		return nil
	})
	if got := get(s, c).Status.LastHandledRotationAt; got != "" {
		t.Errorf("%q was answered before the cloud has a new password", got)
	}
	s.password(server, "second")
	s.statusPatch(server, map[string]any{"lastHandledRotationAt": "today", "connectionRevision": 2})
	s.revision(c, 2)
	if got := s.secret(c); string(got.Data["password"]) != "second" || got.Data["password-next"] != nil {
		t.Errorf("the secret has %v", texts(got.Data))
	}
	if c.Status.LastHandledRotationAt != "today" {
		t.Errorf("the answer is %q", c.Status.LastHandledRotationAt)
	}
	if strings.Contains(fmt.Sprintf("%+v", c), "second") {
		t.Error("the password is on the claim")
	}
	s.stays()
}

func TestASecretThatIsNotTheClaimsIsNeverTouched(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	foreign := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "orders-connection"}, Data: map[string][]byte{"theirs": []byte("x")},
	}
	s.must(world.Client.Create(s.ctx, foreign))
	c := s.claim("orders", of(s.class("mysql")))
	s.ready(s.resource(c))
	s.is(c, claimapi.ReasonSecretConflict)
	s.says(c, v1alpha1.ActorDeveloper, "orders-connection", "writeConnectionSecretToRef")
	if got := texts(get(s, foreign).Data); len(got) != 1 || got["theirs"] != "x" {
		t.Errorf("the secret has %v", got)
	}
	s.patch(c, spec(map[string]any{"writeConnectionSecretToRef": map[string]any{"name": "another"}}))
	s.is(c, claimapi.ReasonBound)
	s.delete(c)
	s.finish(s.resource(c))
	s.vanishes(c)
	get(s, foreign)
}

func TestASecretThatWasInTheWayIsDeleted(t *testing.T) {
	t.Parallel()
	former := func(name string) []metav1.OwnerReference {
		return []metav1.OwnerReference{{
			APIVersion: database.Group + "/" + database.Version, Kind: "MySQLInstance", Name: name, UID: "former", Controller: new(true),
			BlockOwnerDeletion: new(false),
		}}
	}
	cases := map[string]struct {
		secret metav1.ObjectMeta
		actor  v1alpha1.Actor
		says   string
		stays  bool
	}{
		"by whoever it belongs to": {metav1.ObjectMeta{}, v1alpha1.ActorDeveloper, "Delete secret orders-connection", true},
		"with the former claim of this name": {
			// Without the finalizer it may be collected before it is seen.
			metav1.ObjectMeta{OwnerReferences: former("orders"), Finalizers: []string{"example.org/keep"}},
			v1alpha1.ActorNone, "is that of a former claim of this name", false,
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			secret := s.secretNamed("orders-connection")
			secret.OwnerReferences, secret.Finalizers = test.secret.OwnerReferences, test.secret.Finalizers
			secret.Data = map[string][]byte{"theirs": []byte("x")}
			s.must(world.Client.Create(s.ctx, secret))
			c := s.claim("orders", of(s.class("mysql")))
			s.ready(s.resource(c))
			s.is(c, claimapi.ReasonSecretConflict)
			s.says(c, test.actor, test.says)
			if stalled := meta.IsStatusConditionTrue(c.Status.Conditions, v1alpha1.ConditionStalled); stalled != test.stays {
				t.Errorf("Stalled is %t", stalled)
			}
			s.stays()
			s.delete(secret)
			s.must(client.IgnoreNotFound(world.Client.Patch(s.ctx, secret, rawMerge(s, map[string]any{"metadata": map[string]any{"finalizers": nil}}))))
			s.is(c, claimapi.ReasonBound) // nobody tells core that a secret is gone
			if got := texts(s.secret(c).Data); got["password"] != "first" || got["theirs"] != "" {
				t.Errorf("the secret has %v", got)
			}
		})
	}
}

func TestTwoClaimsWantOneSecret(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql")
	shared := func(m *database.MySQLInstance) { m.Spec.WriteConnectionSecretToRef.Name = "shared" }
	first, _ := s.bound(rc, shared)
	second := s.claim("second", of(rc), shared)
	s.ready(s.resource(second))
	s.is(second, claimapi.ReasonSecretConflict)
	if got := string(s.secret(first).Data["host"]); got != "db.example.org" {
		t.Errorf("the first claim's host is %q", got)
	}
}

func TestASecretOfAnotherName(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, _ := s.bound(s.class("mysql"))
	old := s.secret(c)
	s.patch(c, spec(map[string]any{"writeConnectionSecretToRef": map[string]any{"name": "renamed"}}))
	s.vanishes(old)
	s.eventually(func() error {
		if b := get(s, c).Status.Binding; b == nil || b.Name != "renamed" || b.Revision != 2 {
			return fmt.Errorf("the binding is %+v", b)
		}
		return nil
	})
	if got := string(s.secret(c).Data["password"]); got != "first" {
		t.Errorf("the password is %q", got)
	}
	s.patch(c, spec(map[string]any{"writeConnectionSecretToRef": nil}))
	s.vanishes(s.secretNamed("renamed"))
}

func (s *scene) secretNamed(name string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}}
}

func TestAChangedConnectionIsPublished(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	s.statusPatch(server, map[string]any{"connection": map[string]any{"host": "moved.example.org", "ca.crt": nil}})
	s.revision(c, 2)
	if got := s.secret(c); string(got.Data["endpoint"]) != "moved.example.org:3306" || got.Data["ca.crt"] != nil {
		t.Errorf("the secret has %v", texts(got.Data))
	}
	s.statusPatch(server, map[string]any{"connection": map[string]any{"type": "postgresql"}})
	s.revision(c, 3)
	if got := s.secret(c); got.Type != "servicebinding.io/postgresql" {
		t.Errorf("the secret's type is %s", got.Type)
	}
}

func TestExtraKeysOfTheSecret(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"), func(m *database.MySQLInstance) {
		m.Spec.ConnectionTemplate = map[string]claimapi.TemplateText{"JDBC_URL": "jdbc:mysql://${connection.endpoint}/"}
	})
	if got := string(s.secret(c).Data["JDBC_URL"]); got != "jdbc:mysql://db.example.org:3306/" {
		t.Errorf("JDBC_URL is %q", got)
	}
	for name, template := range map[string]map[string]any{
		"a fault":        {"JDBC_URL": "${connection.endpoint"},
		"a standard key": {"JDBC_URL": nil, "password": "mine"},
		"no such detail": {"password": nil, "JDBC_URL": "${connection.nothing}"},
	} {
		s.patch(c, spec(map[string]any{"connectionTemplate": template}))
		message := s.synced(c, claimapi.ReasonTemplateInvalid)
		if strings.Contains(message, "first") {
			t.Errorf("%s: the message gives a value away: %s", name, message)
		}
		s.patch(c, spec(map[string]any{"connectionTemplate": nil}))
		s.synced(c, claimapi.ReasonApplied)
	}
	// What is wrong with the template keeps nobody from the new password.
	s.patch(c, spec(map[string]any{"connectionTemplate": map[string]any{"x": "${"}}))
	s.synced(c, claimapi.ReasonTemplateInvalid)
	s.is(c, claimapi.ReasonBound)
	s.password(server, "second")
	s.statusPatch(server, map[string]any{"connectionRevision": 2})
	s.eventually(func() error {
		if got := string(s.secret(c).Data["password"]); got != "second" {
			return fmt.Errorf("the password is %q", got)
		}
		return nil
	})
}

func TestASecretThatTheResourceOnlyPointsAt(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	other := newScene(t)
	victim := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: other.namespace, Name: "theirs"}, Data: map[string][]byte{"password": []byte("theirs")}}
	s.must(world.Client.Create(s.ctx, victim))
	c := s.claim("orders", of(s.class("mysql")))
	s.ready(s.resource(c), map[string]any{"connectionSecretRef": map[string]any{"namespace": other.namespace, "name": "theirs"}})
	s.is(c, claimapi.ReasonConnectionForbidden)
	s.says(c, v1alpha1.ActorAdministrator)
	s.vanishes(s.secretNamed("orders-connection"))
}

// Core serves a namespace once it is let in, and says who has to do so.
func TestANamespaceThatCoreDoesNotServe(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.must(world.Client.Delete(s.ctx, s.served()))
	c := s.claim("orders", of(s.class("mysql")))
	s.ready(s.resource(c))
	s.is(c, claimapi.ReasonSecretForbidden)
	s.says(c, v1alpha1.ActorAdministrator, "tenants.namespaces")
	s.vanishes(s.secretNamed("orders-connection"))
	s.must(world.Client.Create(s.ctx, s.served()))
	s.is(c, claimapi.ReasonBound)
}

func TestAFaultyTemplateOfANewClaim(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql")), func(m *database.MySQLInstance) {
		m.Spec.ConnectionTemplate = map[string]claimapi.TemplateText{"JDBC_URL": "${connection.endpoint"}
	})
	s.ready(s.resource(c))
	s.is(c, claimapi.ReasonTemplateInvalid)
	s.says(c, v1alpha1.ActorDeveloper, "JDBC_URL", "position")
	s.stays()
	s.patch(c, spec(map[string]any{"connectionTemplate": map[string]any{"JDBC_URL": "${connection.endpoint}"}}))
	s.is(c, claimapi.ReasonBound)
}

func TestASecretThatTheOperatorHasNotWrittenYet(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql")))
	server := s.resource(c)
	later := map[string]any{"connectionSecretRef": map[string]any{"namespace": connections, "name": server.GetName() + "-later"}}
	s.ready(server, later)
	s.is(c, claimapi.ReasonConnectionMissing)
	s.says(c, v1alpha1.ActorCloud, server.GetName())
	s.stays()
	s.ready(server)
	s.is(c, claimapi.ReasonBound)
}

func TestAResourceThatHasNoSecret(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql")))
	s.ready(s.resource(c), map[string]any{"connectionSecretRef": nil})
	s.is(c, claimapi.ReasonBound)
	if got := s.secret(c).Data; string(got["host"]) != "db.example.org" || got["password"] != nil {
		t.Errorf("the secret has %v", texts(got))
	}
}

func TestAConnectionThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql")))
	server := s.resource(c)
	s.ready(server, map[string]any{"connection": nil})
	s.is(c, claimapi.ReasonConnectionMissing)
	s.ready(server)
	s.is(c, claimapi.ReasonBound)
}
