// SPDX-License-Identifier: Apache-2.0

package pool

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/contract"
	"github.com/crossplaneio/crossplane/shared/operator/drain"
	"github.com/crossplaneio/crossplane/shared/operator/wake"
)

// An error is met again after firstError, and at rest once every lastError.
const (
	firstError = 500 * time.Millisecond
	lastError  = time.Minute
)

// +kubebuilder:rbac:groups=compute.crossplane.io,resources=clusterpools,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=compute.crossplane.io,resources=clusterpools/status,verbs=patch
// +kubebuilder:rbac:groups=compute.crossplane.io,resources=clusterpools/finalizers,verbs=update
// +kubebuilder:rbac:groups=compute.crossplane.io,resources=kubernetesclusters,verbs=get;list;watch;create;delete

// SetupWithManager adds the controller of pools to mgr. Whatever wakes it wakes all
// pools: an application that waits, a claim of a pool, a target, a class, a namespace.
func (p *Pools) SetupWithManager(mgr ctrl.Manager) error {
	source := wake.New("applications and targets", p.known)
	p.Workloads.OnApplication(func(*contract.Application) { source.Add(everyPool) })
	p.Workloads.OnTarget(func(*workload.KubernetesTarget) { source.Add(everyPool) })
	all := handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, _ client.Object) []reconcile.Request { return everyPool(ctx) })
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	told := predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}, predicate.LabelChangedPredicate{})
	ofPool := predicate.NewPredicateFuncs(func(o client.Object) bool { return o.GetLabels()[v1alpha1.LabelPool] != "" })
	err := ctrl.NewControllerManagedBy(mgr).Named("clusterpool").
		Watches(&compute.ClusterPool{}, all, builder.WithPredicates(told)).
		Watches(&compute.KubernetesCluster{}, all, builder.WithPredicates(ofPool)).
		Watches(&core.ResourceClass{}, all).
		WatchesMetadata(namespace, all, builder.WithPredicates(predicate.LabelChangedPredicate{})).
		WatchesRawSource(source).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: 1,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](firstError, lastError),
		}).
		Complete(drain.Reconciler(reconcile.Reconciler(p), drain.Grace))
	if err != nil {
		return fmt.Errorf("setting up the controller of cluster pools: %w", err)
	}
	return nil
}

func everyPool(context.Context) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: client.ObjectKey{Name: "all"}}}
}

// known waits until it is known what the pools have on record, and what there is.
func (p *Pools) known(ctx context.Context) error {
	if err := p.Workloads.WaitForSync(ctx); err != nil {
		return fmt.Errorf("waiting for the applications: %w", err)
	}
	return p.learn(ctx)
}
