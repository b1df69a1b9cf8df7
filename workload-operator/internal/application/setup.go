// SPDX-License-Identifier: Apache-2.0

package application

import (
	"cmp"
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/operator/drain"
)

// defaultConcurrent is how many applications are worked on at a time.
const defaultConcurrent = 10

// IndexTargets finds the applications that a target concerns: that are meant for it,
// or have objects there.
const IndexTargets = "crossplane.io/targets"

// indexSources finds the applications whose chart comes from a source.
const indexSources = "crossplane.io/chart-sources"

// indexClaims finds the applications that use a claim.
const indexClaims = "crossplane.io/claims"

// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetesapplications,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetesapplications/status,verbs=patch
// +kubebuilder:rbac:groups=workload.crossplane.io,resources=kubernetesapplications/finalizers,verbs=update
// +kubebuilder:rbac:groups=database.crossplane.io,resources=mysqlinstances;postgresqlinstances,verbs=get;list;watch
// +kubebuilder:rbac:groups=compute.crossplane.io,resources=kubernetesclusters,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get,roleName=workload-operator-tenants

// SetupWithManager adds the controller of applications to mgr. An application is
// woken by whatever it may wait for: its own change, its target, its objects
// there, its claims, and the labels of its namespace.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	for field, extract := range map[string]client.IndexerFunc{IndexTargets: targetsOf, indexClaims: claimsOf, indexSources: sourcesOf} {
		if err := mgr.GetFieldIndexer().IndexField(ctx, &workload.KubernetesApplication{}, field, extract); err != nil {
			return fmt.Errorf("indexing applications: %w", err)
		}
	}
	spoken := predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{}, predicate.Funcs{UpdateFunc: placed})
	err := ctrl.NewControllerManagedBy(mgr).Named("kubernetesapplication").
		For(&workload.KubernetesApplication{}, builder.WithPredicates(spoken)).
		Watches(&workload.KubernetesTarget{}, r.byTarget(), builder.WithPredicates(predicate.Funcs{UpdateFunc: targetChanged})).
		Watches(&workload.ChartSource{}, handler.EnqueueRequestsFromMapFunc(r.ofSource)).
		WatchesMetadata(namespaceMetadata(), handler.EnqueueRequestsFromMapFunc(r.ofNamespace), builder.WithPredicates(predicate.LabelChangedPredicate{})).
		WatchesRawSource(newWakes(r)).
		WithOptions(controller.Options{MaxConcurrentReconciles: cmp.Or(r.MaxConcurrent, defaultConcurrent)}).
		Complete(drain.Reconciler(reconcile.Reconciler(r), drain.Grace))
	if err != nil {
		return fmt.Errorf("setting up the controller of applications: %w", err)
	}
	return nil
}

// namespaceMetadata is all of a namespace that is read here.
func namespaceMetadata() *metav1.PartialObjectMetadata {
	ns := &metav1.PartialObjectMetadata{}
	ns.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	return ns
}

// placed reports whether the scheduler has decided otherwise than before.
func placed(e event.UpdateEvent) bool {
	was, ok := e.ObjectOld.(*workload.KubernetesApplication)
	is, also := e.ObjectNew.(*workload.KubernetesApplication)
	if !ok || !also {
		return true
	}
	before, now := meta.FindStatusCondition(was.Status.Conditions, workload.ConditionScheduled), meta.FindStatusCondition(is.Status.Conditions, workload.ConditionScheduled)
	return !equality.Semantic.DeepEqual(was.Status.Placement, is.Status.Placement) || !equality.Semantic.DeepEqual(before, now)
}

// targetsOf returns the targets that an application is meant for or still on.
func targetsOf(o client.Object) []string {
	app, ok := o.(*workload.KubernetesApplication)
	if !ok {
		return nil
	}
	var names []string
	if name := destination(app); name != "" {
		names = append(names, name)
	}
	for _, use := range app.Status.Targets {
		names = append(names, use.Name)
	}
	return names
}

// sourcesOf returns the source that an application's chart comes from.
func sourcesOf(o client.Object) []string {
	if app, ok := o.(*workload.KubernetesApplication); ok && app.Spec.Chart != nil {
		return []string{app.Spec.Chart.SourceRef.Name}
	}
	return nil
}

// targetChanged reports whether a target has become worth trying, or is no more.
func targetChanged(e event.UpdateEvent) bool {
	was, ok := e.ObjectOld.(*workload.KubernetesTarget)
	is, also := e.ObjectNew.(*workload.KubernetesTarget)
	if !ok || !also || was.Generation != is.Generation || was.Status.ClusterUID != is.Status.ClusterUID {
		return true
	}
	old, now := meta.FindStatusCondition(was.Status.Conditions, v1alpha1.ConditionReady), meta.FindStatusCondition(is.Status.Conditions, v1alpha1.ConditionReady)
	return old == nil || now == nil || old.Status != now.Status || old.Reason != now.Reason
}

func (r *Reconciler) ofTarget(ctx context.Context, target client.Object) []reconcile.Request {
	return r.find(ctx, client.MatchingFields{IndexTargets: target.GetName()})
}

func (r *Reconciler) ofSource(ctx context.Context, source client.Object) []reconcile.Request {
	return r.find(ctx, client.MatchingFields{indexSources: source.GetName()})
}

func (r *Reconciler) ofNamespace(ctx context.Context, namespace client.Object) []reconcile.Request {
	return r.find(ctx, client.InNamespace(namespace.GetName()))
}

// find returns requests for some of the applications that the cache has.
func (r *Reconciler) find(ctx context.Context, which ...client.ListOption) []reconcile.Request {
	list := &workload.KubernetesApplicationList{}
	if err := r.Kube.List(ctx, list, append(which, client.UnsafeDisableDeepCopy)...); err != nil {
		return nil // the cache ends with its manager: nobody is left to wake
	}
	requests := make([]reconcile.Request, 0, len(list.Items))
	for i := range list.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
	}
	return requests
}
