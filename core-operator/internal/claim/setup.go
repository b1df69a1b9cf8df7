// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	corev1alpha1 "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/operator/drain"
)

// An error is met again after firstRetry, and at rest once every lastRetry.
const (
	firstRetry         = 500 * time.Millisecond
	lastRetry          = time.Minute
	defaultConcurrency = 10
)

// +kubebuilder:rbac:groups=core.crossplane.io,resources=resourceclasses,verbs=get;list;watch
// +kubebuilder:rbac:groups=database.crossplane.io,resources=mysqlinstances;postgresqlinstances,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=database.crossplane.io,resources=mysqlinstances/status;postgresqlinstances/status,verbs=patch
// +kubebuilder:rbac:groups=database.crossplane.io,resources=mysqlinstances/finalizers;postgresqlinstances/finalizers,verbs=update
// +kubebuilder:rbac:groups=compute.crossplane.io,resources=kubernetesclusters,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=compute.crossplane.io,resources=kubernetesclusters/status,verbs=patch
// +kubebuilder:rbac:groups=compute.crossplane.io,resources=kubernetesclusters/finalizers,verbs=update
// +kubebuilder:rbac:groups=apiextensions.k8s.io,resources=customresourcedefinitions,verbs=get;list;watch
// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetesapplications,verbs=get;list;watch
// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetestargets,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;create;patch;delete,roleName=core-operator-tenants
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// SetupWithManager adds a controller for the claims of the kind to mgr. A claim
// is woken by whatever it may wait for: its own change, its resources, the
// classes, its namespace, and kinds that come and go.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	object, err := r.empty()
	if err != nil {
		return err
	}
	if err := mgr.GetFieldIndexer().IndexField(ctx, object, indexWaits, waitsFor); err != nil {
		return fmt.Errorf("indexing %s: %w", r.kind.Kind, err)
	}
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	err = ctrl.NewControllerManagedBy(mgr).
		Named("claim-"+r.kind.GroupKind().String()).
		For(object, builder.WithPredicates(spoken())).
		Watches(&corev1alpha1.ResourceClass{}, handler.EnqueueRequestsFromMapFunc(r.ofClass)).
		WatchesMetadata(namespace, handler.EnqueueRequestsFromMapFunc(r.ofNamespace), builder.WithPredicates(predicate.LabelChangedPredicate{})).
		WatchesRawSource(newWakes(r)).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: r.concurrency(),
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](firstRetry, lastRetry),
		}).
		Complete(drain.Reconciler(reconcile.Reconciler(r), drain.Grace))
	if err != nil {
		return fmt.Errorf("setting up %s: %w", r.kind.Kind, err)
	}
	return nil
}

func (r *Reconciler) concurrency() int {
	if r.MaxConcurrent > 0 {
		return r.MaxConcurrent
	}
	return defaultConcurrency
}

// spoken lets through what somebody else changed: core's own writes are no news.
func spoken() predicate.Predicate {
	return predicate.Or[client.Object](
		predicate.GenerationChangedPredicate{}, // a deletion counts as one
		predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
			return !maps.Equal(toldBy(e.ObjectOld), toldBy(e.ObjectNew)) || disowned(e.ObjectOld, e.ObjectNew)
		}},
	)
}

// toldBy returns the annotations by which somebody tells core something: all but
// its own, of which only the removal does.
func toldBy(o client.Object) map[string]string {
	annotations := maps.Clone(o.GetAnnotations())
	delete(annotations, claimapi.AnnotationIdentity)
	return annotations
}

// disowned reports whether somebody took the identity off a claim, to have a
// new resource.
func disowned(old, now client.Object) bool {
	_, had := old.GetAnnotations()[claimapi.AnnotationIdentity]
	_, has := now.GetAnnotations()[claimapi.AnnotationIdentity]
	return had && !has
}
