// SPDX-License-Identifier: Apache-2.0

// Command workload-operator runs applications on Kubernetes clusters, and says of
// each cluster and each application how it is.
package main

import (
	"os"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/operator"
	"github.com/crossplaneio/crossplane/workload-operator/internal"
)

func main() {
	os.Exit(operator.Run(operator.Options{
		Name:   "workload-operator",
		Scheme: []func(*runtime.Scheme) error{v1alpha1.AddToScheme},
		Setup:  internal.Setup,
	}))
}
