// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"errors"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/class"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

var errNotAClaim = errors.New("not a claim kind")

// pass is one look at a claim: the claim, with what the steps found so far.
type pass struct {
	claim  claimapi.Claim
	spec   *claimapi.Spec
	status *claimapi.Status
	kind   schema.GroupVersionKind
	now    metav1.Time

	before   claimapi.Claim               // as it is stored
	told     []metav1.Condition           // the conditions that events were recorded for
	rendered []class.Rendered             // where the claim was rendered in this pass
	found    map[string]*contract.Managed // what is there of status.resources, by role
	synced   verdict                      // what keeps the spec from being carried out, if anything
	turned   verdict                      // what keeps it from the revision that it asks for, if anything
	closed   verdict                      // what keeps a path from being opened, if anything
	keep     func(target string) bool     // whether what is open from a target stays as it is
	carried  bool                         // the spec was carried out, or tried to be
}

func newPass(c claimapi.Claim, kind schema.GroupVersionKind, now metav1.Time) *pass {
	p := &pass{claim: c, kind: kind, now: now, found: map[string]*contract.Managed{}}
	p.spec, p.status = c.Claim()
	p.told = slices.Clone(p.status.Conditions)
	p.stored()
	return p
}

// stored takes note that the claim is now as it is in the API.
func (p *pass) stored() {
	p.before, _ = p.claim.DeepCopyObject().(claimapi.Claim)
}

// dynamic reports whether the claim's resources are made by a class.
func (p *pass) dynamic() bool { return p.status.Class != nil }

// wasBound reports whether the claim's resource may hold data.
func (p *pass) wasBound() bool { return p.status.BoundTime != nil }

// lasting returns how long the claim has been usable, or not.
func (p *pass) lasting() time.Duration {
	ready := meta.FindStatusCondition(p.status.Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return 0
	}
	return p.now.Sub(ready.LastTransitionTime.Time)
}

// reference is what binds a resource to the claim.
func (p *pass) reference() v1alpha1.ClaimReference {
	return v1alpha1.ClaimReference{
		Group: p.kind.Group, Kind: p.kind.Kind,
		Namespace: p.claim.GetNamespace(), Name: p.claim.GetName(), UID: string(p.claim.GetUID()),
	}
}

// primary returns the entry in the status of the resource that the claim is, or
// will be, bound to; nil while none was chosen.
func (p *pass) primary() *claimapi.RenderedResource {
	for i := range p.status.Resources {
		if p.status.Resources[i].Primary {
			return &p.status.Resources[i]
		}
	}
	return nil
}

// resource returns the managed resource that the claim is bound to, once it is there.
func (p *pass) resource() *contract.Managed {
	if entry := p.primary(); entry != nil {
		return p.found[entry.Role]
	}
	return nil
}

func groupKind(ref claimapi.ResourceReference) schema.GroupKind {
	return schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind).GroupKind()
}

func referenceTo(m *contract.Managed) claimapi.ResourceReference {
	return claimapi.ResourceReference{APIVersion: m.APIVersion, Kind: m.Kind, Name: m.Name}
}
