// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/crossplaneio/crossplane/aws-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// clusterStates maps every status that the EKS API reference lists for a
// cluster. One that is updated works on. PENDING is that of a cluster that was
// only registered with EKS, until it connects.
//
//nolint:gochecknoglobals // a table
var clusterStates = map[types.ClusterStatus]managed.State{
	types.ClusterStatusPending:  managed.Creating,
	types.ClusterStatusCreating: managed.Creating,
	types.ClusterStatusActive:   managed.Available,
	types.ClusterStatusUpdating: managed.Available,
	types.ClusterStatusDeleting: managed.Deleting,
	types.ClusterStatusFailed:   managed.Failed,
}

// nodeGroupStates maps every status that it lists for a node group. EKS tries on
// to repair one that is degraded. One that it failed to delete can be deleted
// again.
//
//nolint:gochecknoglobals // a table
var nodeGroupStates = map[types.NodegroupStatus]managed.State{
	types.NodegroupStatusCreating:     managed.Creating,
	types.NodegroupStatusActive:       managed.Available,
	types.NodegroupStatusUpdating:     managed.Available,
	types.NodegroupStatusDegraded:     managed.Unavailable,
	types.NodegroupStatusDeleting:     managed.Deleting,
	types.NodegroupStatusCreateFailed: managed.Failed,
	types.NodegroupStatusDeleteFailed: managed.Failed,
}

func clusterState(status types.ClusterStatus) managed.State {
	if s, ok := clusterStates[status]; ok {
		return s
	}
	return managed.Unknown
}

func nodeGroupState(status types.NodegroupStatus) managed.State {
	if s, ok := nodeGroupStates[status]; ok {
		return s
	}
	return managed.Unknown
}

// messageOf is EKS's word for a state, and what it says is wrong.
func messageOf(status string, issues []v1alpha1.Issue) string {
	var b strings.Builder
	b.WriteString(status)
	for _, i := range issues {
		b.WriteString("; " + i.Code)
		if i.Message != "" {
			b.WriteString(": " + i.Message)
		}
		if len(i.ResourceIDs) > 0 {
			b.WriteString(" (" + strings.Join(i.ResourceIDs, ", ") + ")")
		}
	}
	return b.String()
}
