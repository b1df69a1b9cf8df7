// SPDX-License-Identifier: Apache-2.0

// Command workload-operator runs applications on Kubernetes clusters, and says of
// each cluster and each application how it is.
package main

import (
	"os"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/operator"
	compute "github.com/crossplaneio/crossplane/workload-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/workload-operator/internal"
	"github.com/crossplaneio/crossplane/workload-operator/internal/chart"
)

// maxConcurrent passes go on at a time. They wait for targets, most of the time;
// that for one which has just ceased to answer waits in vain, and is not to keep
// others from theirs.
const maxConcurrent = 100

func main() {
	if chart.IsChild(os.Args) {
		os.Exit(chart.Child(os.Stdin, os.Stdout, os.Exit))
	}
	o := &internal.Operator{}
	os.Exit(operator.Run(operator.Options{
		Name:          "workload-operator",
		MaxConcurrent: maxConcurrent,
		Scheme:        []func(*runtime.Scheme) error{v1alpha1.AddToScheme, compute.AddToScheme},
		Flags:         o.Flags,
		Setup:         o.Setup,
	}))
}
