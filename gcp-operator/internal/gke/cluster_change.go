// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"context"
	"strings"

	"google.golang.org/api/container/v1"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Update implements managed.External. GKE does one thing at a time with a cluster:
// it is asked for the first.
func (e cluster) Update(ctx context.Context, mr *v1alpha1.GKECluster, c *container.Cluster) error {
	steps, _ := planCluster(mr.Spec.ForProvider, c)
	if len(steps) == 0 {
		return nil
	}
	at, first := placeOf(mr), steps[0]
	if err := failedBefore(ctx, e.api, mr, at.location, "/clusters/"+at.cluster, e.now()); err != nil {
		return err
	}
	switch {
	case len(first.after) > 0:
		return fault.New(fault.Dependency, contract.ReasonDependency,
			"waiting for node pools that would be more than %d minor versions behind the control plane: %s", mostBehind, strings.Join(first.after, ", "))
	case first.removePool != "":
		return e.api.DeletePool(ctx, at, first.removePool)
	case first.labels != nil:
		return e.api.SetLabels(ctx, at, first.labels)
	case first.maintenance != nil:
		return e.api.SetMaintenance(ctx, at, first.maintenance)
	default:
		return e.api.UpdateCluster(ctx, at, first.update)
	}
}

// Adopt implements managed.Adopter.
func (e cluster) Adopt(ctx context.Context, mr *v1alpha1.GKECluster, c *container.Cluster, tags map[string]string) error {
	return e.api.SetLabels(ctx, placeOf(mr), relabelled(c, account.Labels(tags)))
}

// protected says why the cluster is not deleted as the spec stands. GKE has no such
// protection: it is kept here alone.
func protected(want v1alpha1.GKEClusterParameters) string {
	if value(want.DeletionProtection) {
		return "deletionProtection is on: set spec.forProvider.deletionProtection to false to have the cluster deleted"
	}
	return ""
}

// Delete implements managed.External. GKE would delete the pools with the cluster,
// whosever they are: they have to be gone before.
func (e cluster) Delete(ctx context.Context, mr *v1alpha1.GKECluster, c *container.Cluster) error {
	if pools := othersPools(c); len(pools) > 0 {
		return fault.New(fault.Dependency, contract.ReasonDependency, "waiting for the cluster's node pools to be deleted: %s", strings.Join(pools, ", "))
	}
	return e.api.DeleteCluster(ctx, placeOf(mr))
}

// othersPools are the pools that are not the cluster's own: of those of Autopilot
// and of node auto-provisioning GKE disposes, one is what the cluster came with.
func othersPools(c *container.Cluster) []string {
	if c.Autopilot != nil && c.Autopilot.Enabled {
		return nil
	}
	var out []string
	for _, p := range c.NodePools {
		if p != initialPool(c) && (p.Autoscaling == nil || !p.Autoscaling.Autoprovisioned) {
			out = append(out, p.Name)
		}
	}
	return out
}
