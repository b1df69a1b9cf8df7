// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/kubetest"
)

// bound returns a claim that is Bound to a resource that a class made.
func (s *scene) bound(c *core.ResourceClass, change ...func(*database.MySQLInstance)) (*database.MySQLInstance, *unstructured.Unstructured) {
	s.Helper()
	m := s.claim("orders", append([]func(*database.MySQLInstance){of(c)}, change...)...)
	server := s.resource(m)
	s.ready(server)
	return s.is(m, claimapi.ReasonBound), server
}

// has waits until a resource's field has a value.
func (s *scene) has(u *unstructured.Unstructured, name string, want any) {
	s.Helper()
	s.eventually(func() error {
		if got := field(get(s, u), "spec", "forProvider", name); got != want {
			return fmt.Errorf("%s of %s is %v, want %v", name, u.GetName(), got, want)
		}
		return nil
	})
}

func spec(fields map[string]any) map[string]any { return map[string]any{"spec": fields} }

func annotation(key, value string) map[string]any {
	return map[string]any{"metadata": map[string]any{"annotations": map[string]any{key: value}}}
}

func TestAChangedClaimIsRenderedAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	s.patch(c, spec(map[string]any{"storageGiB": 40}))
	s.has(server, "storageGiB", int64(40))
	s.eventually(func() error {
		if got := get(s, c); got.Status.ObservedGeneration != got.Generation {
			return fmt.Errorf("observedGeneration is %d of %d", got.Status.ObservedGeneration, got.Generation)
		}
		return nil
	})
	if got := conditions(c); !strings.Contains(fmt.Sprint(got), "Reconciling=True") || got[0] != "Ready=True" {
		t.Errorf("while the change is on its way: %v", got)
	}
	s.ready(server)
	s.eventually(func() error {
		if got := conditions(get(s, c)); len(got) != 2 {
			return fmt.Errorf("when it has arrived: %v", got)
		}
		return nil
	})
	s.stays()
}

func TestAChangeOfTheClassReachesWhoAsksForIt(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql")
	c, server := s.bound(rc)
	old := c.Status.Class.Revision
	get(s, rc).Spec.Resources[0].Template = template("Server", map[string]any{"region": "${location.region}", "size": "large"})
	s.must(world.Client.Update(s.ctx, rc))
	s.found(rc, metav1.ConditionTrue, "Available", "")

	s.patch(c, spec(map[string]any{"storageGiB": 40})) // a change of the claim: with the revision on record
	s.has(server, "storageGiB", int64(40))
	s.has(server, "size", "small")

	s.patch(c, annotation(v1alpha1.AnnotationClassRevision, "some-other-revision"))
	contains(t, s.synced(c, claimapi.ReasonRevisionNotFound), "some-other-revision", class.RevisionName(rc))
	s.has(server, "size", "small")

	s.patch(c, annotation(v1alpha1.AnnotationClassRevision, class.RevisionName(rc)))
	s.has(server, "size", "large")
	s.has(server, "storageGiB", nil) // the new revision says nothing of it
	s.synced(c, claimapi.ReasonApplied)
	if got := c.Status.Class.Revision; got == old || got != class.RevisionName(rc) {
		t.Errorf("the revision is %s", got)
	}

	s.patch(c, annotation(v1alpha1.AnnotationClassRevision, old)) // nobody goes back
	s.synced(c, claimapi.ReasonRevisionNotFound)
	s.has(server, "size", "large")
	s.stays()
}

func TestARevisionOfAClassThatCantBeUsed(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fail func(*scene, *core.ResourceClass)
		says string
	}{
		"it is gone": {func(s *scene, c *core.ResourceClass) { s.delete(c) }, "does not exist any more"},
		"it is invalid": {func(s *scene, c *core.ResourceClass) {
			s.found(c, metav1.ConditionFalse, core.ReasonInvalid, "no such field: sise")
		}, "no such field: sise"},
		"it is for others now": {func(s *scene, c *core.ResourceClass) {
			get(s, c).Spec.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": "others"}}
			s.must(world.Client.Update(s.ctx, c))
		}, "namespaceSelector"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			rc := s.class("mysql")
			c, server := s.bound(rc)
			old := c.Status.Class.Revision
			get(s, rc).Spec.Resources[0].Template = template("Server", map[string]any{"region": "${location.region}", "size": "large"})
			s.must(world.Client.Update(s.ctx, rc))
			test.fail(s, rc)
			s.sees(rc)
			s.patch(c, annotation(v1alpha1.AnnotationClassRevision, class.RevisionName(rc)))
			contains(t, s.synced(c, claimapi.ReasonRevisionNotFound), test.says)
			s.is(c, claimapi.ReasonBound)
			s.has(server, "size", "small")
			if c.Status.Class.Revision != old {
				t.Errorf("the revision is %s", c.Status.Class.Revision)
			}
			s.stays()
		})
	}
}

func TestARevisionThatMakesAnotherKind(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql")
	c, server := s.bound(rc)
	get(s, rc).Spec.Resources[0].Template = template("Part", map[string]any{"region": "${location.region}"})
	s.must(world.Client.Update(s.ctx, rc))
	s.found(rc, metav1.ConditionTrue, "Available", "")
	s.patch(c, annotation(v1alpha1.AnnotationClassRevision, class.RevisionName(rc)))
	s.synced(c, claimapi.ReasonPrimaryChanged)
	if get(s, server).GetDeletionTimestamp() != nil || get(s, c).Status.ResourceRef.Kind != "Server" {
		t.Errorf("the claim changed over: %+v", c.Status)
	}
}

func TestResourcesComeAndGoWithTheRevision(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql")
	c, server := s.bound(rc)
	primary := rc.Spec.Resources[0]
	turn := func(resources ...core.ResourceTemplate) {
		get(s, rc).Spec.Resources = resources
		s.must(world.Client.Update(s.ctx, rc))
		s.found(rc, metav1.ConditionTrue, "Available", "")
		s.patch(c, annotation(v1alpha1.AnnotationClassRevision, class.RevisionName(rc)))
	}
	turn(primary, core.ResourceTemplate{Name: "extra", Template: template("Part", map[string]any{"region": "x"})})
	part := s.part(c, "extra")
	s.ready(part)
	s.is(c, claimapi.ReasonBound)

	turn(primary)
	s.finish(part)
	s.vanishes(part)
	s.eventually(func() error {
		if got := get(s, c).Status.Resources; len(got) != 1 {
			return fmt.Errorf("the resources are %+v", got)
		}
		return nil
	})
	s.is(c, claimapi.ReasonBound)
	if get(s, server).GetDeletionTimestamp() != nil {
		t.Error("the primary resource is being deleted")
	}
}

func TestARenderedFieldThatSomebodyElseTook(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	s.patch(server, spec(map[string]any{"forProvider": map[string]any{"size": "huge"}}))
	message := s.synced(c, claimapi.ReasonFieldOwnedByOther)
	contains(t, message, "spec.forProvider.size", "kubectl-edit", server.GetName())
	s.is(c, claimapi.ReasonBound)
	if c.Status.Actor != v1alpha1.ActorAdministrator {
		t.Errorf("the actor is %q", c.Status.Actor)
	}
	s.patch(c, spec(map[string]any{"storageGiB": 40}))
	s.has(server, "storageGiB", int64(40)) // the others are applied
	s.has(server, "size", "huge")
	s.ready(server)
	s.stays()

	s.eventually(func() error { // the list of owners may change its order: then the message does, too
		message := s.synced(c, claimapi.ReasonFieldOwnedByOther)
		return tryKubectl(t, regexp.MustCompile(`kubectl patch .*]'`).FindString(message))
	})
	s.has(server, "size", "small")
	s.synced(c, claimapi.ReasonApplied)
	s.stays()
}

// kubectl runs a command that a message gives.
func kubectl(t *testing.T, command string) {
	t.Helper()
	if err := tryKubectl(t, command); err != nil {
		t.Fatal(err)
	}
}

func tryKubectl(t *testing.T, command string) error {
	t.Helper()
	hyperkube, err := kubetest.Hyperkube()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	writeFile(t, config, world.Kubeconfig)
	run := exec.CommandContext(t.Context(), "/bin/sh", "-c", strings.ReplaceAll(command, "kubectl ", hyperkube+" kubectl --kubeconfig "+config+" "))
	if out, err := run.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", command, err, out)
	}
	return nil
}

func TestAnAdministratorMayKeepWhatTheClassWouldDelete(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	s.patch(server, spec(map[string]any{"reclaimPolicy": "Retain"}))
	time.Sleep(quietTime)
	s.synced(c, claimapi.ReasonApplied)
	s.delete(c)
	s.vanishes(c)
	if get(s, server).GetDeletionTimestamp() != nil {
		t.Error("it was deleted")
	}
}

func TestAChangeThatCantBeMade(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change, mend map[string]any
		reason, says string
	}{
		"longer than the kind allows": {
			change: map[string]any{"engineVersion": "888.888.8"}, mend: map[string]any{"engineVersion": "9.0"},
			reason: claimapi.ReasonRenderFailed, says: "at most 8",
		},
		"against a rule of the kind": {
			change: map[string]any{"storageGiB": 666}, mend: map[string]any{"storageGiB": 700},
			reason: claimapi.ReasonRejected, says: "666 is a bad number",
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c, server := s.bound(s.class("mysql"))
			s.patch(c, spec(test.change))
			contains(t, s.synced(c, test.reason), test.says)
			s.is(c, claimapi.ReasonBound)
			s.stays()
			s.patch(c, spec(test.mend))
			s.synced(c, claimapi.ReasonApplied)
			if get(s, server).GetGeneration() != 2 {
				t.Error("the change did not reach the resource")
			}
		})
	}
}

func TestAChangeThatTheCloudRefuses(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	s.report(server, metav1.ConditionTrue, metav1.ConditionFalse, v1alpha1.ReasonAvailable, v1alpha1.ReasonImmutableFieldChanged, nil)
	contains(t, s.synced(c, v1alpha1.ReasonImmutableFieldChanged), "can't be changed", "kubectl describe server.testing.example.org "+server.GetName())
	if s.is(c, claimapi.ReasonBound); c.Status.Actor != v1alpha1.ActorDeveloper {
		t.Errorf("the actor is %q", c.Status.Actor)
	}
	s.stays()
	s.report(server, metav1.ConditionTrue, metav1.ConditionFalse, v1alpha1.ReasonAvailable, v1alpha1.ReasonThrottled, nil)
	s.synced(c, claimapi.ReasonApplied) // the cloud gets over that by itself
	s.stays()
}

func TestAResourceThatAnAdministratorTookAway(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c, server := s.bound(s.class("mysql"))
	s.patch(server, spec(map[string]any{"claimRef": nil}))
	s.is(c, claimapi.ReasonResourceLost)
	s.says(c, v1alpha1.ActorAdministrator, "not bound to this claim", "kubectl patch")
	ready := c.Status.Conditions[0].Message
	kubectl(t, regexp.MustCompile(`kubectl patch .*}'`).FindString(ready))
	s.is(c, claimapi.ReasonBound)
}
