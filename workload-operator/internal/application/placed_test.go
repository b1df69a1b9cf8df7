// SPDX-License-Identifier: Apache-2.0

package application_test

import (
	"fmt"
	"regexp"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// decides writes what a scheduler does.
func (s *scene) decides(a *workload.KubernetesApplication, scheduled metav1.Condition, placement *workload.PlacementStatus) {
	s.Helper()
	s.eventually(func() error {
		s.get(a)
		scheduled.Type, scheduled.LastTransitionTime = workload.ConditionScheduled, metav1.Now()
		meta.SetStatusCondition(&a.Status.Conditions, scheduled)
		a.Status.Placement = placement
		return hub.Client.Status().Update(s.ctx, a, client.FieldOwner("core-operator"))
	})
}

func unplaced(a *workload.KubernetesApplication) { a.Spec.TargetRef = nil }

// TestPlaced: an application that names no target runs where the scheduler says,
// moves when it says otherwise, and what the scheduler wrote stays its own.
func TestPlaced(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	a := s.app("a", []object{configMap("a")}, unplaced)
	s.says(a, v1alpha1.ConditionReady, workload.ReasonTargetPending, "none was chosen yet")
	s.decides(a, metav1.Condition{Status: metav1.ConditionFalse, Reason: workload.ReasonNoTarget, Message: "none of 3 targets"}, nil)
	s.says(a, v1alpha1.ConditionReady, workload.ReasonTargetPending, "NoTarget: none of 3 targets")

	placed := metav1.Condition{Status: metav1.ConditionTrue, Reason: workload.ReasonPlaced, Message: "on faraway"}
	s.decides(a, placed, &workload.PlacementStatus{Attempt: 1, Target: "faraway", Score: 7})
	s.ready(a)
	if is := a.Status; is.Placement == nil || is.Placement.Score != 7 || !meta.IsStatusConditionTrue(is.Conditions, workload.ConditionScheduled) {
		t.Errorf("want what the scheduler wrote kept: %+v", is)
	}
	for _, f := range a.ManagedFields {
		if f.Manager == account && f.FieldsV1 != nil && regexp.MustCompile("f:placement|Scheduled").MatchString(f.FieldsV1.GetRawString()) {
			t.Errorf("want the decision to be the scheduler's alone: %s", f.FieldsV1.GetRawString())
		}
	}

	secret := &corev1.Secret{}
	s.must(hub.Client.Get(s.ctx, client.ObjectKey{Namespace: system, Name: "target-faraway"}, secret))
	s.must(makeTarget(s.ctx, s.namespace, secret.Data["value"], func(t *workload.KubernetesTarget) {
		t.Spec.AllowedNamespaces = bindable([]string{s.namespace}, nil)
	}))
	s.target(s.namespace, metav1.ConditionTrue, workload.ReasonReachable)
	s.decides(a, placed, &workload.PlacementStatus{Attempt: 2, Target: s.namespace})
	s.eventually(func() error {
		s.get(a)
		if on := a.Status.Targets; len(on) != 1 || on[0].Name != s.namespace {
			return fmt.Errorf("it did not move: %+v", on)
		}
		return nil
	})
	s.ready(a)
}

// TestPlacedClaim: nothing is applied while a claim is elsewhere than it was decided.
func TestPlacedClaim(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	claim := s.claim("db")
	claim.says("True", "Bound", 1, true, map[string]string{"host": "h"})
	s.must(unstructured.SetNestedStringMap(claim.object.Object, map[string]string{"provider": "test", "region": "north"}, "status", "location"))
	s.must(hub.Client.Status().Update(s.ctx, claim.object))
	uses := func(a *workload.KubernetesApplication) {
		a.Spec.Uses = []workload.Use{{Kind: "MySQLInstance", Name: "db"}}
	}
	a := s.app("a", []object{configMap("a")}, unplaced, uses)
	at := func(region string) *workload.PlacementStatus {
		return &workload.PlacementStatus{Target: "faraway", Claims: []workload.ClaimPlacement{{
			UID: claim.object.GetUID(), Group: "database.crossplane.io", Kind: "MySQLInstance", Name: "db", Location: &v1alpha1.Location{Provider: "test", Region: region},
		}}}
	}
	placed := metav1.Condition{Status: metav1.ConditionTrue, Reason: workload.ReasonPlaced}
	s.decides(a, placed, at("south"))
	s.says(a, v1alpha1.ConditionReady, workload.ReasonClaimNotReady, "db is in test north, and is to be in test south")
	s.decides(a, placed, at("north"))
	s.ready(a)
}
