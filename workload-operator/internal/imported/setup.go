// SPDX-License-Identifier: Apache-2.0

package imported

import (
	"cmp"
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/operator/drain"
	"github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
)

// defaultConcurrent is how many looks are taken at a time.
const defaultConcurrent = 10

// +kubebuilder:rbac:groups=compute.workload.crossplane.io,resources=importedclusters,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=compute.workload.crossplane.io,resources=importedclusters/status,verbs=patch
// +kubebuilder:rbac:groups=compute.workload.crossplane.io,resources=importedclusters/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch,namespace=crossplane-system
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;create;update,namespace=crossplane-workload-connections

// SetupWithManager adds the controller of imported clusters to mgr. One is woken by
// its own change and by that of its kubeconfigs. The manager's cache must hold
// secrets of the operator's own namespace only, as operator.Run has it.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	said := builder.WithPredicates(predicate.Funcs{UpdateFunc: spoken})
	// Only metadata are watched: no secret's content is kept in memory.
	changed := builder.WithPredicates(predicate.ResourceVersionChangedPredicate{})
	if err := mgr.Add(r.Connections); err != nil {
		return fmt.Errorf("adding the connections to imported clusters: %w", err)
	}
	err := ctrl.NewControllerManagedBy(mgr).Named("importedcluster").
		For(&v1alpha1.ImportedCluster{}, said).
		WatchesMetadata(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.namedBy), changed).
		WithOptions(controller.Options{MaxConcurrentReconciles: cmp.Or(r.MaxConcurrent, defaultConcurrent)}).
		Complete(drain.Reconciler(reconcile.Reconciler(r), drain.Grace))
	if err != nil {
		return fmt.Errorf("setting up the controller of imported clusters: %w", err)
	}
	return nil
}

// spoken leaves out the operator's own writes of status and owner id.
func spoken(e event.UpdateEvent) bool {
	asked := func(o client.Object) string { return o.GetAnnotations()[contract.AnnotationReconcileRequestedAt] }
	return e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() || asked(e.ObjectOld) != asked(e.ObjectNew)
}

// namedBy returns the clusters of which a kubeconfig is in a secret.
func (r *Reconciler) namedBy(ctx context.Context, secret client.Object) []reconcile.Request {
	if secret.GetNamespace() != r.Namespace {
		return nil
	}
	list := &v1alpha1.ImportedClusterList{}
	if err := r.Kube.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return nil // the cache ends with its manager: nobody is left to wake
	}
	var requests []reconcile.Request
	for i := range list.Items {
		spec := &list.Items[i].Spec
		if spec.KubeconfigSecretRef.Name == secret.GetName() || spec.OperatorKubeconfigSecretRef.Name == secret.GetName() {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return requests
}
