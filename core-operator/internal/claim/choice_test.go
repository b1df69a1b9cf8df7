// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

func TestAClassThatCantBeUsed(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		class  func(*core.ResourceClass)
		then   func(*scene, client.Object)
		reason string
		actor  v1alpha1.Actor
		says   string
	}{
		"of another claim kind": {
			class:  func(c *core.ResourceClass) { c.Spec.Claim.Kind = "PostgreSQLInstance" },
			reason: claimapi.ReasonClassKindMismatch, actor: v1alpha1.ActorDeveloper, says: "PostgreSQLInstance",
		},
		"for other namespaces": {
			class: func(c *core.ResourceClass) {
				c.Spec.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": "other"}}
			},
			reason: claimapi.ReasonClassNotAllowed, actor: v1alpha1.ActorDeveloper, says: "namespaceSelector",
		},
		"that is being deleted": {
			class:  func(c *core.ResourceClass) { c.Finalizers = []string{"example.org/keep"} },
			then:   (*scene).delete,
			reason: claimapi.ReasonClassNotReady, actor: v1alpha1.ActorAdministrator, says: "being deleted",
		},
		"that is not checked yet": {
			then: func(s *scene, c client.Object) {
				s.patch(c, spec(map[string]any{"priority": 5}))
			},
			reason: claimapi.ReasonClassNotReady, actor: v1alpha1.ActorAdministrator, says: "being checked",
		},
		"that waits for a workload": {
			class:  func(c *core.ResourceClass) { c.Spec.BindingMode = core.BindingWaitForWorkload },
			reason: claimapi.ReasonWorkload, actor: v1alpha1.ActorDeveloper, says: "workload",
		},
		"that waits for a workload, wherever that is": {
			class:  func(c *core.ResourceClass) { c.Spec.BindingMode, c.Spec.Regions = core.BindingWaitForWorkload, nil },
			reason: claimapi.ReasonWorkload, actor: v1alpha1.ActorDeveloper, says: "workload",
		},
		"that can't make this claim": {
			class: func(c *core.ResourceClass) {
				c.Spec.Resources[0].Template = template("Server", map[string]any{"region": "${claim.metadata.labels['zone']}"})
			},
			reason: claimapi.ReasonRenderFailed, actor: v1alpha1.ActorAdministrator, says: "zone",
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			var change []func(*core.ResourceClass)
			if test.class != nil {
				change = append(change, test.class)
			}
			rc := s.class("mysql", change...)
			if test.then != nil {
				test.then(s, rc)
				s.sees(rc)
			}
			c := s.claim("orders", of(rc))
			s.is(c, test.reason)
			s.says(c, test.actor, test.says)
			if c.Status.ResourceRef != nil || len(c.Finalizers) != 0 {
				t.Errorf("something was chosen: %+v", c.Status)
			}
			s.stays()
		})
	}
}

func TestAnUnknownClassThatComesLater(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", func(m *database.MySQLInstance) { m.Spec.ClassRef = &v1alpha1.Reference{Name: s.namespace + "-mysql"} })
	s.is(c, claimapi.ReasonClassNotFound)
	s.says(c, v1alpha1.ActorDeveloper, s.namespace+"-mysql")
	s.stays()
	s.class("mysql")
	s.resource(c)
}

func TestAnInvalidClassIsNeverUsed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql")
	s.found(rc, metav1.ConditionFalse, core.ReasonInvalid, "spec.resources[db]: no such field: sise")
	c := s.claim("orders", of(rc))
	s.is(c, claimapi.ReasonClassNotReady)
	s.says(c, v1alpha1.ActorAdministrator, "Invalid", "no such field: sise")
	s.stays()
	s.found(get(s, rc), metav1.ConditionTrue, "Available", "")
	s.resource(c)
}

func TestADefaultClassThatCantBeUsedYet(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql", func(c *core.ResourceClass) { c.Spec.Default = true })
	s.found(rc, metav1.ConditionFalse, core.ReasonOperatorNotInstalled, "install the chart test-operator")
	c := s.claim("orders")
	s.is(c, claimapi.ReasonClassNotReady)
	s.says(c, v1alpha1.ActorAdministrator, rc.Name, "install the chart test-operator")
	s.stays()
	s.found(get(s, rc), metav1.ConditionTrue, "Available", "")
	s.resource(c)
}

func TestAClassForEveryNamespace(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.resource(s.claim("orders", of(s.class("mysql", func(c *core.ResourceClass) { c.Spec.NamespaceSelector = nil }))))
}

func TestTheNamespaceIsAllowedLater(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql", func(c *core.ResourceClass) {
		c.Spec.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": s.namespace}}
	})))
	s.is(c, claimapi.ReasonClassNotAllowed)
	s.patch(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}, map[string]any{
		"metadata": map[string]any{"labels": map[string]any{"team": s.namespace}},
	})
	s.resource(c)
}

func TestNamesOfWhatIsMade(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("a-claim-with-a-name-as-long-as-a-claims-name-may-be-at-the-most", of(s.class("mysql")))
	if name := s.resource(c).GetName(); len(name) > 52 {
		t.Errorf("%s has %d characters", name, len(name))
	}
}
