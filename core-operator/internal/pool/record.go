// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/conditions"
)

// record writes the status of a pool, if that is new, and tells what was done. It
// fails where somebody else has written the pool since it was read.
func (p *Pools) record(ctx context.Context, w *world, f *fleet) error {
	to := f.recorded.DeepCopy()
	to.Status = f.result(w)
	if equality.Semantic.DeepEqual(f.recorded.Status, to.Status) {
		return nil
	}
	lock := client.MergeFromWithOptions(f.recorded, client.MergeFromWithOptimisticLock{})
	if err := p.Kube.Status().Patch(ctx, to, lock, client.FieldOwner(fieldManager)); err != nil {
		return fmt.Errorf("writing the status of pool %s: %w", f.pool.Name, err)
	}
	f.recorded = to
	for _, e := range f.said {
		log.FromContext(ctx).Info("pool has changed", "pool", f.pool.Name, "reason", e.reason, "message", e.message)
		p.Events.Eventf(f.pool, nil, e.kind, e.reason, "Scale", "%s", e.message)
	}
	f.said = nil
	return nil
}

// result is the status that follows from the pass.
func (f *fleet) result(w *world) compute.ClusterPoolStatus {
	s := *f.status.DeepCopy()
	s.Clusters = nil
	for _, m := range f.members {
		s.Clusters = append(s.Clusters, *m.PoolCluster.DeepCopy())
	}
	s.Templates = slices.DeleteFunc(s.Templates, func(t compute.TemplateStatus) bool { return t.Capacity == nil && t.Failure == nil })
	s.ObservedGeneration = f.pool.Generation
	s.Selector = v1alpha1.LabelPool + "=" + f.pool.Name
	s.Window = f.limits.window
	s.Replicas, s.ReadyReplicas = f.count((*member).any), f.count((*member).usable)
	s.HourlyCost = nil
	if cost := f.cost(); !cost.IsZero() {
		s.HourlyCost = &cost
	}
	s.Conditions = conditions.After(f.pool.Status.Conditions, f.verdict(w), f.pool.Generation, w.now)
	return s
}

// any counts every cluster.
func (m *member) any() bool { return true }

// usable reports whether applications are, or can be, placed on a cluster.
func (m *member) usable() bool {
	return m.State == compute.ClusterReady || m.State == compute.ClusterMovable || m.State == compute.ClusterIdle
}

// verdict is what there is to say of a pool.
func (f *fleet) verdict(w *world) conditions.Verdict {
	if f.deleting() {
		word := conditions.Word{Status: metav1.ConditionFalse, Reason: compute.ReasonDeleting, Message: f.remaining()}
		return conditions.Verdict{Ready: &word, Synced: conditions.Word{Status: metav1.ConditionTrue, Reason: compute.ReasonDeleting, Message: word.Message}, Working: true}
	}
	synced := f.synced(w)
	ready := conditions.Word{Status: metav1.ConditionTrue, Reason: compute.ReasonAvailable, Message: fmt.Sprintf("%d of at least %d clusters can be used", f.count((*member).usable), f.limits.min)}
	if f.count((*member).usable) < f.limits.min {
		ready = conditions.Word{Status: metav1.ConditionFalse, Reason: compute.ReasonScaling, Message: ready.Message + f.progress()}
		if synced.Status == metav1.ConditionFalse {
			ready.Reason, ready.Message = synced.Reason, synced.Message
		}
	}
	stalled := synced.Reason == compute.ReasonScheduleInvalid
	return conditions.Verdict{Ready: &ready, Synced: synced, Stalled: stalled, Working: f.moving() > 0 || ready.Status == metav1.ConditionFalse}
}

// synced says what keeps the pool from having as many clusters as are needed.
func (f *fleet) synced(w *world) conditions.Word {
	not := func(reason, message string) conditions.Word {
		return conditions.Word{Status: metav1.ConditionFalse, Reason: reason, Message: message}
	}
	if f.limits.invalid != "" {
		return not(compute.ReasonScheduleInvalid, f.limits.invalid)
	}
	if f.namespace == nil {
		return not(compute.ReasonNamespaceMissing, fmt.Sprintf("Namespace %s, in which the claims are made, is not there: create it", f.pool.Spec.Namespace))
	}
	if f.short != nil {
		message := f.short.message
		if f.unserved > 0 {
			message = fmt.Sprintf("%d applications wait for a cluster: %s", f.unserved, message)
		}
		return not(f.short.reason, message)
	}
	var unfit []string
	for i := range f.pool.Spec.Templates {
		if why := f.unfit(w, &f.pool.Spec.Templates[i]); why != "" {
			unfit = append(unfit, fmt.Sprintf("template %s: %s", f.pool.Spec.Templates[i].Name, why))
		}
	}
	if len(unfit) > 0 {
		return not(compute.ReasonClassUnusable, strings.Join(unfit, "; "))
	}
	if n := f.moving(); n > 0 {
		return conditions.Word{Status: metav1.ConditionTrue, Reason: compute.ReasonScaling, Message: fmt.Sprintf("%d clusters are being made or removed%s", n, f.emptying())}
	}
	return conditions.Word{Status: metav1.ConditionTrue, Reason: compute.ReasonInSync}
}

// moving counts the clusters that are being made or removed.
func (f *fleet) moving() int32 { return f.count(func(m *member) bool { return !m.usable() }) }

// emptying says which clusters applications are moved away from.
func (f *fleet) emptying() string {
	var out strings.Builder
	for _, m := range f.members {
		if m.Drain != "" && m.State == compute.ClusterDraining {
			fmt.Fprintf(&out, "; %s is drained, %d applications are on the move", m.Name, len(m.Moving))
		}
	}
	return out.String()
}

// progress says what the clusters that are being made wait for.
func (f *fleet) progress() string {
	var out strings.Builder
	for _, m := range f.members {
		if m.State != compute.ClusterPending || m.claim == nil {
			continue
		}
		if ready := meta.FindStatusCondition(m.claim.Status.Conditions, v1alpha1.ConditionReady); ready != nil && ready.Status != metav1.ConditionTrue {
			fmt.Fprintf(&out, "; %s: %s", m.Name, ready.Reason)
		} else {
			fmt.Fprintf(&out, "; %s: its target can't be used yet", m.Name)
		}
	}
	return out.String()
}

// remaining says which clusters keep a pool that is to go.
func (f *fleet) remaining() string {
	var used, going []string
	for _, m := range f.members {
		if m.used {
			used = append(used, m.Name)
		} else {
			going = append(going, m.Name)
		}
	}
	var parts []string
	if len(used) > 0 {
		parts = append(parts, "applications are on "+strings.Join(used, ", "))
	}
	if len(going) > 0 {
		parts = append(parts, "to be gone: "+strings.Join(going, ", "))
	}
	return "Waiting for its clusters: " + strings.Join(parts, "; ")
}
