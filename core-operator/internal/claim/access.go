// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// renderAccess computes what opens the path to the claim's service from each
// target that uses it. Where that can't be said of a target, what is open from
// there stays as it is.
func (r *Reconciler) renderAccess(p *pass, compiled *class.Compiled, in class.Input, namespace *metav1.PartialObjectMetadata) ([]class.Rendered, error) {
	p.keep, p.closed = nil, verdict{}
	if len(compiled.Spec().Access) == 0 {
		p.status.OpenedFor = ""
		return nil, nil
	}
	targets, err := r.targets(p, namespace)
	if errors.Is(err, contract.ErrNotSynced) {
		p.keep = func(string) bool { return true }
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []class.Rendered
	var failed []string
	for _, t := range targets {
		in.Target = seenBy(t)
		rendered, err := compiled.RenderAccess(in)
		if err != nil {
			failed = append(failed, t.Name)
			if !p.closed.final() {
				p.closed = stop(claimapi.ReasonRenderFailed, "Access from target %s: %s", t.Name, err)
				p.closed.actor = v1alpha1.ActorAdministrator
			}
			continue
		}
		all = append(all, rendered...)
	}
	if len(failed) > 1 {
		p.closed.message = sentences(p.closed.message, "It is not opened from "+strings.Join(failed[1:], ", ")+" either")
	}
	p.keep = func(target string) bool { return slices.Contains(failed, target) }
	p.status.OpenedFor = digestOfTargets(targets)
	return all, nil
}

// targets returns the targets on which applications use the claim, by name: those
// that an application has objects on, and the one that it names, if it may run
// there.
func (r *Reconciler) targets(p *pass, namespace *metav1.PartialObjectMetadata) ([]*workload.KubernetesTarget, error) {
	applications, err := r.Workloads.Applications(p.claim.GetNamespace())
	if err != nil {
		return nil, fmt.Errorf("finding who uses the claim: %w", err)
	}
	found := map[string]*workload.KubernetesTarget{}
	for _, a := range applications {
		if !p.isUsedBy(a) {
			continue
		}
		for _, name := range a.TargetNames() {
			t, err := r.Workloads.Target(name)
			if err != nil {
				return nil, fmt.Errorf("finding from where the claim is used: %w", err)
			}
			if t != nil && (a.On(name) || t.Spec.AllowedNamespaces.Admits(namespace.Name, namespace.Labels)) {
				found[name] = t
			}
		}
	}
	out := make([]*workload.KubernetesTarget, 0, len(found))
	for _, t := range found {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *workload.KubernetesTarget) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// moved reports whether the claim is used from other targets than those to which
// the path was opened, or their networks are others.
func (r *Reconciler) moved(ctx context.Context, p *pass) bool {
	namespace, err := r.namespace(ctx, p)
	if err != nil {
		return false // it is looked at again
	}
	targets, err := r.targets(p, namespace)
	if err != nil || len(targets) == 0 && p.status.OpenedFor == "" {
		return false
	}
	if compiled, v, err := r.compiled(ctx, p.status.Class.Revision); err != nil || v.final() || len(compiled.Spec().Access) == 0 {
		return false
	}
	return digestOfTargets(targets) != p.status.OpenedFor
}

// usedIn returns the claims that an application concerns: those that it uses, and
// those that it may have used before.
func (r *Reconciler) usedIn(ctx context.Context, a *contract.Application) []reconcile.Request {
	requests := append(r.waiting(ctx, isOpen, client.InNamespace(a.Namespace)), r.waiting(ctx, isReleased)...)
	for _, use := range a.Spec.Uses {
		if use.Kind == r.kind.Kind && (use.Group == "" || use.Group == r.kind.Group) {
			requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: a.Namespace, Name: use.Name}})
		}
	}
	return requests
}

// seenBy returns what templates see of a target.
func seenBy(t *workload.KubernetesTarget) *class.Target {
	out := &class.Target{Name: t.Name, Labels: t.Labels}
	if t.Spec.Location != nil {
		out.Location = *t.Spec.Location
	}
	if t.Status.Network != nil {
		out.Network = *t.Status.Network
	}
	return out
}

// digestOfTargets stands for all that templates see of targets; empty for none.
func digestOfTargets(targets []*workload.KubernetesTarget) string {
	if len(targets) == 0 {
		return ""
	}
	seen := make([]any, 0, len(targets))
	for _, t := range targets {
		seen = append(seen, t.UID, seenBy(t))
	}
	text, err := json.Marshal(seen)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// close removes what opens the path to a claim that is let go, whatever becomes of
// the rest, and returns what is not gone yet.
func (r *Reconciler) close(ctx context.Context, p *pass, left []*contract.Managed) (*contract.Managed, error) {
	var waiting *contract.Managed
	for _, m := range left {
		if !slices.ContainsFunc(p.status.Resources, func(e claimapi.RenderedResource) bool {
			return e.Target != "" && e.ResourceReference == referenceTo(m)
		}) {
			continue
		}
		waiting = m
		if m.Deleting() {
			continue
		}
		if err := r.Kinds.Delete(ctx, m); err != nil {
			return nil, fmt.Errorf("closing the path: %w", err)
		}
	}
	return waiting, nil
}
