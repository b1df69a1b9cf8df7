// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

const reasonOperatorNotRunning = corev1alpha1.ReasonOperatorNotRunning

// await ends the pass with the deepest cause where a resource of the claim can't
// be used.
func (r *Reconciler) await(ctx context.Context, p *pass) (verdict, error) {
	m, missing := p.worst()
	if m == nil && missing {
		if p.synced.final() {
			return p.synced, nil
		}
		return p.creating(), nil
	}
	if m == nil {
		return verdict{}, nil
	}
	reason := reasonOf(m)
	if v, err := r.fallBack(ctx, p, reason); err != nil || v.final() {
		return v, err
	}
	switch reason {
	case v1alpha1.ReasonPending:
		return r.pending(ctx, p)
	case v1alpha1.ReasonCreating, v1alpha1.ReasonInSync, v1alpha1.ReasonAvailable:
		return p.creating(), nil
	default:
		return because(reason, m), nil
	}
}

// creating is the verdict on a claim whose resource is on its way. It is the one
// with which the claim was committed, so that nothing is written meanwhile.
func (p *pass) creating() verdict {
	return about(causeOf(claimapi.ReasonCreating), claimapi.ReasonCreating, *p.status.ResourceRef)
}

// pending is the verdict on a claim whose resource nobody has looked at yet:
// perhaps because its operator does not run.
func (r *Reconciler) pending(ctx context.Context, p *pass) (verdict, error) {
	if !p.dynamic() {
		return p.creating(), nil
	}
	c := &corev1alpha1.ResourceClass{}
	if err := r.Kube.Get(ctx, client.ObjectKey{Name: p.status.Class.Name}, c); client.IgnoreNotFound(err) != nil {
		return verdict{}, fmt.Errorf("reading class %s: %w", p.status.Class.Name, err)
	}
	available := meta.FindStatusCondition(c.Status.Conditions, corev1alpha1.ConditionAvailable)
	if available != nil && available.Status == metav1.ConditionFalse {
		return stop(available.Reason, "ResourceClass %s: %s", c.Name, available.Message), nil
	}
	return p.creating(), nil
}

// worst returns the resource that tells most of why the claim can't be used, and
// whether one is missing. One that waits for another tells least.
func (p *pass) worst() (*contract.Managed, bool) {
	var worst *contract.Managed
	missing := false
	for _, entry := range p.status.Resources {
		m := p.found[entry.Role]
		switch {
		case entry.Leaving, entry.Target != "": // a path that is not open yet makes nothing unready
		case m == nil:
			missing = true
		case m.Ready():
		case worst == nil, waits(worst) && !waits(m), entry.Primary && waits(worst) == waits(m):
			worst = m
		}
	}
	return worst, missing
}

func waits(m *contract.Managed) bool {
	return slices.Contains([]string{
		v1alpha1.ReasonPending, v1alpha1.ReasonCreating, v1alpha1.ReasonReferenceNotReady, v1alpha1.ReasonDependency,
	}, reasonOf(m))
}

// reasonOf returns why m can't be used: what keeps its operator from working on
// it, or else what state it is in.
func reasonOf(m *contract.Managed) string {
	if synced := m.Condition(v1alpha1.ConditionSynced); synced.Status == metav1.ConditionFalse {
		return synced.Reason
	}
	return m.Condition(v1alpha1.ConditionReady).Reason
}

// bound is the verdict on a claim that can be used.
func (r *Reconciler) bound(p *pass) verdict {
	m := p.resource()
	for i := range p.status.Resources {
		if one := p.found[p.status.Resources[i].Role]; one != nil {
			p.status.Resources[i].ExternalName = one.ExternalName()
		}
	}
	if p.status.BoundTime == nil {
		p.status.BoundTime = &p.now
	}
	if !p.synced.final() {
		p.synced = refusal(p)
	}
	return verdict{ready: true, reason: claimapi.ReasonBound, message: fmt.Sprintf("Bound to %s %s.", m.Kind, m.Name), working: p.dynamic() && changing(m)}
}

// refusal says what keeps the resources from being as they should be, where
// somebody can do something about it. What the cloud will get over is no news.
func refusal(p *pass) verdict {
	for _, entry := range p.status.Resources {
		m := p.found[entry.Role]
		if m == nil {
			continue
		}
		synced := m.Condition(v1alpha1.ConditionSynced)
		if synced.Status != metav1.ConditionFalse {
			continue
		}
		if v := because(synced.Reason, m); v.actor == developer || v.actor == administrator {
			return v
		}
	}
	return verdict{}
}

// changing reports whether a change of the spec is on its way to the cloud.
func changing(m *contract.Managed) bool {
	if m.Status.ObservedGeneration < m.Generation {
		return true
	}
	working := m.Condition(v1alpha1.ConditionReconciling)
	return working.Status == metav1.ConditionTrue && working.Reason == v1alpha1.ReasonUpdating
}
