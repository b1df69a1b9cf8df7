// SPDX-License-Identifier: Apache-2.0

package target

import (
	"cmp"
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/operator/drain"
	"github.com/crossplaneio/crossplane/shared/operator/wake"
)

// defaultConcurrent is how many looks are taken at a time.
const defaultConcurrent = 10

// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetestargets,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetestargets/status,verbs=patch
// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetestargets/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch,namespace=crossplane-system

// SetupWithManager adds the controller of targets to mgr. A target is woken by its
// own change, that of its kubeconfig, and whoever finds that its cluster ceases to
// answer or answers again. The manager's cache must
// hold secrets of the operator's own namespace only, as operator.Run has it.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	spoken := predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})
	// Only metadata are watched: no secret's content is kept in memory.
	changed := builder.WithPredicates(predicate.ResourceVersionChangedPredicate{})
	turns := wake.New("turns of targets", func(context.Context) error { return nil })
	r.Connections.OnTurn(func(target string) { turns.Add(just(target)) })
	err := ctrl.NewControllerManagedBy(mgr).Named("kubernetestarget").
		For(&v1alpha1.KubernetesTarget{}, builder.WithPredicates(spoken)).
		WatchesMetadata(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.namedBy), changed).
		WatchesRawSource(turns).
		WithOptions(controller.Options{MaxConcurrentReconciles: cmp.Or(r.MaxConcurrent, defaultConcurrent)}).
		Complete(drain.Reconciler(reconcile.Reconciler(r), drain.Grace))
	if err != nil {
		return fmt.Errorf("setting up the controller of targets: %w", err)
	}
	return nil
}

// just returns what finds the target of a name.
func just(target string) func(context.Context) []reconcile.Request {
	return func(context.Context) []reconcile.Request {
		return []reconcile.Request{{NamespacedName: types.NamespacedName{Name: target}}}
	}
}

// namedBy returns the targets whose kubeconfig is in a secret.
func (r *Reconciler) namedBy(ctx context.Context, secret client.Object) []reconcile.Request {
	if secret.GetNamespace() != r.Namespace {
		return nil
	}
	list := &v1alpha1.KubernetesTargetList{}
	if err := r.Kube.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return nil // the cache ends with its manager: nobody is left to wake
	}
	var requests []reconcile.Request
	for i := range list.Items {
		if t := &list.Items[i]; t.Spec.KubeconfigSecretRef != nil && t.Spec.KubeconfigSecretRef.Name == secret.GetName() {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(t)})
		}
	}
	return requests
}
