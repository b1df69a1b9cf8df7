// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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

// longestName is how many characters a target's name has at most.
const longestName = 63

// Claimed makes a target of every claimed cluster that can be used, and removes it
// with the claim. What an administrator changes of such a target stays.
type Claimed struct {
	managed.Env

	Claims *contract.Claims
}

// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetestargets,verbs=create;delete

// SetupWithManager adds the controller of claimed clusters to mgr. It is woken by
// claims, and by the targets that were made of them.
func (r *Claimed) SetupWithManager(mgr ctrl.Manager) error {
	source := wake.New("claimed clusters", r.known)
	r.Claims.OnChange(func(c *contract.Claim) {
		if c.Kind == claimKind && c.GroupVersionKind().Group == claimGroup {
			name := client.ObjectKeyFromObject(c)
			source.Add(func(context.Context) []reconcile.Request { return []reconcile.Request{{NamespacedName: name}} })
		}
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
	return nil
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
	err = r.Live.Get(ctx, client.ObjectKey{Name: Name(req.Namespace, req.Name)}, t)
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
	return reconcile.Result{}, r.create(ctx, claim)
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

func (r *Claimed) create(ctx context.Context, c *contract.Claim) error {
	ref := c.Status.ResourceRef
	t := &v1alpha1.KubernetesTarget{
		ObjectMeta: metav1.ObjectMeta{
			Name:        Name(c.Namespace, c.Name),
			Labels:      map[string]string{contractapi.LabelClaimUID: string(c.UID)},
			Annotations: map[string]string{v1alpha1.AnnotationClaim: c.Namespace + "/" + c.Name},
		},
		Spec: v1alpha1.KubernetesTargetSpec{
			ClusterRef:        &v1alpha1.ClusterReference{APIVersion: ref.APIVersion, Kind: ref.Kind, Name: ref.Name},
			AllowedNamespaces: &contractapi.BindableBy{Namespaces: []string{c.Namespace}},
			Location:          c.Status.Location,
		},
	}
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

// Name returns the name of the target that is made of a claim: its namespace
// and name with a dot between them, which no namespace has in its name. What is too
// long ends in a mark.
func Name(namespace, claim string) string {
	name := namespace + "." + claim
	if len(name) <= longestName {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	const mark = 9
	return strings.TrimRight(name[:longestName-mark], "-.") + "-" + hex.EncodeToString(sum[:])[:mark-1]
}
