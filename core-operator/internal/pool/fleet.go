// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// fleet is a pool in a pass, with its clusters.
type fleet struct {
	pool      *compute.ClusterPool // as it is on record
	recorded  *compute.ClusterPool // and as it is after this pass
	status    compute.ClusterPoolStatus
	members   []*member
	limits    limits
	namespace *metav1.PartialObjectMetadata
	// short is why a cluster that is needed is not made; unserved counts the
	// applications that one is needed for.
	short    *refusal
	unserved int
	// wanting: an application may come to need a cluster of it soon.
	wanting bool
	said    []event
}

// member is a cluster of a pool in a pass.
type member struct {
	compute.PoolCluster

	claim    *compute.KubernetesCluster // nil: not there
	target   *workload.KubernetesTarget // nil: not there
	used     bool                       // an application is, or may be, on it
	expected bool                       // one is about to be placed on it
	was      compute.ClusterState       // on record
}

// event is what is told of a pool once it is on record.
type event struct {
	kind, reason, message string
}

func (f *fleet) sayf(kind, reason, format string, args ...any) {
	f.said = append(f.said, event{kind, reason, fmt.Sprintf(format, args...)})
}

// moves gives a cluster another state. One that is not removed after all is not
// emptied any further.
func (m *member) moves(to compute.ClusterState, now time.Time) {
	if !leaving(to) {
		m.Drain = ""
	}
	if m.State != to {
		m.State, m.Since = to, metav1.NewTime(now.Truncate(time.Second))
	}
}

// living reports whether the cluster is, or is about to be, of use.
func (m *member) living() bool { return !leaving(m.State) }

// empty reports whether nobody needs the cluster.
func (m *member) empty() bool { return m.living() && !m.used && !m.expected && len(m.For) == 0 }

// held reports whether the cluster failed, and nothing is made in its place until
// it is gone.
func (m *member) held() bool { return m.State == compute.ClusterDeleting && m.Reason != "" }

// deleting reports whether the pool is to go, and its clusters with it.
func (f *fleet) deleting() bool { return f.pool.DeletionTimestamp != nil }

// count returns how many clusters of the pool are as said.
func (f *fleet) count(as func(*member) bool) int32 {
	var n int32
	for _, m := range f.members {
		if as(m) {
			n++
		}
	}
	return n
}

// fleet finds out what became of a pool's clusters.
func (p *Pools) fleet(ctx context.Context, w *world, pool *compute.ClusterPool) (*fleet, error) {
	f := &fleet{pool: pool, recorded: pool, status: *pool.Status.DeepCopy(), limits: limitsAt(pool, w.now)}
	if !f.limits.until.IsZero() {
		w.again(f.limits.until)
	}
	var err error
	if f.namespace, err = p.namespace(ctx, w, pool.Spec.Namespace); err != nil {
		return nil, err
	}
	f.forget()
	for i := range f.status.Clusters {
		m := &member{PoolCluster: *f.status.Clusters[i].DeepCopy(), was: f.status.Clusters[i].State}
		if m.UID != "" {
			m.target = w.ofClaim[m.UID]
		}
		gone, err := p.find(ctx, pool, m)
		switch {
		case err != nil:
			return nil, err
		case gone && m.target == nil:
			f.lose(m)
			continue
		case gone: // its target would be used, were it not known to go
			m.moves(compute.ClusterDeleting, w.now)
		default:
			f.judge(w, m)
		}
		f.members = append(f.members, m)
	}
	return f, nil
}

// find looks for the claim of a cluster, and reports whether it is gone. What is not
// as it should be is asked of the API server itself.
func (p *Pools) find(ctx context.Context, pool *compute.ClusterPool, m *member) (gone bool, err error) {
	key, c := client.ObjectKey{Namespace: pool.Spec.Namespace, Name: m.Name}, &compute.KubernetesCluster{}
	if err := p.Kube.Get(ctx, key, c); err == nil && m.UID != "" && c.UID == m.UID && m.State != compute.ClusterDeleting {
		m.claim = c
		return false, nil
	}
	c = &compute.KubernetesCluster{}
	err = p.Live.Get(ctx, key, c)
	switch {
	case apierrors.IsNotFound(err):
		return m.UID != "" || m.State == compute.ClusterDeleting, nil // else it was not made yet
	case err != nil:
		return false, fmt.Errorf("reading the claim of cluster %s: %w", key, err)
	case m.UID == "" && c.Annotations[compute.AnnotationPoolUID] == string(pool.UID):
		m.UID = c.UID // it was made just before this was recorded
	case m.UID != c.UID:
		return true, nil // somebody else's, of the same name
	}
	m.claim = c
	return false, nil
}

// lose tells of a cluster that is not there any more.
func (f *fleet) lose(m *member) {
	switch {
	case m.UID == "" && m.State == compute.ClusterPending:
		f.sayf(corev1.EventTypeWarning, compute.ReasonClaimRefused, "A KubernetesCluster %s that is not the pool's is there already; another name is used", m.Name)
	case m.State == compute.ClusterDeleting:
		f.sayf(corev1.EventTypeNormal, compute.ReasonClusterRemoved, "Cluster %s is gone", m.Name)
	default:
		f.sayf(corev1.EventTypeWarning, compute.ReasonClusterLost, "Somebody deleted cluster %s, which was %s", m.Name, m.State)
	}
}

// judge finds out how a cluster is.
func (f *fleet) judge(w *world, m *member) {
	if m.target != nil {
		m.Target = m.target.Name
	}
	m.used = len(w.on[m.Target]) > 0
	if m.State == compute.ClusterDeleting || m.claim == nil {
		return
	}
	if m.claim.DeletionTimestamp != nil {
		m.moves(compute.ClusterDeleting, w.now)
		return
	}
	if m.State != compute.ClusterPending {
		f.learn(m)
		return
	}
	if reason, message := hopeless(m.claim); reason != "" {
		f.fail(w, m, reason, message)
	} else if usable(m.target) {
		m.moves(compute.ClusterIdle, w.now)
		f.succeed(m)
		f.learn(m)
	}
}

// hopeless returns why a claim that was never Bound will not be: there is no room for
// it, or nothing goes on until somebody changes something.
func hopeless(c *compute.KubernetesCluster) (reason, message string) {
	ready := meta.FindStatusCondition(c.Status.Conditions, v1alpha1.ConditionReady)
	if c.Status.BoundTime != nil || ready == nil || ready.Status != metav1.ConditionFalse {
		return "", ""
	}
	scarce := ready.Reason == v1alpha1.ReasonQuotaExceeded || ready.Reason == v1alpha1.ReasonCapacity
	if scarce || meta.IsStatusConditionTrue(c.Status.Conditions, v1alpha1.ConditionStalled) {
		return ready.Reason, ready.Message
	}
	return "", ""
}

// usable reports whether applications can be placed on a target.
func usable(t *workload.KubernetesTarget) bool {
	return t != nil && meta.IsStatusConditionTrue(t.Status.Conditions, v1alpha1.ConditionReady)
}

// begin puts a cluster of a template on record. Its claim is made after that.
func (f *fleet) begin(w *world, t *compute.ClusterTemplate) *member {
	name := f.nextName()
	f.status.Made++
	m := &member{PoolCluster: compute.PoolCluster{
		Name: name, Template: t.Name, State: compute.ClusterPending, Since: metav1.NewTime(w.now.Truncate(time.Second)),
		Target: f.nextTarget(name), HourlyCost: t.HourlyCost,
	}}
	f.members = append(f.members, m)
	return m
}

// template returns a template by its name; nil where it is no longer there.
func (f *fleet) template(name string) *compute.ClusterTemplate {
	i := slices.IndexFunc(f.pool.Spec.Templates, func(t compute.ClusterTemplate) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return &f.pool.Spec.Templates[i]
}
