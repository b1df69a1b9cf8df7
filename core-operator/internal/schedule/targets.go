// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"maps"
	"reflect"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// setTarget takes note of a target as it is known now, and reports whether that is
// news, and whether it may be for what is there already: its capacity is not.
func (s *Scheduler) setTarget(name string) (news, forThose bool) {
	t, err := s.Workloads.Target(name)
	if err != nil {
		return false, false // told of when it is known
	}
	was, known := s.targets[name]
	if t == nil {
		s.state.RemoveTarget(name)
		delete(s.targets, name)
		return known, known
	}
	is := s.planned(t)
	if known && reflect.DeepEqual(was, is) {
		return false, false
	}
	s.state.SetTarget(is)
	s.targets[name] = is
	was.Allocatable, was.Foreign, was.HourlyCost = is.Allocatable, is.Foreign, is.HourlyCost
	return true, !reflect.DeepEqual(was, is)
}

// planned is what the planner has to know of a target now.
func (s *Scheduler) planned(t *workload.KubernetesTarget) plan.Target {
	out := TargetOf(t)
	out.Unschedulable = out.Unschedulable || s.Draining != nil && s.Draining(t.Name)
	return out
}

// TargetOf is what the planner has to know of a target.
func TargetOf(t *workload.KubernetesTarget) plan.Target {
	out := plan.Target{
		Name: t.Name, Labels: t.Labels, Zones: t.Spec.Zones, Taints: t.Spec.Taints,
		Unschedulable: t.Spec.Unschedulable || t.DeletionTimestamp != nil,
		Ready:         meta.IsStatusConditionTrue(t.Status.Conditions, v1alpha1.ConditionReady),
		Allowed:       t.Spec.AllowedNamespaces,
		Allocatable:   offers(t), Foreign: t.Status.Capacity.Foreign,
	}
	if out.Zones == nil {
		out.Zones = t.Status.Zones
	}
	if t.Spec.Location != nil {
		out.Location = *t.Spec.Location
	}
	if since := t.Status.UnreachableSince; since != nil {
		out.UnreachableSince = new(since.Time)
	}
	if t.Spec.HourlyCost != nil {
		out.HourlyCost = new(t.Spec.HourlyCost.AsApproximateFloat64())
	}
	return out
}

// offers is what a target has for applications: what its nodes do, or where that is
// more, what they will once its autoscaler has added those that it may. Nil: unknown.
func offers(t *workload.KubernetesTarget) map[string]resource.Quantity {
	if t.Spec.Capacity == nil {
		return t.Status.Capacity.Allocatable
	}
	all := maps.Clone(t.Spec.Capacity)
	for name, is := range t.Status.Capacity.Allocatable {
		if grown, ok := all[name]; !ok || is.Cmp(grown) > 0 {
			all[name] = is
		}
	}
	return all
}

// bearsFor reports whether an application may have to leave a target with time.
func bearsFor(t plan.Target) bool {
	if t.UnreachableSince != nil {
		return true
	}
	for _, taint := range t.Taints {
		if taint.Effect == workload.TaintNoExecute {
			return true
		}
	}
	return false
}
