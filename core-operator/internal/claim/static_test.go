// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// server makes a resource by hand, as an administrator does.
func (s *scene) server(name string, spec map[string]any) *unstructured.Unstructured {
	s.Helper()
	u := named("Server", s.namespace+"-"+name)
	u.SetLabels(map[string]string{"scene": s.namespace})
	fields := map[string]any{"providerRef": map[string]any{"name": "test"}, "forProvider": map[string]any{"region": "north"}}
	maps.Copy(fields, spec)
	u.Object["spec"] = fields
	s.must(world.Client.Create(s.ctx, u))
	return u
}

// bindable lets claims of the scene bind a resource.
func (s *scene) bindable() map[string]any {
	return map[string]any{"bindableBy": map[string]any{"namespaces": []any{s.namespace}}}
}

func byName(u *unstructured.Unstructured) func(*database.MySQLInstance) {
	return func(m *database.MySQLInstance) {
		m.Spec.ResourceRef = &claimapi.ResourceSelection{Kind: u.GetKind(), Name: u.GetName()}
	}
}

func (s *scene) byLabel(m *database.MySQLInstance) {
	m.Spec.ResourceSelector = &claimapi.Selector{MatchLabels: map[string]claimapi.LabelValue{"scene": claimapi.LabelValue(s.namespace)}}
}

func TestAnExistingResourceIsBound(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*scene, *unstructured.Unstructured) func(*database.MySQLInstance){
		"by name":  func(_ *scene, u *unstructured.Unstructured) func(*database.MySQLInstance) { return byName(u) },
		"by label": func(s *scene, _ *unstructured.Unstructured) func(*database.MySQLInstance) { return s.byLabel },
	}
	for name, choose := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			server := s.server("old", s.bindable())
			s.ready(server)
			s.knows(server)
			c := s.claim("orders", choose(s, server))
			s.is(c, claimapi.ReasonBound)
			if got := field(get(s, server), "spec", "claimRef", "uid"); got != string(c.UID) {
				t.Errorf("the resource is bound to %v", got)
			}
			if got := field(server, "spec", "forProvider", "version"); got != nil {
				t.Errorf("a field was rendered: %v", got)
			}
			if got := string(s.secret(c).Data["password"]); got != "first" {
				t.Errorf("the password is %q", got)
			}
			s.stays()
			if got := writes.of(s.namespace); len(got) > 5 {
				t.Errorf("core wrote %d times: %v", len(got), got)
			}
			s.delete(c)
			s.vanishes(c)
			if get(s, server).GetDeletionTimestamp() != nil {
				t.Error("a resource made by hand was deleted")
			}
		})
	}
}

func TestTheSmallestResourceThatFitsIsBound(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	offer := func(version, storage string) map[string]any {
		return map[string]any{"offers": map[string]any{
			"group": database.Group, "kind": "MySQLInstance", "attributes": map[string]any{"engineVersion": version, "storageGiB": storage},
		}}
	}
	s.ready(s.server("too-small", s.bindable()), offer("8.4.3", "10"))
	s.ready(s.server("too-old", s.bindable()), offer("8.0.40", "30"))
	s.ready(s.server("of-another-line", s.bindable()), offer("8.40", "25"))
	s.ready(s.server("larger", s.bindable()), offer("8.4.3", "100"))
	s.ready(s.server("not-bindable", nil), offer("8.4.3", "20"))
	s.creating(s.server("not-ready", s.bindable()))
	fits := s.server("fits", s.bindable())
	s.ready(fits, offer("8.4.3", "30"))
	c := s.is(s.claim("orders", s.byLabel), claimapi.ReasonBound)
	if got := c.Status.ResourceRef.Name; got != fits.GetName() {
		t.Errorf("bound to %s, want %s", got, fits.GetName())
	}
}

func TestAResourceThatComesLaterIsBound(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.class("mysql") // never used: a claim that asks for what exists does not fall through
	c := s.claim("orders", s.byLabel)
	s.is(c, claimapi.ReasonNoResource)
	server := s.server("later", nil)
	s.ready(server)
	s.stays()
	s.patch(server, map[string]any{"spec": s.bindable()})
	s.is(c, claimapi.ReasonBound)
}

func TestTwoClaimsRaceForOneResource(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	server := s.server("only", s.bindable())
	s.ready(server)
	var claims []*database.MySQLInstance
	for i := range 6 {
		claims = append(claims, s.claim(fmt.Sprintf("racer-%d", i), s.byLabel))
	}
	s.eventually(func() error {
		reasons := map[string]int{}
		for _, c := range claims {
			reasons[get(s, c).Status.Conditions[0].Reason]++
		}
		if reasons[claimapi.ReasonBound] != 1 || reasons[claimapi.ReasonNoResource] != len(claims)-1 {
			return fmt.Errorf("the claims are %v", reasons)
		}
		return nil
	})
	winner := claims[slices.IndexFunc(claims, func(c *database.MySQLInstance) bool { return c.Status.Conditions[0].Reason == claimapi.ReasonBound })]
	if got := field(get(s, server), "spec", "claimRef", "uid"); got != string(winner.UID) {
		t.Errorf("the resource is bound to %v, not to the claim that is Bound", got)
	}
	for _, c := range claims {
		if c != winner {
			s.says(c, v1alpha1.ActorAdministrator, "bindableBy")
		}
	}
	s.stays()
}

func TestAClaimCantReachForWhatItMayNotBind(t *testing.T) {
	t.Parallel()
	other := map[string]any{"claimRef": map[string]any{
		"group": database.Group, "kind": "MySQLInstance", "namespace": "elsewhere", "name": "theirs", "uid": "theirs",
	}}
	cases := map[string]struct {
		spec   func(*scene) map[string]any
		is     func(*scene, *unstructured.Unstructured)
		offers string
		reason string
		actor  v1alpha1.Actor
		says   []string
	}{
		"bindable by nobody": {
			spec:   func(*scene) map[string]any { return nil },
			reason: claimapi.ReasonNoResource, actor: v1alpha1.ActorAdministrator, says: []string{"may bind", "bindableBy"},
		},
		"bindable by another namespace": {
			spec: func(*scene) map[string]any {
				return map[string]any{"bindableBy": map[string]any{"namespaces": []any{"elsewhere"}}}
			},
			reason: claimapi.ReasonNoResource, actor: v1alpha1.ActorAdministrator,
		},
		"bindable by other labels": {
			spec: func(*scene) map[string]any {
				return map[string]any{"bindableBy": map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"team": "other"}}}}
			},
			reason: claimapi.ReasonNoResource, actor: v1alpha1.ActorAdministrator,
		},
		"another's, and not bindable": {
			spec:   func(*scene) map[string]any { return other },
			reason: claimapi.ReasonNoResource, actor: v1alpha1.ActorAdministrator,
		},
		"another's": {
			spec: func(s *scene) map[string]any {
				return map[string]any{"bindableBy": s.bindable()["bindableBy"], "claimRef": other["claimRef"]}
			},
			reason: claimapi.ReasonResourceTaken, actor: v1alpha1.ActorDeveloper,
		},
		"once its own, of a claim that is gone": {
			spec: func(s *scene) map[string]any {
				return map[string]any{"bindableBy": s.bindable()["bindableBy"], "claimRef": map[string]any{
					"group": database.Group, "kind": "MySQLInstance", "namespace": s.namespace, "name": "orders", "uid": "theirs",
				}}
			},
			reason: claimapi.ReasonRestoreNeeded, actor: v1alpha1.ActorAdministrator, says: []string{"kubectl patch", "spec.claimRef"},
		},
		"not ready": {
			spec: (*scene).bindable, is: func(s *scene, u *unstructured.Unstructured) { s.creating(u) },
			reason: claimapi.ReasonResourceNotReady, actor: v1alpha1.ActorCloud, says: []string{"once it is ready"},
		},
		"being deleted": {
			spec: (*scene).bindable, is: func(s *scene, u *unstructured.Unstructured) { s.delete(u) },
			reason: claimapi.ReasonNoResource, actor: v1alpha1.ActorAdministrator, says: []string{"is being deleted"},
		},
		"of another kind": {
			spec: (*scene).bindable, offers: "PostgreSQLInstance",
			reason: claimapi.ReasonResourceMismatch, actor: v1alpha1.ActorDeveloper, says: []string{"MySQLInstance"},
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			server := s.server("wanted", test.spec(s))
			offers := map[string]any{}
			if test.offers != "" {
				offers["offers"] = map[string]any{"group": database.Group, "kind": test.offers}
			}
			s.ready(server, offers)
			if test.is != nil {
				test.is(s, server)
			}
			c := s.is(s.claim("orders", byName(server)), test.reason)
			s.says(c, test.actor, test.says...)
			if uid := field(get(s, server), "spec", "claimRef", "uid"); uid != nil && uid != "theirs" {
				t.Errorf("the resource was bound: %v", uid)
			}
			s.stays()
		})
	}
}

func TestAResourceThatThereIsNot(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		ref    claimapi.ResourceSelection
		reason string
		actor  v1alpha1.Actor
		says   string
	}{
		"its kind has no operator": {
			claimapi.ResourceSelection{Kind: "Nothing", Name: "nothing"},
			claimapi.ReasonNoResource, v1alpha1.ActorAdministrator, "no Nothing nothing",
		},
		"its name is unknown": {
			claimapi.ResourceSelection{Kind: "Server", Name: "nothing"},
			claimapi.ReasonNoResource, v1alpha1.ActorAdministrator, "no Server nothing",
		},
		"its kind is several groups'": {
			claimapi.ResourceSelection{Kind: "Twin", Name: "nothing"},
			claimapi.ReasonResourceAmbiguous, v1alpha1.ActorDeveloper, "add the group",
		},
		"one of several groups is named": {
			claimapi.ResourceSelection{Group: "other.example.org", Kind: "Twin", Name: "nothing"},
			claimapi.ReasonNoResource, v1alpha1.ActorAdministrator, "no Twin nothing",
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c := s.claim("orders", func(m *database.MySQLInstance) { m.Spec.ResourceRef = &test.ref })
			s.is(c, test.reason)
			s.says(c, test.actor, test.says)
			s.stays()
		})
	}
}
