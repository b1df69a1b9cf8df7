// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
)

// A template that failed is tried again after firstRetry, and at last every lastRetry.
const (
	firstRetry = 5 * time.Minute
	lastRetry  = time.Hour
)

// maxFailure bounds the message of a failure, in bytes.
const maxFailure = 512

// refusal is why a cluster is not made.
type refusal struct{ reason, message string }

// refused says why no cluster of a template can be made now; nil where one can.
func (f *fleet) refused(w *world, t *compute.ClusterTemplate) *refusal {
	if f.deleting() {
		return &refusal{compute.ReasonDeleting, "the pool is being deleted"}
	}
	if f.namespace == nil {
		return &refusal{compute.ReasonNamespaceMissing, fmt.Sprintf("namespace %s, in which the claims are made, is not there", f.pool.Spec.Namespace)}
	}
	if n := f.count((*member).any); n >= f.limits.max {
		return &refusal{compute.ReasonMaxReached, fmt.Sprintf("there are %d clusters, and max is %d", n, f.limits.max)}
	}
	if why := f.unfit(w, t); why != "" {
		return &refusal{compute.ReasonClassUnusable, fmt.Sprintf("template %s: %s", t.Name, why)}
	}
	if failure := f.known(t).Failure; failure != nil {
		if at := retryAt(failure); w.now.Before(at) {
			w.again(at)
			return &refusal{compute.ReasonTemplateFailed, fmt.Sprintf("template %s: %s: %s", t.Name, failure.Reason, failure.Message)}
		}
	}
	if n := f.count(func(m *member) bool { return m.Template == t.Name }); t.Max != nil && n >= *t.Max {
		return &refusal{compute.ReasonMaxReached, fmt.Sprintf("template %s: there are %d clusters of it, and its max is %d", t.Name, n, *t.Max)}
	}
	if budget := f.pool.Spec.BudgetPerHour; budget != nil {
		sum := f.cost()
		if t.HourlyCost != nil {
			sum.Add(*t.HourlyCost)
		}
		if sum.Cmp(*budget) > 0 {
			return &refusal{compute.ReasonBudgetReached, fmt.Sprintf("template %s: %s an hour would exceed the budget of %s", t.Name, &sum, budget)}
		}
	}
	return nil
}

// cost is what the clusters that there are cost an hour.
func (f *fleet) cost() resource.Quantity {
	var sum resource.Quantity
	for _, m := range f.members {
		if m.HourlyCost != nil {
			sum.Add(*m.HourlyCost)
		}
	}
	return sum
}

// unfit says why the class of a template can't make clusters for the pool; empty
// where it can.
func (f *fleet) unfit(w *world, t *compute.ClusterTemplate) string {
	c := w.classes[t.ClassRef.Name]
	if c == nil {
		return fmt.Sprintf("class %s does not exist", t.ClassRef.Name)
	}
	ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case c.Spec.Claim.Group != compute.Group || c.Spec.Claim.Kind != "KubernetesCluster":
		return fmt.Sprintf("class %s makes %s, not KubernetesCluster", c.Name, c.Spec.Claim.Kind)
	case c.Spec.BindingMode == core.BindingWaitForWorkload:
		return fmt.Sprintf("class %s waits for a workload; a pool needs one whose bindingMode is Immediate", c.Name)
	case c.Spec.Provider != t.Location.Provider:
		return fmt.Sprintf("class %s is of provider %s, the template's location of %s", c.Name, c.Spec.Provider, t.Location.Provider)
	case !slices.Contains(c.Spec.Regions, t.Location.Region):
		return fmt.Sprintf("class %s has no region %s", c.Name, t.Location.Region)
	case !admits(c.Spec.NamespaceSelector, f.namespace):
		return fmt.Sprintf("namespace %s may not use class %s", f.pool.Spec.Namespace, c.Name)
	case ready == nil || ready.Status != metav1.ConditionTrue:
		why := ""
		if ready != nil {
			why = ": " + ready.Message
		}
		return fmt.Sprintf("class %s is not ready%s", c.Name, why)
	default:
		return ""
	}
}

func admits(selector *metav1.LabelSelector, namespace *metav1.PartialObjectMetadata) bool {
	if selector == nil || namespace == nil {
		return true
	}
	s, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && s.Matches(labels.Set(namespace.Labels))
}

// known returns what was found out about a template, for reading and for writing.
func (f *fleet) known(t *compute.ClusterTemplate) *compute.TemplateStatus {
	for i := range f.status.Templates {
		if f.status.Templates[i].Name == t.Name {
			return &f.status.Templates[i]
		}
	}
	f.status.Templates = append(f.status.Templates, compute.TemplateStatus{Name: t.Name, Digest: digest(t)})
	return &f.status.Templates[len(f.status.Templates)-1]
}

// forget drops what is known of templates that have changed or are gone.
func (f *fleet) forget() {
	f.status.Templates = slices.DeleteFunc(f.status.Templates, func(s compute.TemplateStatus) bool {
		t := f.template(s.Name)
		return t == nil || s.Digest != digest(t)
	})
}

func digest(t *compute.ClusterTemplate) string {
	text, err := json.Marshal(t)
	if err != nil {
		return "" // a template came as JSON
	}
	sum := sha256.Sum256(text)
	const length = 6
	return hex.EncodeToString(sum[:length])
}

// fail gives a cluster up that could not be had. Its template is left out for a while.
func (f *fleet) fail(w *world, m *member, reason, message string) {
	m.Reason = reason
	m.moves(compute.ClusterDeleting, w.now)
	f.sayf(corev1.EventTypeWarning, compute.ReasonTemplateFailed, "Cluster %s could not be had: %s: %s", m.Name, reason, message)
	f.blame(w, m.Template, reason, message)
}

func (f *fleet) blame(w *world, template, reason, message string) {
	t := f.template(template)
	if t == nil {
		return
	}
	s := f.known(t)
	count := int32(1)
	if s.Failure != nil {
		count = s.Failure.Count + 1
	}
	if len(message) > maxFailure {
		message = message[:maxFailure-3] + "..."
	}
	s.Failure = &compute.TemplateFailure{Reason: reason, Message: message, Count: count, Time: metav1.NewTime(w.now.Truncate(time.Second))}
}

// retryAt is when a template that failed is tried again.
func retryAt(failure *compute.TemplateFailure) time.Time {
	wait := firstRetry
	for range failure.Count - 1 {
		if wait = 2 * wait; wait >= lastRetry {
			wait = lastRetry
			break
		}
	}
	return failure.Time.Add(wait)
}

// succeed forgives a template, of which a cluster can be used.
func (f *fleet) succeed(m *member) {
	f.sayf(corev1.EventTypeNormal, compute.ReasonClusterReady, "Cluster %s can be used, as target %s", m.Name, m.Target)
	if t := f.template(m.Template); t != nil {
		f.known(t).Failure = nil
	}
}

// learn keeps what the clusters of a template offer at most, where it does not say.
func (f *fleet) learn(m *member) {
	t := f.template(m.Template)
	if t == nil || t.Capacity != nil || m.target == nil || m.target.Status.Capacity.Allocatable == nil {
		return
	}
	s := f.known(t)
	if s.Capacity == nil {
		s.Capacity = map[string]resource.Quantity{}
	}
	for name, is := range m.target.Status.Capacity.Allocatable {
		if most, ok := s.Capacity[name]; !ok || is.Cmp(most) > 0 {
			s.Capacity[name] = is
		}
	}
}

// capacity is what a cluster of a template is expected to offer; nil: unknown.
func (f *fleet) capacity(t *compute.ClusterTemplate) map[string]resource.Quantity {
	if t.Capacity != nil {
		return t.Capacity
	}
	return f.known(t).Capacity
}
