// SPDX-License-Identifier: Apache-2.0

// Command core-operator satisfies claims: it chooses a class for each, has the
// managed resources made that the class describes, binds them and publishes how
// to connect. It knows no cloud.
package main

import (
	"os"

	"k8s.io/apimachinery/pkg/runtime"

	compute "github.com/crossplaneio/crossplane/core-operator/api/compute/v1alpha1"
	core "github.com/crossplaneio/crossplane/core-operator/api/core/v1alpha1"
	database "github.com/crossplaneio/crossplane/core-operator/api/database/v1alpha1"
	"github.com/crossplaneio/crossplane/core-operator/internal"
	"github.com/crossplaneio/crossplane/shared/operator"
)

// What every operator needs, core in its own namespace:
//
// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,verbs=get;create;update,namespace=crossplane-system

func main() {
	os.Exit(operator.Run(operator.Options{
		Name:   "core-operator",
		Scheme: []func(*runtime.Scheme) error{core.AddToScheme, database.AddToScheme, compute.AddToScheme},
		Setup:  internal.Setup,
	}))
}
