// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	contractapi "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/operator/drain"
	"github.com/crossplaneio/crossplane/shared/operator/wake"
	"github.com/crossplaneio/crossplane/workload-operator/internal/report"
)

// The kind of claims for clusters.
const (
	claimGroup = "compute.crossplane.io"
	claimKind  = "KubernetesCluster"
)

// Waits of the controller of claimed clusters.
const (
	untilKnown  = time.Second
	untilUnused = 5 * time.Second
)

// Claimed makes a target of every claimed cluster that can be used, and removes it
// with the claim. What an administrator changes of such a target stays.
type Claimed struct {
	managed.Env

	Claims *contract.Claims
	Pools  *contract.Pools
}

// +kubebuilder:rbac:groups=compute.crossplane.io,resources=clusterpools,verbs=list;watch
// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetestargets,verbs=create;delete

// SetupWithManager adds the controller of claimed clusters to mgr. It is woken by
// claims, by the pools that have them, and by the targets that were made of them.
func (r *Claimed) SetupWithManager(mgr ctrl.Manager) error {
	source := wake.New("claimed clusters", r.known)
	r.Claims.OnChange(func(c *contract.Claim) {
		if c.Kind == claimKind && c.GroupVersionKind().Group == claimGroup {
			name := client.ObjectKeyFromObject(c)
			source.Add(func(context.Context) []reconcile.Request { return []reconcile.Request{{NamespacedName: name}} })
		}
	})
	r.Pools.OnChange(func(p *contract.Pool) {
		source.Add(func(context.Context) []reconcile.Request { return clustersOf(p) })
	})
	err := ctrl.NewControllerManagedBy(mgr).Named("claimedcluster").
		Watches(&v1alpha1.KubernetesTarget{}, handler.EnqueueRequestsFromMapFunc(ofClaim)).
		WatchesRawSource(source).
		Complete(drain.Reconciler(reconcile.Reconciler(r), drain.Grace))
	if err != nil {
		return fmt.Errorf("setting up the controller of claimed clusters: %w", err)
	}
	return nil
}

func (r *Claimed) known(ctx context.Context) error {
	if err := r.Claims.WaitForSync(ctx); err != nil {
		return fmt.Errorf("waiting for the claims: %w", err)
	}
	if err := r.Pools.WaitForSync(ctx); err != nil {
		return fmt.Errorf("waiting for the pools: %w", err)
	}
	return nil
}

// clustersOf returns the claims that a pool has.
func clustersOf(p *contract.Pool) []reconcile.Request {
	var requests []reconcile.Request
	for _, c := range p.Status.Clusters {
		requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: p.Spec.Namespace, Name: c.Name}})
	}
	return requests
}

// ofClaim returns the claim that a target was made of.
func ofClaim(_ context.Context, t client.Object) []reconcile.Request {
	namespace, name, ok := strings.Cut(t.GetAnnotations()[v1alpha1.AnnotationClaim], "/")
	if !ok {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}}
}

// Reconcile makes the target of a claim, or removes it.
func (r *Claimed) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	claim, err := r.Claims.Get(claimGroup, claimKind, req.Namespace, req.Name)
	switch {
	case errors.Is(err, contract.ErrNotSynced):
		return reconcile.Result{RequeueAfter: untilKnown}, nil
	case errors.Is(err, contract.ErrNoKind):
		claim = nil
	case err != nil:
		return reconcile.Result{}, fmt.Errorf("reading the claim: %w", err)
	}
	t := &v1alpha1.KubernetesTarget{}
	err = r.Live.Get(ctx, client.ObjectKey{Name: contract.TargetName(req.Namespace, req.Name)}, t)
	if client.IgnoreNotFound(err) != nil {
		return reconcile.Result{}, fmt.Errorf("reading the target of the claim: %w", err)
	}
	switch there := err == nil; {
	case there && !madeOf(t, req) && (claim == nil || claim.DeletionTimestamp != nil):
		return reconcile.Result{}, nil
	case claim == nil || claim.DeletionTimestamp != nil || there && madeOf(t, req) && t.Labels[contractapi.LabelClaimUID] != string(claim.UID):
		return r.remove(ctx, claim, t)
	case there && !madeOf(t, req):
		report.Event(r.Events, claim, corev1.EventTypeWarning, v1alpha1.ReasonTargetNameTaken,
			fmt.Sprintf("target %s is there already, and is somebody else's: no target is made of this cluster", t.Name))
		return reconcile.Result{}, nil
	case there || !usable(claim):
		return reconcile.Result{}, nil
	}
	p, template, early, err := r.pool(claim)
	switch {
	case errors.Is(err, contract.ErrNotSynced):
		return reconcile.Result{RequeueAfter: untilKnown}, nil
	case err != nil:
		return reconcile.Result{}, fmt.Errorf("looking for the pool of the claim: %w", err)
	case early:
		return reconcile.Result{}, nil // the pool's record wakes it
	}
	t = targetOf(claim)
	if p != nil {
		furnish(t, p, template)
	}
	return reconcile.Result{}, r.create(ctx, t)
}

// pool returns the pool that made a claim, and by which template; nil where none
// did. Only the pool itself says so. A claim whose label says that it is of a pool of
// its namespace, which does not have it on record yet, is early: what the target has
// of the pool could not be made good later.
func (r *Claimed) pool(c *contract.Claim) (pool *contract.Pool, template *contract.PoolTemplate, early bool, err error) {
	pools, err := r.Pools.All()
	if err != nil {
		return nil, nil, false, err
	}
	for _, p := range pools {
		if made := p.Made(c.Namespace, c.Name, c.UID); made != nil {
			return p, made, false, nil
		}
		early = early || p.Spec.Namespace == c.Namespace && p.Name == c.Labels[contractapi.LabelPool]
	}
	return nil, nil, early, nil
}

// usable reports whether the cluster of a claim can be reached. Its own secret is
// not needed for that: nobody has to have asked for one.
func usable(c *contract.Claim) bool {
	return c.Ready().Status == metav1.ConditionTrue && c.Status.ResourceRef != nil
}

// made reports whether a target was made of a claim, and not by an administrator.
func made(t *v1alpha1.KubernetesTarget) bool { return t.Labels[contractapi.LabelClaimUID] != "" }

// madeOf reports whether a target was made of the claim of that name. Long names are
// shortened, and somebody may look for one that becomes the same.
func madeOf(t *v1alpha1.KubernetesTarget, claim reconcile.Request) bool {
	return made(t) && t.Annotations[v1alpha1.AnnotationClaim] == claim.String()
}

// targetOf returns the target of a claim, for applications of its own namespace.
func targetOf(c *contract.Claim) *v1alpha1.KubernetesTarget {
	ref := c.Status.ResourceRef
	return &v1alpha1.KubernetesTarget{
		ObjectMeta: metav1.ObjectMeta{
			Name:        contract.TargetName(c.Namespace, c.Name),
			Labels:      map[string]string{contractapi.LabelClaimUID: string(c.UID)},
			Annotations: map[string]string{v1alpha1.AnnotationClaim: c.Namespace + "/" + c.Name},
		},
		Spec: v1alpha1.KubernetesTargetSpec{
			ClusterRef:        &v1alpha1.ClusterReference{APIVersion: ref.APIVersion, Kind: ref.Kind, Name: ref.Name},
			AllowedNamespaces: &contractapi.BindableBy{Namespaces: []string{c.Namespace}},
			Location:          c.Status.Location,
		},
	}
}

// furnish gives the target of a pool's cluster what the pool says of it. Where the
// claim says where it is, that counts: its class may have had to go elsewhere.
func furnish(t *v1alpha1.KubernetesTarget, p *contract.Pool, template *contract.PoolTemplate) {
	own := t.Labels
	t.Labels = maps.Clone(p.Spec.Target.Labels)
	if t.Labels == nil {
		t.Labels = map[string]string{}
	}
	maps.Copy(t.Labels, own)
	t.Labels[contractapi.LabelPool] = p.Name
	t.Spec.AllowedNamespaces = p.Spec.Target.AllowedNamespaces.DeepCopy()
	t.Spec.Taints = p.Spec.Target.Taints
	t.Spec.Role = p.Spec.Target.Role
	t.Spec.Zones = template.Zones
	t.Spec.Capacity = template.Capacity
	t.Spec.HourlyCost = template.HourlyCost
	if t.Spec.Location == nil && template.Location != (contractapi.Location{}) {
		t.Spec.Location = new(template.Location)
	}
}

func (r *Claimed) create(ctx context.Context, t *v1alpha1.KubernetesTarget) error {
	if err := r.Kube.Create(ctx, t, client.FieldOwner(r.Operator)); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("making a target of the claim: %w", err)
	}
	return nil
}

// remove deletes the target that was made of a claim. While applications are on it,
// a claim that is being deleted waits for them, and they need the target to leave.
func (r *Claimed) remove(ctx context.Context, claim *contract.Claim, t *v1alpha1.KubernetesTarget) (reconcile.Result, error) {
	if !made(t) || t.DeletionTimestamp != nil {
		return reconcile.Result{}, nil
	}
	if claim != nil && t.Labels[contractapi.LabelClaimUID] == string(claim.UID) {
		users, err := users(ctx, r.Live, t.Name)
		if err != nil {
			return reconcile.Result{}, err
		}
		if len(users) > 0 {
			return reconcile.Result{RequeueAfter: untilUnused}, nil
		}
	}
	if err := r.Kube.Delete(ctx, t, client.Preconditions{UID: &t.UID}); client.IgnoreNotFound(err) != nil {
		return reconcile.Result{}, fmt.Errorf("removing the target of the claim: %w", err)
	}
	return reconcile.Result{}, nil
}
