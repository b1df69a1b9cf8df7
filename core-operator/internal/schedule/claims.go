// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/claim"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// user is who uses claims: an application, or what a preview asks about.
type user struct {
	namespace *metav1.PartialObjectMetadata
	uid       types.UID
	uses      []workload.Use
	// decided is what was decided for its claims before.
	decided []workload.ClaimPlacement
	// idle: nothing of it is anywhere yet, and it is not pinned.
	idle bool
	// others are the applications of the namespace, which may have decided already.
	others []*contract.Application
}

// used is what the claims of a user come to.
type used struct {
	claims []plan.Claim
	// unsettled says why it can't be decided yet; empty where it can.
	unsettled string
	// kept: some claims have a place that they could still leave.
	kept bool
	// failed says which claim could not be had where it was to be, and why; empty: none.
	failed string
}

// used returns what the claims of a user come to. With free those that have a place
// and hold nothing yet may get another one; without they stay, unless that failed.
func (s *Scheduler) used(ctx context.Context, u user, free bool) (used, error) {
	var out used
	seen := map[types.UID]bool{}
	for _, use := range u.uses {
		kind, why := s.kindOf(use)
		if why != "" {
			return used{unsettled: why}, nil
		}
		c, err := s.find(ctx, kind, u.namespace.Name, use.Name)
		if err != nil {
			return used{}, err
		}
		switch {
		case c == nil:
			return used{unsettled: fmt.Sprintf("%s %s, which it uses, does not exist", kind.Kind, use.Name)}, nil
		case c.GetDeletionTimestamp() != nil:
			return used{unsettled: fmt.Sprintf("%s %s, which it uses, is being deleted", kind.Kind, use.Name)}, nil
		case seen[c.GetUID()]:
			continue
		}
		seen[c.GetUID()] = true
		one := reading{user: u, kind: kind, claim: c, free: free, out: &out}
		if why, err := s.reads(ctx, one); err != nil || why != "" {
			return used{unsettled: why}, err
		}
	}
	return out, nil
}

// kindOf returns the kind of a claim that is used, or says why there is none.
func (s *Scheduler) kindOf(use workload.Use) (kind schema.GroupVersionKind, why string) {
	for _, known := range s.Claims {
		if known.Kind != use.Kind || use.Group != "" && known.Group != use.Group {
			continue
		}
		if !kind.Empty() {
			return kind, fmt.Sprintf("several groups have a claim kind %s: add the group", use.Kind)
		}
		kind = known
	}
	if kind.Empty() {
		return kind, fmt.Sprintf("there is no claim kind %s", schema.GroupKind{Group: use.Group, Kind: use.Kind})
	}
	return kind, ""
}

// find returns a claim; nil if it is not there.
func (s *Scheduler) find(ctx context.Context, kind schema.GroupVersionKind, namespace, name string) (claimapi.Claim, error) {
	object, err := s.Kube.Scheme().New(kind)
	if err != nil {
		return nil, fmt.Errorf("making an empty %s: %w", kind.Kind, err)
	}
	c, ok := object.(claimapi.Claim)
	if !ok {
		return nil, fmt.Errorf("%s: %w", kind.Kind, errNotAClaim)
	}
	err = s.Kube.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, c)
	if apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s %s: %w", kind.Kind, name, err)
	}
	return c, nil
}

// reading is how one claim is read.
type reading struct {
	user  user
	kind  schema.GroupVersionKind
	claim claimapi.Claim
	free  bool
	out   *used
}

// reads adds what one claim comes to, or says why that is not known yet.
func (s *Scheduler) reads(ctx context.Context, r reading) (string, error) {
	_, status := r.claim.Claim()
	c := plan.Claim{UID: r.claim.GetUID(), Group: r.kind.Group, Kind: r.kind.Kind, Name: r.claim.GetName()}
	if s.settled(status) {
		c.At, c.Near = status.Location, s.near(ctx, status)
		if c.At == nil {
			c.At, c.Near = &v1alpha1.Location{}, false // its operator does not say where it is
		}
		r.out.claims = append(r.out.claims, c)
		return "", nil
	}
	open, err := claim.Chooser{Kube: s.Kube, Kind: r.kind}.Open(ctx, r.claim, r.user.namespace)
	if err != nil {
		return "", fmt.Errorf("finding options for %s %s: %w", r.kind.Kind, c.Name, err)
	}
	options := s.facts.fill(open.Options)
	here := r.place()
	switch {
	case len(options) == 0 && here != nil && status.Location != nil:
		c.At, c.Near = here.Location, s.near(ctx, status) // it stays, whatever became of the class
	case open.Reason != "":
		return fmt.Sprintf("%s %s: %s: %s", r.kind.Kind, c.Name, open.Reason, open.Message), nil
	case len(options) == 0:
		return fmt.Sprintf("%s %s has no place yet, and does not wait for a workload", r.kind.Kind, c.Name), nil
	default:
		r.opens(&c, options, here)
	}
	r.out.claims = append(r.out.claims, c)
	return "", nil
}

// opens fills in what an open claim can become: what another application decided;
// what was decided before, unless everything is free; or any of the options.
func (r reading) opens(c *plan.Claim, options []plan.Option, here *workload.ClaimPlacement) {
	_, status := r.claim.Claim()
	if a, entry := claim.Decided(r.user.others, r.kind.GroupKind(), r.claim); a != nil && a.UID != r.user.uid {
		c.At, c.Near = entry.Location, slices.ContainsFunc(options, func(o plan.Option) bool { return o.Class == entry.Class && o.Near })
		return
	}
	c.Options = options
	if here == nil {
		if n := len(status.FailedAttempts); n > 0 {
			f := status.FailedAttempts[n-1]
			r.out.failed = fmt.Sprintf("%s %s could not be had from ResourceClass %s in %s: %s", r.kind.Kind, c.Name, f.Class, f.Region, f.Reason)
		}
		return
	}
	i := slices.IndexFunc(options, func(o plan.Option) bool { return o.Class == here.Class })
	if i < 0 || r.free {
		r.out.kept = r.out.kept || i >= 0
		return
	}
	r.out.kept = true
	only := options[i]
	only.Regions = []string{here.Location.Region}
	c.Options = []plan.Option{only}
}

// place returns where an open claim is, or was decided to be; nil for neither, and
// where it could not be had.
func (r reading) place() *workload.ClaimPlacement {
	_, status := r.claim.Claim()
	for i := range r.user.decided {
		entry := &r.user.decided[i]
		if entry.UID == r.claim.GetUID() && entry.Class != "" && entry.Location != nil && !claim.Failed(status, entry.Class, entry.Location.Region) {
			return entry
		}
	}
	if status.Class == nil || status.Location == nil || claim.Failed(status, status.Class.Name, status.Location.Region) {
		return nil
	}
	return &workload.ClaimPlacement{UID: r.claim.GetUID(), Class: status.Class.Name, Location: status.Location}
}

// settled reports whether a claim is where it is for good: its resource was not
// made for a workload, or may hold data already.
func (s *Scheduler) settled(status *claimapi.Status) bool {
	switch {
	case status.ResourceRef == nil:
		return false
	case status.Target == "" || status.BoundTime != nil:
		return status.Class == nil || status.Location == nil || !claim.Failed(status, status.Class.Name, status.Location.Region)
	}
	kind := schema.FromAPIVersionAndKind(status.ResourceRef.APIVersion, status.ResourceRef.Kind).GroupKind()
	if !s.Kinds.Synced(kind) {
		return true
	}
	m := s.Kinds.Get(kind, status.ResourceRef.Name)
	return m != nil && m.Status.FirstReadyTime != nil
}

// near reports whether an application has to be where a claim is that has a place.
func (s *Scheduler) near(ctx context.Context, status *claimapi.Status) bool {
	if ref := status.ResourceRef; ref != nil {
		kind := schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind).GroupKind()
		if m := s.Kinds.Get(kind, ref.Name); m != nil && (m.Status.Reach == v1alpha1.ReachNetwork || m.Status.Reach == v1alpha1.ReachCluster) {
			return true
		}
	}
	if status.Class == nil {
		return false
	}
	class := &core.ResourceClass{}
	err := s.Kube.Get(ctx, client.ObjectKey{Name: status.Class.Name}, class)
	return err == nil && class.Spec.Colocation == core.ColocationRequired
}

var errNotAClaim = errors.New("not a claim kind")
