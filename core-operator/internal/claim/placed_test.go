// SPDX-License-Identifier: Apache-2.0

package claim_test

import (
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// decided writes what a scheduler decides: an application's target, and class and
// region of a claim.
func (s *scene) decided(a *workload.KubernetesApplication, t *workload.KubernetesTarget, c *database.MySQLInstance, class *core.ResourceClass, region string) {
	s.Helper()
	get(s, a)
	was := int32(0)
	if a.Status.Placement != nil {
		was = a.Status.Placement.Attempt
	}
	a.Status.Placement = &workload.PlacementStatus{
		ObservedGeneration: a.Generation, Attempt: was + 1, Target: t.Name,
		Claims: []workload.ClaimPlacement{{
			UID: c.UID, Group: database.Group, Kind: "MySQLInstance", Name: c.Name,
			Class: class.Name, Location: &v1alpha1.Location{Provider: "test", Region: region},
		}},
	}
	meta.SetStatusCondition(&a.Status.Conditions, metav1.Condition{Type: workload.ConditionScheduled, Status: metav1.ConditionTrue, Reason: workload.ReasonPlaced})
	s.must(world.Client.Status().Update(s.ctx, a))
}

// in waits until a claim is to be satisfied in a region, and returns the resource.
func (s *scene) in(c *database.MySQLInstance, region string) *unstructured.Unstructured {
	s.Helper()
	s.eventually(func() error {
		if at := get(s, c).Status.Location; at == nil || at.Region != region {
			return fmt.Errorf("the claim is %+v, want it in %s", c.Status.Status, region)
		}
		return nil
	})
	return s.resource(c)
}

func waiting(c *core.ResourceClass) {
	c.Spec.BindingMode = core.BindingWaitForWorkload
	c.Spec.Regions = []string{"north", "south", "west"}
}

// TestAPlacedClaim takes its place from the application that uses it, follows it for as
// long as nothing was used, and then stays.
func TestAPlacedClaim(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql", waiting)
	c, there := s.claim("orders", of(rc)), s.target("there", "10.1.0.0/16")
	a := s.uses("blog", c, there)
	s.is(c, claimapi.ReasonWorkload)
	s.says(c, v1alpha1.ActorDeveloper, "KubernetesApplication blog has no place yet")
	s.decided(a, there, c, rc, "south")
	first := s.in(c, "south")
	if c.Status.Target != there.Name || c.Status.Attempt != 1 {
		t.Errorf("the claim is %+v", c.Status.Status)
	}
	s.creating(first)

	s.decided(a, there, c, rc, "north")
	s.is(c, claimapi.ReasonRelocating)
	s.says(c, v1alpha1.ActorNone, first.GetName())
	if c.Status.Location.Region != "south" {
		t.Error("it is elsewhere before what was begun is gone")
	}
	s.finish(first)
	second := s.in(c, "north")
	if c.Status.Attempt != 2 || second.GetName() == first.GetName() || len(c.Status.FailedAttempts) != 0 {
		t.Errorf("the claim is %+v", c.Status.Status)
	}
	s.ready(second)
	s.is(c, claimapi.ReasonBound)
	s.decided(a, there, c, rc, "south")
	s.stays()
	if get(s, second).GetDeletionTimestamp() != nil || get(s, c).Status.Location.Region != "north" {
		t.Error("what holds data was given up")
	}
}

// TestAPlacementThatIsNone is not followed: of a class that the claim may not use, or
// in a region where that is not; of another claim of this name; that failed; of an
// application that is not scheduled, or not the first to decide.
func TestAPlacementThatIsNone(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rc := s.class("mysql", waiting)
	other := s.class("other", waiting, func(c *core.ResourceClass) { c.Spec.NamespaceSelector.MatchLabels = map[string]string{"team": "other"} })
	c, there := s.claim("orders", of(rc)), s.target("there", "10.1.0.0/16")
	first := s.uses("first", c, there)
	s.decided(first, there, c, other, "south")
	s.is(c, claimapi.ReasonWorkload)
	s.decided(first, there, c, rc, "moon")
	s.eventually(func() error {
		if ready := meta.FindStatusCondition(get(s, c).Status.Conditions, v1alpha1.ConditionReady); !strings.Contains(ready.Message, "moon, which this claim can't use") {
			return fmt.Errorf("the claim says %s", ready.Message)
		}
		return nil
	})
	former := c.DeepCopy()
	former.UID = "another"
	s.decided(first, there, former, rc, "south")
	s.stays()
	meta.SetStatusCondition(&first.Status.Conditions, metav1.Condition{Type: workload.ConditionScheduled, Status: metav1.ConditionFalse, Reason: workload.ReasonCannotMove})
	first.Status.Placement.Claims[0].UID = c.UID
	s.must(world.Client.Status().Update(s.ctx, first))
	s.stays()
	if get(s, c).Status.ResourceRef != nil {
		t.Fatalf("something was chosen: %+v", c.Status.Status)
	}
	second := s.uses("second", c, there)
	s.decided(second, there, c, rc, "west")
	resource := s.in(c, "west")
	s.fails(resource, v1alpha1.ReasonQuotaExceeded)
	s.finish(resource)
	s.is(c, claimapi.ReasonWorkload) // west is no decision any more
	if len(c.Status.FailedAttempts) != 1 || c.Status.ResourceRef != nil {
		t.Errorf("the claim is %+v", c.Status.Status)
	}
	s.decided(second, there, c, rc, "north")
	s.in(c, "north")
}
