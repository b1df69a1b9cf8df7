// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
)

// boundRole is the role of a resource that no class made.
const boundRole = "bound"

// The attributes of offers that are not compared for equality.
const (
	attributeEngine  = "engineVersion"
	attributeVersion = "version"
	attributeStorage = "storageGiB"
)

// match chooses an existing resource for a claim that asks for one, and commits
// to it. It never makes one.
func (r *Reconciler) match(ctx context.Context, p *pass) (verdict, error) {
	namespace, err := r.namespace(ctx, p)
	if err != nil {
		return verdict{}, err
	}
	spec, err := specOf(p)
	if err != nil {
		return verdict{}, err
	}
	m, v := r.candidate(p, namespace, spec)
	if v.final() {
		return v, nil
	}
	record(p, m)
	return verdict{}, r.commit(ctx, p, about(causeOf(claimapi.ReasonBinding), claimapi.ReasonBinding, *p.status.ResourceRef))
}

func (r *Reconciler) candidate(p *pass, namespace *metav1.PartialObjectMetadata, spec map[string]any) (*contract.Managed, verdict) {
	if p.spec.ResourceRef != nil {
		return r.named(p, namespace, spec)
	}
	var fit []*contract.Managed
	for _, m := range r.Kinds.Offered(r.kind.Group, r.kind.Kind) {
		if matches(p.spec.ResourceSelector, m.Labels) && allowed(m, namespace) && !unfit(m, r.kind, spec).final() {
			fit = append(fit, m)
		}
	}
	if len(fit) == 0 {
		return nil, stop(claimapi.ReasonNoResource, "None of the resources that are ready and unbound has the labels of spec.resourceSelector and "+
			"offers what is asked for; an administrator makes one bindable with spec.bindableBy")
	}
	return slices.MinFunc(fit, smaller), verdict{}
}

// smaller puts first what wastes less.
func smaller(a, b *contract.Managed) int {
	return cmp.Or(cmp.Compare(storage(a), storage(b)), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name))
}

func storage(m *contract.Managed) int64 {
	n, err := strconv.ParseInt(m.Status.Offers.Attributes[attributeStorage], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// named returns the resource that the claim asks for by name. To those who may
// not bind it, it does not exist.
func (r *Reconciler) named(p *pass, namespace *metav1.PartialObjectMetadata, spec map[string]any) (*contract.Managed, verdict) {
	ref := p.spec.ResourceRef
	kinds := r.kindsNamed(ref.Group, ref.Kind)
	if len(kinds) > 1 {
		return nil, stop(claimapi.ReasonResourceAmbiguous, "%s is a kind of %s and of %s", ref.Kind, kinds[0].Group, kinds[1].Group)
	}
	unknown := stop(claimapi.ReasonNoResource, "There is no %s %s that namespace %s may bind; an administrator makes one bindable with spec.bindableBy",
		ref.Kind, ref.Name, namespace.Name)
	if len(kinds) == 0 {
		return nil, unknown
	}
	m := r.Kinds.Get(kinds[0], ref.Name)
	switch {
	case m == nil:
		return nil, unknown
	case m.Spec.ClaimRef != nil && sameName(*m.Spec.ClaimRef, p.reference()):
		return nil, r.released(p, []*contract.Managed{m})
	case !allowed(m, namespace):
		return nil, unknown
	case m.Spec.ClaimRef != nil:
		return nil, stop(claimapi.ReasonResourceTaken, "%s %s", ref.Kind, ref.Name)
	}
	return m, unfit(m, r.kind, spec)
}

func sameName(a, b v1alpha1.ClaimReference) bool {
	a.UID, b.UID = "", ""
	return a == b
}

// kindsNamed returns the managed kinds of a name; the group may be left out.
func (r *Reconciler) kindsNamed(group, kind string) []schema.GroupKind {
	var found []schema.GroupKind
	for _, d := range r.Kinds.Definitions() {
		if d.Contract == v1alpha1.ContractManaged && d.Kind.Kind == kind && (group == "" || group == d.Kind.Group) {
			found = append(found, d.Kind.GroupKind())
		}
	}
	return found
}

// allowed reports whether claims of a namespace may bind m.
func allowed(m *contract.Managed, namespace *metav1.PartialObjectMetadata) bool {
	return m.Spec.BindableBy.Admits(namespace.Name, namespace.Labels)
}

// unfit says why m can't satisfy a claim of a kind with this spec now.
func unfit(m *contract.Managed, kind schema.GroupVersionKind, spec map[string]any) verdict {
	offer := m.Status.Offers
	switch {
	case m.Deleting():
		return stop(claimapi.ReasonNoResource, "%s %s is being deleted", m.Kind, m.Name)
	case !m.Ready():
		return stop(claimapi.ReasonResourceNotReady, "%s %s is not ready", m.Kind, m.Name)
	case offer == nil || offer.Group != kind.Group || offer.Kind != kind.Kind:
		return stop(claimapi.ReasonResourceMismatch, "%s %s can't satisfy a %s", m.Kind, m.Name, kind.Kind)
	}
	for _, field := range slices.Sorted(maps.Keys(offer.Attributes)) {
		asked, given := spec[field]
		if given && !satisfies(field, offer.Attributes[field], asked) {
			return stop(claimapi.ReasonResourceMismatch, "%s %s has %s %s, and %v is asked for", m.Kind, m.Name, field, offer.Attributes[field], asked)
		}
	}
	return verdict{}
}

// satisfies compares an attribute of an offer with the claim's field of the name.
func satisfies(field, offered string, asked any) bool {
	text := fmt.Sprint(asked)
	switch field {
	case attributeEngine, attributeVersion:
		return offered == text || strings.HasPrefix(offered, text+".")
	case attributeStorage:
		have, err := strconv.ParseInt(offered, 10, 64)
		want, wrong := strconv.ParseInt(text, 10, 64)
		return err == nil && wrong == nil && have >= want
	default:
		return offered == text
	}
}

func specOf(p *pass) (map[string]any, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(p.claim)
	if err != nil {
		return nil, fmt.Errorf("reading %s %s: %w", p.kind.Kind, p.claim.GetName(), err)
	}
	spec, _ := content["spec"].(map[string]any)
	return spec, nil
}
