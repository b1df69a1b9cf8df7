// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

func TestAClaimBecomesAResourceAndASecret(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql")))
	server := s.resource(c)
	s.is(c, claimapi.ReasonCreating)
	if got := field(server, "spec", "forProvider", "region"); got != "north" {
		t.Errorf("the region is %v", got)
	}
	if got := field(server, "spec", "claimRef", "uid"); got != string(c.UID) {
		t.Errorf("the resource is bound to %v, want %s", got, c.UID)
	}
	s.creating(server)
	s.ready(server)
	s.is(c, claimapi.ReasonBound)

	secret := s.secret(c)
	want := map[string]string{
		"type": "mysql", "provider": "test", "host": "db.example.org", "port": "3306", "endpoint": "db.example.org:3306",
		"username": "admin", "password": "first", "tls": "true", "ca.crt": "PEM", "region": "north",
		"uri": "mysql://admin:first@db.example.org:3306/?ssl-mode=VERIFY_IDENTITY",
	}
	if diff := cmp.Diff(want, texts(secret.Data)); diff != "" {
		t.Errorf("the secret (-want +got):\n%s", diff)
	}
	if secret.Type != "servicebinding.io/mysql" {
		t.Errorf("the secret's type is %s", secret.Type)
	}
	if c.Status.Binding.Name != secret.Name || c.Status.Binding.Revision != 1 {
		t.Errorf("the binding is %+v", c.Status.Binding)
	}
	s.stays()
	if got := writes.of(s.namespace); len(got) > 5 {
		t.Errorf("core wrote %d times: %v", len(got), got)
	}
}

func TestTheConditionsAreFitForKstatus(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql")))
	server := s.resource(c)
	s.is(c, claimapi.ReasonCreating)
	if diff := cmp.Diff([]string{"Ready=False", "Synced=True", "Reconciling=True"}, conditions(c)); diff != "" {
		t.Errorf("while creating (-want +got):\n%s", diff)
	}
	s.ready(server)
	s.is(c, claimapi.ReasonBound)
	if diff := cmp.Diff([]string{"Ready=True", "Synced=True"}, conditions(c)); diff != "" {
		t.Errorf("when bound (-want +got):\n%s", diff)
	}
	if c.Status.ObservedGeneration != c.Generation {
		t.Errorf("observedGeneration is %d, want %d", c.Status.ObservedGeneration, c.Generation)
	}
}

func TestTheBestOfTheOptionsIsChosen(t *testing.T) {
	t.Parallel()
	gold := func(c *core.ResourceClass) { c.Labels = map[string]string{"tier": "gold"} }
	asDefault := func(c *core.ResourceClass) { c.Spec.Default = true }
	cases := map[string]struct {
		classes map[string][]func(*core.ResourceClass)
		claim   func(*database.MySQLInstance)
		want    string
	}{
		"the only default": {
			classes: map[string][]func(*core.ResourceClass){"a": {asDefault}, "b": nil},
			want:    "a",
		},
		"the default of the highest priority": {
			classes: map[string][]func(*core.ResourceClass){"a": {asDefault}, "b": {asDefault, priority(5)}},
			want:    "b",
		},
		"of equals the first by name": {
			classes: map[string][]func(*core.ResourceClass){"b": {asDefault}, "a": {asDefault}},
			want:    "a",
		},
		"by labels": {
			classes: map[string][]func(*core.ResourceClass){"a": {asDefault}, "b": {gold}, "c": {gold, priority(-1)}},
			claim: func(m *database.MySQLInstance) {
				m.Spec.ClassSelector = &claimapi.Selector{MatchLabels: map[string]claimapi.LabelValue{"tier": "gold"}}
			},
			want: "b",
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			for class, change := range test.classes {
				s.class(class, change...)
			}
			c := s.claim("orders", func(m *database.MySQLInstance) {
				if test.claim != nil {
					test.claim(m)
				}
			})
			s.resource(c)
			if got := c.Status.Class.Name; got != s.namespace+"-"+test.want {
				t.Errorf("the class is %s, want %s", got, test.want)
			}
		})
	}
}

func priority(n int32) func(*core.ResourceClass) {
	return func(c *core.ResourceClass) { c.Spec.Priority = n }
}

func TestTheNextOptionIsTriedForWantOfCapacity(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql", func(c *core.ResourceClass) { c.Spec.Regions = []string{"north", "south"} })))
	first := s.resource(c)
	s.fails(first, v1alpha1.ReasonCapacity)
	s.is(c, claimapi.ReasonFallback)
	s.eventually(func() error {
		if message := get(s, c).Status.Conditions[0].Message; !strings.Contains(message, "Waiting until") {
			return fmt.Errorf("the claim says %q", message)
		}
		return nil
	})
	if get(s, first).GetDeletionTimestamp() == nil {
		t.Error("what failed is not being deleted")
	}
	s.stays() // nothing takes its place before it is proven to be gone
	if got := get(s, c).Status.ResourceRef.Name; got != first.GetName() {
		t.Errorf("the resource is %s while %s is still there", got, first.GetName())
	}
	s.finish(first)
	s.eventually(func() error {
		if ref := get(s, c).Status.ResourceRef; ref == nil || ref.Name == first.GetName() {
			return fmt.Errorf("the resource is still %v", ref)
		}
		return nil
	})
	second := s.resource(c)
	if got := field(second, "spec", "forProvider", "region"); got != "south" || c.Status.Attempt != 2 {
		t.Errorf("attempt %d is in %v, want attempt 2 in south", c.Status.Attempt, got)
	}
	s.fails(second, v1alpha1.ReasonQuotaExceeded) // the last option is kept
	s.is(c, v1alpha1.ReasonQuotaExceeded)
	s.says(c, v1alpha1.ActorAdministrator, "quota")
	s.ready(second)
	s.is(c, claimapi.ReasonBound)
}

func TestTheOtherOptionIsGoneWhenItsTurnComes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	gold := func(c *core.ResourceClass) { c.Labels = map[string]string{"tier": "gold"} }
	rc, other := s.class("a", gold), s.class("b", gold)
	c := s.claim("orders", func(m *database.MySQLInstance) {
		m.Spec.ClassSelector = &claimapi.Selector{MatchLabels: map[string]claimapi.LabelValue{"tier": "gold"}}
	})
	first := s.resource(c)
	s.fails(first, v1alpha1.ReasonCapacity)
	s.is(c, claimapi.ReasonFallback)
	s.delete(other)
	s.finish(first)
	s.is(c, claimapi.ReasonNoClass)
	s.says(c, v1alpha1.ActorAdministrator, "All 1 options were tried", rc.Name, v1alpha1.ReasonCapacity)
	s.stays()
	s.class("c", gold)
	if got := s.resource(c).GetName(); got == first.GetName() || c.Status.Attempt != 2 {
		t.Errorf("attempt %d made %s, after %s", c.Status.Attempt, got, first.GetName())
	}
}

// A crash after an attempt was given up leaves that on record; what became ready
// meanwhile may hold data.
func TestAnAttemptThatSucceedsAfterAll(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql", func(c *core.ResourceClass) { c.Spec.Regions = []string{"north", "south"} })
	c, server := s.bound(rc)
	s.must(world.Client.Status().Patch(s.ctx, c, rawMerge(s, map[string]any{"status": map[string]any{
		"failedAttempts": []any{map[string]any{"class": rc.Name, "region": "north", "reason": v1alpha1.ReasonCapacity}},
	}})))
	s.patch(c, annotation("wake", "up"))
	s.eventually(func() error {
		if got := get(s, c).Status.FailedAttempts; len(got) > 0 {
			return fmt.Errorf("the attempts on record as failed are %v", got)
		}
		return nil
	})
	s.is(c, claimapi.ReasonBound)
	s.stays()
	if get(s, server).GetDeletionTimestamp() != nil || c.Status.ResourceRef.Name != server.GetName() {
		t.Errorf("the resource was given up: %+v", c.Status)
	}
}

func TestNothingThatMayHoldDataIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql", func(c *core.ResourceClass) { c.Spec.Regions = []string{"north", "south"} })))
	server := s.resource(c)
	s.ready(server)
	s.is(c, claimapi.ReasonBound)
	s.report(server, metav1.ConditionFalse, metav1.ConditionFalse, v1alpha1.ReasonUnavailable, v1alpha1.ReasonCapacity, nil)
	s.is(c, v1alpha1.ReasonCapacity)
	if get(s, server).GetDeletionTimestamp() != nil || c.Status.Attempt != 1 {
		t.Errorf("the resource was given up: %+v", c.Status)
	}
}

func TestTheDeepestCauseIsTold(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		actor  v1alpha1.Actor
		says   string
	}{
		"provider missing":        {v1alpha1.ReasonProviderNotFound, v1alpha1.ActorAdministrator, "provider"},
		"credentials missing":     {v1alpha1.ReasonCredentialsMissing, v1alpha1.ActorAdministrator, "credentials are missing"},
		"credentials malformed":   {v1alpha1.ReasonCredentialsMalformed, v1alpha1.ActorAdministrator, "can't be read"},
		"credentials refused":     {v1alpha1.ReasonCredentialsRefused, v1alpha1.ActorAdministrator, "refuses"},
		"version refused":         {v1alpha1.ReasonInvalid, v1alpha1.ActorDeveloper, "refuses what this claim asks for"},
		"name taken in the cloud": {v1alpha1.ReasonForeignResource, v1alpha1.ActorAdministrator, "not ours"},
		"throttled":               {v1alpha1.ReasonThrottled, v1alpha1.ActorCloud, "limits"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c := s.claim("orders", of(s.class("mysql")))
			server := s.resource(c)
			first := server.GetUID()
			s.fails(server, test.reason)
			s.is(c, test.reason)
			s.says(c, test.actor, test.says, "kubectl describe server.testing.example.org "+server.GetName())
			if strings.Contains(fmt.Sprint(c.Status.Conditions), "own words") {
				t.Error("the cloud's own words are on the claim")
			}
			s.stays()
			s.ready(server) // once it is put right, the claim gets what it was promised
			s.is(c, claimapi.ReasonBound)
			if get(s, server).GetUID() != first {
				t.Error("the resource was made again")
			}
		})
	}
}

func TestAnOperatorThatDoesNotRunIsTold(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	class := s.class("mysql")
	c := s.claim("orders", of(class))
	s.resource(c)
	s.found(get(s, class), metav1.ConditionFalse, core.ReasonOperatorNotRunning, "test-operator has not renewed its Lease")
	s.is(c, core.ReasonOperatorNotRunning)
	s.says(c, v1alpha1.ActorAdministrator, "test-operator")
	s.found(get(s, class), metav1.ConditionTrue, "Available", "")
	s.is(c, claimapi.ReasonCreating)
}

func TestSeveralResources(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql", withParts("part"))))
	server := s.resource(c)
	part := s.part(c, "part")
	if got := field(part, "spec", "forProvider", "server"); got != server.GetName() {
		t.Errorf("the part is of %v, want %s", got, server.GetName())
	}
	if owners := part.GetOwnerReferences(); len(owners) != 1 || owners[0].UID != server.GetUID() {
		t.Errorf("the part is owned by %v", owners)
	}
	s.ready(server)
	s.fails(part, v1alpha1.ReasonPermissionDenied)
	s.is(c, v1alpha1.ReasonPermissionDenied)
	s.ready(part)
	s.is(c, claimapi.ReasonBound)

	s.delete(c)
	s.finish(part)
	if get(s, server).GetDeletionTimestamp() != nil {
		t.Error("the primary resource did not wait for its part to be gone")
	}
	s.finish(server)
	s.vanishes(c)
}

// What is itself kept by something else in the cloud may be kept by the primary
// resource: that is not waited for, then.
func TestAPartThatWaitsForThePrimaryResource(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.claim("orders", of(s.class("mysql", withParts("first", "second"))))
	server, first, second := s.resource(c), s.part(c, "first"), s.part(c, "second")
	for _, u := range []*unstructured.Unstructured{server, first, second} {
		s.ready(u)
	}
	s.is(c, claimapi.ReasonBound)
	s.delete(c)
	s.finish(first)
	s.stays()
	if get(s, server).GetDeletionTimestamp() != nil {
		t.Error("the primary resource did not wait for its parts")
	}
	s.report(second, metav1.ConditionTrue, metav1.ConditionFalse, v1alpha1.ReasonDeleting, v1alpha1.ReasonDependency, nil)
	s.finish(server)
	s.finish(second)
	s.vanishes(c)
}

func TestAPartThatIsRefused(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql", withParts("part"), func(c *core.ResourceClass) {
		c.Spec.Resources[0].Template = template("Part", map[string]any{"region": "x", "storageGiB": "${claim.spec.storageGiB}"})
		c.Spec.Resources[1].Template = template("Server", map[string]any{"region": "x"})
	})
	c := s.claim("orders", of(rc), func(m *database.MySQLInstance) { m.Spec.StorageGiB = 666 })
	s.is(c, claimapi.ReasonCreating)
	contains(t, s.synced(c, claimapi.ReasonRejected), "666 is a bad number")
	server := s.resource(c)
	s.ready(server)
	s.is(c, claimapi.ReasonRejected)
	s.says(c, v1alpha1.ActorDeveloper, "666 is a bad number")
	s.stays()
	s.patch(c, spec(map[string]any{"storageGiB": 667}))
	s.ready(s.part(c, "part"))
	s.is(c, claimapi.ReasonBound)
}

// withParts adds resources to a class that are not primary, of whatever provider.
func withParts(names ...string) func(*core.ResourceClass) {
	return func(c *core.ResourceClass) {
		for i, name := range names {
			c.Spec.Resources = slices.Insert(c.Spec.Resources, i, core.ResourceTemplate{
				Name: name, Template: template("Part", map[string]any{"region": "${location.region}", "server": "${resources.db.name}"}),
			})
		}
	}
}

// part waits until a resource of the claim that is not the primary one is there.
func (s *scene) part(c *database.MySQLInstance, role string) *unstructured.Unstructured {
	s.Helper()
	var u *unstructured.Unstructured
	s.eventually(func() error {
		for _, entry := range get(s, c).Status.Resources {
			if entry.Role == role {
				u = named(entry.Kind, entry.Name)
				return world.Client.Get(s.ctx, clientKey(u), u)
			}
		}
		return fmt.Errorf("there is no %s: %+v", role, c.Status.Resources)
	})
	return u
}

// secret returns the claim's connection secret.
func (s *scene) secret(c *database.MySQLInstance) *corev1.Secret {
	s.Helper()
	return get(s, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: c.Namespace, Name: c.Spec.WriteConnectionSecretToRef.Name}})
}

func texts(data map[string][]byte) map[string]string {
	out := map[string]string{}
	for key, value := range data {
		out[key] = string(value)
	}
	return out
}

func conditions(c *database.MySQLInstance) []string {
	var out []string
	for _, condition := range c.Status.Conditions {
		out = append(out, condition.Type+"="+string(condition.Status))
	}
	return out
}

// TestAClaimOfAPool is satisfied where its pool wants it, or not at all.
func TestAClaimOfAPool(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql", func(c *core.ResourceClass) { c.Spec.Regions = []string{"north", "south"} })
	in := func(region string) func(*database.MySQLInstance) {
		return func(m *database.MySQLInstance) {
			m.Annotations = map[string]string{compute.AnnotationPoolRegion: region}
		}
	}
	south := s.claim("south", of(rc), in("south"))
	server := s.resource(south)
	s.has(server, "region", "south")
	s.fails(server, v1alpha1.ReasonCapacity)
	s.is(south, v1alpha1.ReasonCapacity) // the pool lets it go
	s.stays()
	west := s.claim("west", of(rc), in("west"))
	s.is(west, claimapi.ReasonNoClass)
	s.says(west, v1alpha1.ActorAdministrator, rc.Name, "has no region west, where the ClusterPool wants it")
}
