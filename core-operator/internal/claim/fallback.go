// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

var errVanished = errors.New("the resource that was chosen is gone")

// retire removes what was made in an attempt that failed, and only when that is
// proven to be gone makes room for the next option. So it does with what nothing
// has used yet where the application that uses the claim goes elsewhere. A resource
// that became ready after all is kept.
func (r *Reconciler) retire(ctx context.Context, p *pass) (verdict, error) {
	if !p.dynamic() || p.status.Location == nil {
		return verdict{}, nil
	}
	reason := claimapi.ReasonFallback
	if !p.failed(p.status.Class.Name, p.status.Location.Region) {
		reason = claimapi.ReasonRelocating
		if elsewhere, err := r.relocated(ctx, p); err != nil || !elsewhere {
			return verdict{}, err
		}
	}
	left, err := r.owned(ctx, p)
	if err != nil {
		return verdict{}, err
	}
	if i := slices.IndexFunc(left, everReady); i >= 0 && left[i].Name == p.status.ResourceRef.Name {
		p.status.FailedAttempts = slices.DeleteFunc(p.status.FailedAttempts, func(f claimapi.FailedAttempt) bool {
			return f.Class == p.status.Class.Name && f.Region == p.status.Location.Region
		})
		return verdict{}, nil
	}
	if len(left) > 0 {
		waiting, err := r.dismantle(ctx, p, left)
		return stop(reason, "Waiting until %s %s is gone", waiting.Kind, waiting.Name), err
	}
	p.status.Class, p.status.Location, p.status.ResourceRef, p.status.Resources = nil, nil, nil, nil
	p.status.Target = ""
	return verdict{}, nil
}

func everReady(m *contract.Managed) bool { return m.Status.FirstReadyTime != nil }

// fallBack gives an attempt up that failed for want of quota or capacity, if
// there is another option. That it failed is on record before anything is
// deleted.
func (r *Reconciler) fallBack(ctx context.Context, p *pass, reason string) (verdict, error) {
	m := p.resource()
	scarce := reason == v1alpha1.ReasonQuotaExceeded || reason == v1alpha1.ReasonCapacity
	if !scarce || !p.dynamic() || p.wasBound() || m == nil || everReady(m) {
		return verdict{}, nil
	}
	this := claimapi.FailedAttempt{Class: p.status.Class.Name, Region: p.status.Location.Region, Reason: reason}
	more, err := r.another(ctx, p, this)
	if err != nil || !more {
		return verdict{}, err
	}
	p.status.FailedAttempts = append(p.status.FailedAttempts, this)
	v := stop(claimapi.ReasonFallback, "Class %s in %s: %s", this.Class, this.Region, resourceCause(reason).says)
	if err := r.commit(ctx, p, v); err != nil {
		return verdict{}, err
	}
	if waits, err := r.retire(ctx, p); err != nil || waits.final() {
		return waits, err
	}
	return v, nil
}

// another reports whether there is an option beside those that failed and this one.
func (r *Reconciler) another(ctx context.Context, p *pass, this claimapi.FailedAttempt) (bool, error) {
	namespace, err := r.namespace(ctx, p)
	if err != nil {
		return false, err
	}
	classes, v, err := r.chooser().classes(ctx, p.claim, namespace)
	if err != nil || v.final() {
		return false, err
	}
	targets, err := r.Workloads.Targets()
	if err != nil {
		return false, nil //nolint:nilerr // not known yet: the claim is looked at again
	}
	regions := func(provider string) []string {
		var all []string
		for _, t := range targets {
			at := t.Spec.Location
			if at != nil && at.Provider == provider && t.Spec.AllowedNamespaces.Admits(namespace.Name, namespace.Labels) {
				all = append(all, at.Region)
			}
		}
		return all
	}
	return slices.ContainsFunc(options(p.claim, classes, regions), func(o option) bool {
		return !p.failed(o.class.Name, o.location.Region) && (o.class.Name != this.Class || o.location.Region != this.Region)
	}), nil
}

// owned returns what there is of the claim's resources, as the API server has
// it, the primary one last. What is bound to another claim is not the claim's.
func (r *Reconciler) owned(ctx context.Context, p *pass) ([]*contract.Managed, error) {
	var all []*contract.Managed
	refs := map[claimapi.ResourceReference]bool{}
	for _, entry := range p.status.Resources {
		refs[entry.ResourceReference] = entry.Primary
	}
	for _, m := range r.Kinds.BoundTo(p.claim.GetUID()) {
		if ref := referenceTo(m); !refs[ref] {
			refs[ref] = false
		}
	}
	for ref := range refs {
		m, err := r.Kinds.Confirmed(ctx, groupKind(ref), ref.Name)
		if errors.Is(err, contract.ErrNoKind) {
			continue // went with its kind, whose removal was decided elsewhere
		}
		if err != nil {
			return nil, fmt.Errorf("finding what belongs to the claim: %w", err)
		}
		if m.BoundTo(p.claim.GetUID()) {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b *contract.Managed) int {
		return cmp.Or(order(refs[referenceTo(a)])-order(refs[referenceTo(b)]), strings.Compare(a.Name, b.Name))
	})
	return all, nil
}

// dismantle takes the next step in deleting resources, the primary one last, and
// returns one that is waited for. One that is on its way and itself waits for
// something else does not keep the primary one: that may be what it waits for.
func (r *Reconciler) dismantle(ctx context.Context, p *pass, resources []*contract.Managed) (*contract.Managed, error) {
	waiting := resources[0]
	held := false
	for _, m := range resources {
		primary := p.status.ResourceRef != nil && referenceTo(m) == *p.status.ResourceRef
		if primary && held {
			break
		}
		waiting = m
		if !m.Deleting() {
			if err := r.Kinds.Delete(ctx, m); err != nil {
				return m, fmt.Errorf("releasing: %w", err)
			}
		}
		held = held || !m.Deleting() || !waitsForOthers(m)
	}
	return waiting, nil
}

func waitsForOthers(m *contract.Managed) bool {
	synced := m.Condition(v1alpha1.ConditionSynced)
	if synced.Status != metav1.ConditionFalse {
		return false
	}
	return synced.Reason == v1alpha1.ReasonDependency || synced.Reason == v1alpha1.ReasonConflict
}

// order puts what is not so before what is.
func order(is bool) int {
	if is {
		return 1
	}
	return 0
}
