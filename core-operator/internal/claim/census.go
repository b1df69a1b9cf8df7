// SPDX-License-Identifier: Apache-2.0

package claim

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	claimapi "github.com/crossplaneio/crossplane/core-operator/api/claim/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/metrics"
)

// Setup adds a controller for each claim kind to mgr, and counts the claims.
func Setup(ctx context.Context, mgr ctrl.Manager, env Env, kinds ...client.Object) error {
	counted := make([]metrics.Counted, 0, len(kinds))
	for _, object := range kinds {
		kind, err := apiutil.GVKForObject(object, mgr.GetScheme())
		if err != nil {
			return fmt.Errorf("finding the kind of %T: %w", object, err)
		}
		if err := New(kind, env).SetupWithManager(ctx, mgr); err != nil {
			return err
		}
		counted = append(counted, metrics.Counted{Kind: kind.Kind, NewList: lists(mgr.GetScheme(), kind), Conditions: conditionsOf})
	}
	if err := metrics.NewClaimCensus(mgr.GetCache(), counted...).Register(); err != nil {
		return fmt.Errorf("counting claims: %w", err)
	}
	return nil
}

func conditionsOf(o client.Object) []metav1.Condition {
	c, ok := o.(claimapi.Claim)
	if !ok {
		return nil
	}
	_, status := c.Claim()
	return status.Conditions
}

// lists returns how to make an empty list of a kind; nil if the kind has none.
func lists(scheme *runtime.Scheme, kind schema.GroupVersionKind) func() client.ObjectList {
	return func() client.ObjectList {
		made, err := scheme.New(kind.GroupVersion().WithKind(kind.Kind + "List"))
		if err != nil {
			return nil
		}
		list, _ := made.(client.ObjectList)
		return list
	}
}
