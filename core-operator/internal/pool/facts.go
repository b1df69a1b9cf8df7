// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/core-operator/internal/schedule"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// waiting returns since when an application has waited for a place that it did not
// find; zero where it does not.
func waiting(a *contract.Application) time.Time {
	if a.DeletionTimestamp != nil || a.Spec.TargetRef != nil {
		return time.Time{}
	}
	if s := a.Spec.Placement; s != nil && s.SchedulerName != "" && s.SchedulerName != workload.DefaultScheduler {
		return time.Time{}
	}
	c := meta.FindStatusCondition(a.Status.Conditions, workload.ConditionScheduled)
	if c == nil || c.Status != metav1.ConditionFalse || c.Reason != workload.ReasonNoTarget && c.Reason != workload.ReasonClusterComing {
		return time.Time{}
	}
	return c.LastTransitionTime.Time
}

// hypothesis is the target that a cluster of a template becomes.
func (f *fleet) hypothesis(t *compute.ClusterTemplate, name string) plan.Target {
	labels := map[string]string{v1alpha1.LabelPool: f.pool.Name}
	for key, value := range f.pool.Spec.Target.Labels {
		labels[key] = string(value)
	}
	out := plan.Target{
		Name: name, Labels: labels, Location: v1alpha1.Location{Provider: t.Location.Provider, Region: t.Location.Region},
		Zones: t.Zones, Taints: f.pool.Spec.Target.Taints, Ready: true, Allowed: &f.pool.Spec.Target.AllowedNamespaces,
		Allocatable: f.capacity(t), HourlyCost: number(t.HourlyCost), Pool: f.pool.Name,
	}
	if t.ReadyIn != nil {
		out.ReadyIn = t.ReadyIn.Duration
	}
	return out
}

// target is what a cluster is to the planner: its target, or while that can't be used
// for the first time yet, what it becomes.
func (f *fleet) target(m *member) plan.Target {
	if m.State != compute.ClusterPending && m.target != nil {
		return schedule.TargetOf(m.target)
	}
	t := f.template(m.Template)
	if t == nil {
		t = &compute.ClusterTemplate{Name: m.Template}
	}
	out := f.hypothesis(t, m.Target)
	if m.claim != nil && m.claim.Status.Location != nil {
		out.Location = *m.claim.Status.Location
	}
	return out
}

func (f *fleet) nextName() string { return f.pool.Name + "-" + strconv.FormatInt(f.status.Made+1, 10) }

func (f *fleet) nextTarget(name string) string {
	return contract.TargetName(f.pool.Spec.Namespace, name)
}

// number is a quantity as the planner counts costs; nil: unknown.
func number(q *resource.Quantity) *float64 {
	if q == nil {
		return nil
	}
	return new(q.AsApproximateFloat64())
}
