// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/crossplaneio/crossplane/shared/managed"
	"github.com/crossplaneio/crossplane/shared/metrics"
)

// newEnv returns what the kinds' reconcilers need.
func newEnv(ctx context.Context, mgr ctrl.Manager, f *flags, o Options) (managed.Env, error) {
	hub, err := hubOf(ctx, mgr.GetAPIReader())
	if err != nil {
		return managed.Env{}, err
	}
	return managed.Env{
		Kube:                mgr.GetClient(),
		Live:                mgr.GetAPIReader(),
		Clock:               clock.RealClock{},
		Events:              mgr.GetEventRecorder(o.Name),
		Operator:            o.Name,
		Hub:                 hub,
		FormerHubs:          f.formerHubs,
		Namespace:           f.namespace,
		ConnectionNamespace: f.connectionNamespace,
		Poll:                f.poll,
		MaxConcurrent:       f.concurrency,
	}, nil
}

// hubOf returns the identity of this control plane: the uid of kube-system, which
// lives as long as the cluster and is the same for nobody else.
func hubOf(ctx context.Context, live client.Reader) (types.UID, error) {
	ns := &corev1.Namespace{}
	if err := live.Get(ctx, client.ObjectKey{Name: metav1.NamespaceSystem}, ns); err != nil {
		return "", fmt.Errorf("reading the identity of this control plane: %w", err)
	}
	return ns.UID, nil
}

// takeCensus makes the kinds that are managed resources a metric.
func takeCensus(mgr ctrl.Manager, kinds []managed.Controller) error {
	counted := make([]metrics.Counted, 0, len(kinds))
	for _, k := range kinds {
		if _, ok := k.Object().(managed.Resource); !ok {
			continue
		}
		c, err := countedAs(mgr, k.Object())
		if err != nil {
			return err
		}
		counted = append(counted, c)
	}
	if err := metrics.NewManagedCensus(mgr.GetCache(), counted...).Register(); err != nil {
		return fmt.Errorf("counting managed resources: %w", err)
	}
	return nil
}

func countedAs(mgr ctrl.Manager, obj client.Object) (metrics.Counted, error) {
	gvk, err := apiutil.GVKForObject(obj, mgr.GetScheme())
	if err != nil {
		return metrics.Counted{}, fmt.Errorf("counting %T: %w", obj, err)
	}
	newList, err := listOf(mgr.GetScheme(), gvk)
	if err != nil {
		return metrics.Counted{}, err
	}
	conditions := func(o client.Object) []metav1.Condition {
		if mr, ok := o.(managed.Resource); ok {
			_, status := mr.Managed()
			return status.Conditions
		}
		return nil
	}
	return metrics.Counted{Kind: gvk.Kind, NewList: newList, Conditions: conditions}, nil
}

// listOf returns how to make an empty list of a kind.
func listOf(scheme *runtime.Scheme, gvk schema.GroupVersionKind) (func() client.ObjectList, error) {
	made, err := scheme.New(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
	if err != nil {
		return nil, fmt.Errorf("counting %s: %w", gvk.Kind, err)
	}
	if _, ok := made.(client.ObjectList); !ok {
		return nil, fmt.Errorf("counting %s: %T is no list", gvk.Kind, made) //nolint:err113 // a mistake in code
	}
	return func() client.ObjectList {
		list, _ := made.DeepCopyObject().(client.ObjectList)
		return list
	}, nil
}
