// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// settling is how long a new claim waits for its place before it says so: what
// is applied together comes within seconds, and the place is decided then. Until
// that time its status is the schema's default, and its first write can be the one
// that commits to what was chosen.
const settling = 5 * time.Second

// deciding is how long it waits, and says nothing, while the application that uses it
// has not been looked at: that is in the scheduler's queue, and so many may be before it
// that to say so of each claim would take longer than to decide.
const deciding = 15 * time.Second

// Uses reports whether an application names a claim among what it uses.
func Uses(a *contract.Application, kind schema.GroupKind, name string) bool {
	return slices.ContainsFunc(a.Spec.Uses, func(use workload.Use) bool {
		return use.Kind == kind.Kind && use.Name == name && (use.Group == "" || use.Group == kind.Group)
	})
}

// Decided returns which of some applications of a claim's namespace decides where
// the claim is satisfied, and what it decided: of those that use it and have
// decided on it, the first by creation. Nil while there is none. What failed before
// is no decision.
func Decided(applications []*contract.Application, kind schema.GroupKind, of claimapi.Claim) (*contract.Application, *workload.ClaimPlacement) {
	_, status := of.Claim()
	var first *contract.Application
	var decided *workload.ClaimPlacement
	for _, a := range applications {
		if a.DeletionTimestamp != nil || !Uses(a, kind, of.GetName()) || first != nil && !before(a, first) {
			continue
		}
		if entry := settles(a, of); entry != nil && !Failed(status, entry.Class, entry.Location.Region) {
			first, decided = a, entry
		}
	}
	return first, decided
}

func before(a, b *contract.Application) bool {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), strings.Compare(a.Name, b.Name)) < 0
}

// settles returns what the placement of an application says of an open claim.
func settles(a *contract.Application, of claimapi.Claim) *workload.ClaimPlacement {
	placement := a.Status.Placement
	if placement == nil || placement.Target == "" || !meta.IsStatusConditionTrue(a.Status.Conditions, workload.ConditionScheduled) {
		return nil
	}
	for i := range placement.Claims {
		if entry := &placement.Claims[i]; entry.UID == of.GetUID() && entry.Class != "" && entry.Location != nil {
			return entry
		}
	}
	return nil
}

// placed returns the option that was decided on together with the application that
// uses the claim.
func (r *Reconciler) placed(p *pass, classes []*corev1alpha1.ResourceClass) (option, verdict, error) {
	applications, err := r.Workloads.Applications(p.claim.GetNamespace())
	if errors.Is(err, contract.ErrNotSynced) {
		return option{}, r.patient(p, stop(claimapi.ReasonWorkload, "The applications are not known yet"), settling), nil
	}
	if err != nil {
		return option{}, verdict{}, fmt.Errorf("finding who uses the claim: %w", err)
	}
	a, entry := Decided(applications, p.kind.GroupKind(), p.claim)
	if a == nil {
		v, patience := undecided(p, applications)
		return option{}, r.patient(p, v, patience), nil
	}
	name := a.Status.Placement.Target
	t, err := r.Workloads.Target(name)
	if err != nil && !errors.Is(err, contract.ErrNotSynced) {
		return option{}, verdict{}, fmt.Errorf("finding where the claim is used: %w", err)
	}
	if t == nil {
		return option{}, r.patient(p, stop(claimapi.ReasonWorkload, "KubernetesApplication %s is placed on KubernetesTarget %s, which is not there", a.Name, name), settling), nil
	}
	for _, c := range classes {
		anywhere := len(c.Spec.Regions) == 0 || slices.Contains(c.Spec.Regions, entry.Location.Region)
		if c.Name == entry.Class && c.Spec.Provider == entry.Location.Provider && anywhere {
			return option{class: c, location: *entry.Location, target: name}, verdict{}, nil
		}
	}
	return option{}, r.patient(p, stop(claimapi.ReasonWorkload, "KubernetesApplication %s was placed with ResourceClass %s in %s, which this claim can't use any more",
		a.Name, entry.Class, entry.Location.Region), settling), nil
}

// undecided says what a claim waits for that no application has decided on, and for how
// long a new one keeps that to itself.
func undecided(p *pass, applications []*contract.Application) (v verdict, patience time.Duration) {
	var first *contract.Application
	for _, a := range applications {
		if a.DeletionTimestamp == nil && p.isUsedBy(a) && (first == nil || before(a, first)) {
			first = a
		}
	}
	if first == nil {
		return stop(claimapi.ReasonWorkload, "No KubernetesApplication of this namespace names it in spec.uses"), settling
	}
	scheduled := meta.FindStatusCondition(first.Status.Conditions, workload.ConditionScheduled)
	switch {
	case scheduled == nil:
		return stop(claimapi.ReasonWorkload, "KubernetesApplication %s has no place yet", first.Name), deciding
	case len(p.status.FailedAttempts) > 0 && settles(first, p.claim) != nil:
		return stop(claimapi.ReasonWorkload, "KubernetesApplication %s is being placed again", first.Name), settling
	default:
		return stop(claimapi.ReasonWorkload, "KubernetesApplication %s has not decided on it: Scheduled is %s, %s",
			first.Name, scheduled.Status, scheduled.Reason), settling
	}
}

// patient keeps what a new claim waits for to itself for a moment.
func (r *Reconciler) patient(p *pass, v verdict, patience time.Duration) verdict {
	ready := meta.FindStatusCondition(p.told, v1alpha1.ConditionReady)
	if ready != nil && ready.Reason == claimapi.ReasonPending {
		since := p.claim.GetCreationTimestamp().Time
		if r.started.After(since) {
			since = r.started
		}
		v.later = max(0, patience-r.Clock.Since(since))
	}
	return v
}

// target returns what templates see of the target that the place was decided
// with; nil where it was decided without, or the target is gone.
func (r *Reconciler) target(p *pass) *class.Target {
	if p.status.Target == "" {
		return nil
	}
	t, err := r.Workloads.Target(p.status.Target)
	if err != nil || t == nil {
		return nil
	}
	return seenBy(t)
}

// relocated reports whether the application that decides on the claim's place has
// decided anew, as the API server itself has it: something is deleted for that.
func (r *Reconciler) relocated(ctx context.Context, p *pass) (bool, error) {
	if p.status.Target == "" || p.wasBound() {
		return false, nil
	}
	applications, err := r.Workloads.Applications(p.claim.GetNamespace())
	if err != nil {
		return false, nil //nolint:nilerr // not known yet: it is looked at when it is
	}
	a, entry := Decided(applications, p.kind.GroupKind(), p.claim)
	if a == nil || p.isAt(entry) {
		return false, nil
	}
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(schema.GroupVersionKind{Group: workload.Group, Version: workload.Version, Kind: "KubernetesApplication"})
	err = r.Live.Get(ctx, client.ObjectKeyFromObject(a), u)
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading KubernetesApplication %s: %w", a.Name, err)
	}
	now := &contract.Application{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, now); err != nil {
		return false, fmt.Errorf("reading KubernetesApplication %s: %w", a.Name, err)
	}
	a, entry = Decided([]*contract.Application{now}, p.kind.GroupKind(), p.claim)
	return a != nil && !p.isAt(entry), nil
}

// isAt reports whether the claim is where a placement wants it.
func (p *pass) isAt(entry *workload.ClaimPlacement) bool {
	return p.status.Class.Name == entry.Class && *p.status.Location == *entry.Location
}
