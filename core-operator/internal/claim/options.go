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
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal/plan"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// Chooser finds the classes that claims of one kind may use. The reconciler of
// claims asks it, and so does the scheduler: what one plans with, the other can do.
type Chooser struct {
	// Kube reads through the manager's cache.
	Kube client.Reader
	// Kind of the claims.
	Kind schema.GroupVersionKind
}

// Open is how a claim for which nothing was chosen yet can be satisfied.
type Open struct {
	// Options of a claim that takes its place from the application that uses it;
	// nil for one that does not. What they cost, and how long they take, is not filled in.
	Options []plan.Option
	// Reason and Message say why there is none; empty where there are some.
	Reason, Message string
}

// Open returns how a claim that is not statically bound can be satisfied. Namespace
// is the metadata of its namespace.
func (c Chooser) Open(ctx context.Context, of claimapi.Claim, namespace *metav1.PartialObjectMetadata) (Open, error) {
	classes, v, err := c.classes(ctx, of, namespace)
	if err != nil || v.final() {
		return Open{Reason: v.reason, Message: v.message}, err
	}
	if !slices.ContainsFunc(classes, waitsForWorkload) {
		return Open{}, nil
	}
	_, status := of.Claim()
	out := Open{Options: make([]plan.Option, 0, len(classes))}
	for _, class := range classes {
		out.Options = append(out.Options, planned(class, status.FailedAttempts))
	}
	return out, nil
}

// planned is what the planner has to know of a class.
func planned(class *corev1alpha1.ResourceClass, failed []claimapi.FailedAttempt) plan.Option {
	o := plan.Option{
		Class: class.Name, Provider: class.Spec.Provider, Regions: class.Spec.Regions,
		Near: class.Spec.Colocation == corev1alpha1.ColocationRequired, Priority: class.Spec.Priority,
	}
	for _, f := range failed {
		if f.Class != class.Name {
			continue
		}
		if o.Failed == nil {
			o.Failed = map[string]string{}
		}
		o.Failed[f.Region] = f.Reason
	}
	return o
}

func waitsForWorkload(class *corev1alpha1.ResourceClass) bool {
	return class.Spec.BindingMode == corev1alpha1.BindingWaitForWorkload
}

// NamespaceOf returns the metadata of a namespace, as the cache behind kube has it.
func NamespaceOf(ctx context.Context, kube client.Reader, name string) (*metav1.PartialObjectMetadata, error) {
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := kube.Get(ctx, client.ObjectKey{Name: name}, namespace); err != nil {
		return nil, fmt.Errorf("reading namespace %s: %w", name, err)
	}
	return namespace, nil
}

// classes returns the classes that a claim may use, best first: never none
// without a verdict. Read only.
func (c Chooser) classes(
	ctx context.Context, of claimapi.Claim, namespace *metav1.PartialObjectMetadata,
) ([]*corev1alpha1.ResourceClass, verdict, error) {
	spec, _ := of.Claim()
	var classes []*corev1alpha1.ResourceClass
	var v verdict
	var err error
	if spec.ClassRef != nil {
		classes, v, err = c.named(ctx, spec.ClassRef.Name, namespace)
	} else {
		classes, v, err = c.selected(ctx, spec.ClassSelector, namespace)
	}
	if err != nil || v.final() {
		return nil, v, err
	}
	classes, v = restorable(of, namespace, classes)
	return classes, v, nil
}

func (c Chooser) selected(
	ctx context.Context, selector *claimapi.Selector, namespace *metav1.PartialObjectMetadata,
) ([]*corev1alpha1.ResourceClass, verdict, error) {
	all := &corev1alpha1.ResourceClassList{}
	if err := c.Kube.List(ctx, all, client.UnsafeDisableDeepCopy); err != nil {
		return nil, verdict{}, fmt.Errorf("listing classes: %w", err)
	}
	var fit []*corev1alpha1.ResourceClass
	unready := stop(claimapi.ReasonNoClass, "%s", wanted(selector))
	for i := range all.Items {
		class := &all.Items[i]
		if !isSelected(selector, class) || c.fits(class, namespace).final() {
			continue
		}
		if v := usable(class); v.final() {
			unready = v
			continue
		}
		fit = append(fit, class)
	}
	if len(fit) == 0 {
		return nil, unready, nil
	}
	slices.SortFunc(fit, func(a, b *corev1alpha1.ResourceClass) int {
		return cmp.Or(cmp.Compare(b.Spec.Priority, a.Spec.Priority), strings.Compare(a.Name, b.Name))
	})
	return fit, verdict{}, nil
}

func (c Chooser) named(
	ctx context.Context, name string, namespace *metav1.PartialObjectMetadata,
) ([]*corev1alpha1.ResourceClass, verdict, error) {
	class := &corev1alpha1.ResourceClass{}
	err := c.Kube.Get(ctx, client.ObjectKey{Name: name}, class)
	switch {
	case apierrors.IsNotFound(err):
		return nil, stop(claimapi.ReasonClassNotFound, "There is no ResourceClass %s", name), nil
	case err != nil:
		return nil, verdict{}, fmt.Errorf("reading class %s: %w", name, err)
	}
	if v := c.fits(class, namespace); v.final() {
		return nil, v, nil
	}
	return []*corev1alpha1.ResourceClass{class}, usable(class), nil
}

// isSelected reports whether a claim that names no class has c among its options.
func isSelected(s *claimapi.Selector, c *corev1alpha1.ResourceClass) bool {
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

// fits says why claims of this kind in this namespace may not use a class.
func (c Chooser) fits(class *corev1alpha1.ResourceClass, namespace *metav1.PartialObjectMetadata) verdict {
	if of := class.Spec.Claim; of.Group != c.Kind.Group || of.Kind != c.Kind.Kind {
		return stop(claimapi.ReasonClassKindMismatch, "ResourceClass %s is for %s.%s", class.Name, of.Kind, of.Group)
	}
	if class.Spec.NamespaceSelector == nil {
		return verdict{}
	}
	selector, err := metav1.LabelSelectorAsSelector(class.Spec.NamespaceSelector)
	if err != nil || !selector.Matches(labels.Set(namespace.Labels)) {
		return stop(claimapi.ReasonClassNotAllowed, "The namespaceSelector of ResourceClass %s does not fit namespace %s", class.Name, namespace.Name)
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
