// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"reflect"

	"k8s.io/apimachinery/pkg/api/meta"

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

// planned is what the planner has to know of a target.
func (s *Scheduler) planned(t *workload.KubernetesTarget) plan.Target {
	out := plan.Target{
		Name: t.Name, Labels: t.Labels, Zones: t.Spec.Zones, Taints: t.Spec.Taints,
		Unschedulable: t.Spec.Unschedulable || t.DeletionTimestamp != nil || s.Draining != nil && s.Draining(t.Name),
		Ready:         meta.IsStatusConditionTrue(t.Status.Conditions, v1alpha1.ConditionReady),
		Allowed:       t.Spec.AllowedNamespaces,
		Allocatable:   t.Status.Capacity.Allocatable, Foreign: t.Status.Capacity.Foreign,
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
