// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	workload "github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
)

// applicationsAtOnce is how many applications are read at a time.
const applicationsAtOnce = 100

// FindApplication asks the API server itself for an application that fits, for whom
// what is known may be too old: live must not read through a cache. It returns nil if
// there is none, or no such kind.
func FindApplication(ctx context.Context, live client.Reader, fits func(*Application) bool, in ...client.ListOption) (*Application, error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: workload.Group, Version: workload.Version, Kind: "KubernetesApplicationList"})
	for {
		err := live.List(ctx, list, append([]client.ListOption{client.Limit(applicationsAtOnce), client.Continue(list.GetContinue())}, in...)...)
		if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return nil, nil //nolint:nilnil // nobody has the means to run applications
		}
		if err != nil {
			return nil, fmt.Errorf("looking for applications: %w", err)
		}
		for i := range list.Items {
			a := &Application{}
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(list.Items[i].Object, a); err == nil && fits(a) {
				return a, nil
			}
		}
		if list.GetContinue() == "" {
			return nil, nil //nolint:nilnil // nil says that there is none
		}
	}
}
