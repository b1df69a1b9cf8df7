// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	contractapi "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/api/workload/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/workload-operator/internal/remote"
)

// sight is what a look at a cluster shows.
type sight struct {
	uid     string
	version string
	nodes   nodes
	network *contractapi.Network
	// applications that have, or may have, objects there, and what they take.
	applications []v1alpha1.KubernetesApplication
	takes        map[types.UID]corev1.ResourceList
}

// look completes what is known of a cluster whose identity is good.
func look(ctx context.Context, c *remote.Connection, uid, hub string) (*sight, error) {
	s := &sight{uid: uid}
	var err error
	if s.version, err = c.Version(ctx); err != nil {
		return nil, err
	}
	s.nodes, err = measure(ctx, c.Kubernetes(), hub)
	return s, err
}

// judge says why a cluster can't be the target's.
func judge(t *v1alpha1.KubernetesTarget, uid, hub string) error {
	switch {
	case t.Status.ClusterUID != "" && t.Status.ClusterUID != uid:
		return fault.New(fault.Invalid, v1alpha1.ReasonClusterChanged,
			"the kubeconfig leads to another cluster (%s) than before (%s); give back the former one, or make another target for the new cluster", uid, t.Status.ClusterUID)
	case uid == hub && !t.Spec.AllowHub:
		return fault.New(fault.Invalid, v1alpha1.ReasonHubRefused,
			"this is the cluster of the control plane itself; set spec.allowHub to true to run applications there")
	default:
		return nil
	}
}
