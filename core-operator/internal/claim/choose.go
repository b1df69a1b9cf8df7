// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// choose decides what shall satisfy a claim for which nothing was chosen yet,
// or for which what was chosen could not be had.
func (r *Reconciler) choose(ctx context.Context, p *pass) (verdict, error) {
	switch {
	case p.status.ResourceRef != nil:
		return verdict{}, nil
	case p.spec.Static():
		return r.match(ctx, p)
	}
	namespace, err := r.namespace(ctx, p)
	if err != nil {
		return verdict{}, err
	}
	if namespace.DeletionTimestamp != nil {
		return stop(claimapi.ReasonDeleting, "The namespace is being deleted"), nil
	}
	classes, v, err := r.classes(ctx, p, namespace)
	if err != nil || v.final() {
		return v, err
	}
	if classes, v = r.restorable(p, namespace, classes); v.final() {
		return v, nil
	}
	option, v := r.locate(p, classes)
	if v.final() {
		return v, nil
	}
	return r.propose(ctx, p, namespace, option)
}

// namespace returns the metadata of the claim's namespace.
func (r *Reconciler) namespace(ctx context.Context, p *pass) (*metav1.PartialObjectMetadata, error) {
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.Kube.Get(ctx, client.ObjectKey{Name: p.claim.GetNamespace()}, namespace); err != nil {
		return nil, fmt.Errorf("reading namespace %s: %w", p.claim.GetNamespace(), err)
	}
	return namespace, nil
}

// classes returns the classes that the claim may use, best first.
func (r *Reconciler) classes(
	ctx context.Context, p *pass, namespace *metav1.PartialObjectMetadata,
) ([]*corev1alpha1.ResourceClass, verdict, error) {
	if p.spec.ClassRef != nil {
		return r.classByName(ctx, p.spec.ClassRef.Name, namespace)
	}
	all := &corev1alpha1.ResourceClassList{}
	if err := r.Kube.List(ctx, all); err != nil {
		return nil, verdict{}, fmt.Errorf("listing classes: %w", err)
	}
	var fit []*corev1alpha1.ResourceClass
	unready := stop(claimapi.ReasonNoClass, "%s", wanted(p.spec.ClassSelector))
	for i := range all.Items {
		c := &all.Items[i]
		if !selected(p.spec.ClassSelector, c) || r.fits(c, namespace).final() {
			continue
		}
		if v := usable(c); v.final() {
			unready = v
			continue
		}
		fit = append(fit, c)
	}
	if len(fit) == 0 {
		return nil, unready, nil
	}
	slices.SortFunc(fit, func(a, b *corev1alpha1.ResourceClass) int {
		return cmp.Or(cmp.Compare(b.Spec.Priority, a.Spec.Priority), strings.Compare(a.Name, b.Name))
	})
	return fit, verdict{}, nil
}

func (r *Reconciler) classByName(
	ctx context.Context, name string, namespace *metav1.PartialObjectMetadata,
) ([]*corev1alpha1.ResourceClass, verdict, error) {
	c := &corev1alpha1.ResourceClass{}
	err := r.Kube.Get(ctx, client.ObjectKey{Name: name}, c)
	switch {
	case apierrors.IsNotFound(err):
		return nil, stop(claimapi.ReasonClassNotFound, "There is no ResourceClass %s", name), nil
	case err != nil:
		return nil, verdict{}, fmt.Errorf("reading class %s: %w", name, err)
	}
	if v := r.fits(c, namespace); v.final() {
		return nil, v, nil
	}
	return []*corev1alpha1.ResourceClass{c}, usable(c), nil
}

// selected reports whether a claim that names no class has c among its options.
func selected(s *claimapi.Selector, c *corev1alpha1.ResourceClass) bool {
	if s == nil {
		return c.Spec.Default
	}
	return matches(s, c.Labels)
}

func matches(s *claimapi.Selector, have map[string]string) bool {
	for key, value := range s.MatchLabels {
		if got, there := have[key]; !there || got != string(value) {
			return false
		}
	}
	return true
}

func wanted(s *claimapi.Selector) string {
	if s == nil {
		return "There is no default class for it that this namespace may use; name one in spec.classRef"
	}
	return "No class for it that this namespace may use has the labels of spec.classSelector"
}

// fits says why claims of this kind in this namespace may not use c.
func (r *Reconciler) fits(c *corev1alpha1.ResourceClass, namespace *metav1.PartialObjectMetadata) verdict {
	if of := c.Spec.Claim; of.Group != r.kind.Group || of.Kind != r.kind.Kind {
		return stop(claimapi.ReasonClassKindMismatch, "ResourceClass %s is for %s.%s", c.Name, of.Kind, of.Group)
	}
	if c.Spec.NamespaceSelector == nil {
		return verdict{}
	}
	selector, err := metav1.LabelSelectorAsSelector(c.Spec.NamespaceSelector)
	if err != nil || !selector.Matches(labels.Set(namespace.Labels)) {
		return stop(claimapi.ReasonClassNotAllowed, "The namespaceSelector of ResourceClass %s does not fit namespace %s", c.Name, namespace.Name)
	}
	return verdict{}
}

// usable says why c can't be used now, by whomever.
func usable(c *corev1alpha1.ResourceClass) verdict {
	ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case c.DeletionTimestamp != nil:
		return stop(claimapi.ReasonClassNotReady, "ResourceClass %s is being deleted", c.Name)
	case ready == nil || c.Status.ObservedGeneration != c.Generation:
		return stop(claimapi.ReasonClassNotReady, "ResourceClass %s is being checked", c.Name)
	case ready.Status != metav1.ConditionTrue:
		return stop(claimapi.ReasonClassNotReady, "ResourceClass %s: %s: %s", c.Name, ready.Reason, ready.Message)
	default:
		return verdict{}
	}
}
