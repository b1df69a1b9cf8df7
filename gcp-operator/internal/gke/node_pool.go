// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"cmp"
	"context"
	"time"

	"google.golang.org/api/container/v1"
	kube "sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	gcpapi "github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// ObservedPool is what GKE says of a node pool, and what matters of its cluster.
type ObservedPool struct {
	*container.NodePool

	Cluster      string // GKE's name of it
	ControlPlane string // the version that it has
}

// +kubebuilder:rbac:groups=compute.gcp.crossplane.io,resources=gkenodepools,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=compute.gcp.crossplane.io,resources=gkenodepools/status,verbs=patch
// +kubebuilder:rbac:groups=compute.gcp.crossplane.io,resources=gkenodepools/finalizers,verbs=update

// NodePool returns the kind GKENodePool. A pool's name is ours to choose.
func NodePool(accounts Accounts) managed.Kind[*v1alpha1.GKENodePool, ObservedPool] {
	return managed.Kind[*v1alpha1.GKENodePool, ObservedPool]{
		New:      func() *v1alpha1.GKENodePool { return &v1alpha1.GKENodePool{} },
		Provider: func() kube.Object { return &gcpapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.GKENodePool) (managed.External[*v1alpha1.GKENodePool, ObservedPool], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return nodePool{api: newClient(a), now: time.Now}, nil
		},
		Classify:  account.Classify,
		Name:      func(mr *v1alpha1.GKENodePool, owner string) string { return chosenName(mr.Name, owner) },
		ValidName: validName,
		References: []managed.ReferenceField[*v1alpha1.GKENodePool]{{
			Field:   "clusterRef",
			To:      v1alpha1.GroupVersion.WithKind("GKECluster"),
			Names:   func(mr *v1alpha1.GKENodePool) []string { return managed.NameOf(mr.Spec.ForProvider.ClusterRef) },
			Resolve: func(mr *v1alpha1.GKENodePool, names []string) { mr.Spec.ForProvider.ClusterName = names[0] },
		}},
		Poll: followEvery,
	}
}

// followEvery is how often a pool at rest is looked at: nobody else tells it that
// the control plane was upgraded, and that its nodes have to follow.
const followEvery = 2 * time.Minute

// nodePool is managed.External for node pools of one project.
type nodePool struct {
	api PoolAPI
	now func() time.Time
}

// clusterOf names the cluster of a pool: as the spec does or, where the object that
// this refers to is gone, as GKE did. A pool whose cluster was never known was
// never made.
func clusterOf(mr *v1alpha1.GKENodePool) place {
	return place{mr.Spec.ForProvider.Location, cmp.Or(mr.Spec.ForProvider.ClusterName, mr.Status.AtProvider.ClusterName)}
}

// Observe implements managed.External. It looks at the cluster, which tells of its
// pools as they would themselves, and of the control plane beside. A cluster that is
// gone has no pools.
func (e nodePool) Observe(ctx context.Context, mr *v1alpha1.GKENodePool, _ managed.Identity) (*ObservedPool, error) {
	name, at := managed.ExternalName(mr), clusterOf(mr)
	if name == "" || at.cluster == "" {
		return nil, nil //nolint:nilnil // never made, so there certainly is none
	}
	c, err := e.api.Cluster(ctx, at)
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	for _, p := range c.NodePools {
		if p.Name != name {
			continue
		}
		o := &ObservedPool{NodePool: p, Cluster: c.Name, ControlPlane: c.CurrentMasterVersion}
		if p.Status == failed && mr.Status.FirstReadyTime == nil && mr.DeletionTimestamp.IsZero() {
			return o, failedCreation("creating the node pool", p.Conditions)
		}
		return o, nil
	}
	return nil, nil //nolint:nilnil // nil says that there is none
}

// configOf returns what the nodes of a pool are; never nil.
func (o *ObservedPool) configOf() *container.NodeConfig {
	if o.Config == nil {
		return &container.NodeConfig{}
	}
	return o.Config
}

// Assess implements managed.External. A pool's own labels say whose it is; they are
// also put on its machines. One that runs with an error takes changes: they may be
// what helps.
func (e nodePool) Assess(mr *v1alpha1.GKENodePool, o *ObservedPool) managed.Assessment {
	want := mr.Spec.ForProvider
	mr.Status.AtProvider = observedPool(o)
	_, drift := planPool(want, o)
	return managed.Assessment{
		Name:     o.Name,
		Tags:     o.configOf().ResourceLabels,
		State:    poolState(o.Status),
		Message:  messageOf(o.Status, mr.Status.AtProvider.Conditions),
		Busy:     o.Status != running && o.Status != runningWithError,
		Drift:    drift,
		Fixed:    fixedPool(want, o),
		Location: locationOf(want.Location),
	}
}

// observedPool is what users want to see.
func observedPool(o *ObservedPool) v1alpha1.GKENodePoolObservation {
	out := v1alpha1.GKENodePoolObservation{State: o.Status, ClusterName: o.Cluster}
	if o.Status == provisioning {
		return out
	}
	out.Version, out.MachineType, out.NodeLocations, out.SelfLink = o.Version, o.configOf().MachineType, o.Locations, o.SelfLink
	out.Conditions = conditionsOf(o.Conditions)
	if o.Autoscaling == nil || !o.Autoscaling.Enabled {
		out.NodeCount = o.InitialNodeCount
	}
	return out
}

// Create implements managed.External.
func (e nodePool) Create(ctx context.Context, mr *v1alpha1.GKENodePool, in managed.Intent) (*ObservedPool, error) {
	want := mr.Spec.ForProvider
	p := describePool(want, in)
	if err := e.api.CreatePool(ctx, clusterOf(mr), p); err != nil {
		return nil, err
	}
	p.Status = provisioning // all that is known of it so far
	return &ObservedPool{NodePool: p, Cluster: want.ClusterName}, nil
}

// describePool is the pool to make.
func describePool(want v1alpha1.GKENodePoolParameters, in managed.Intent) *container.NodePool {
	p := &container.NodePool{
		Name: in.Name, Version: want.Version, Locations: want.NodeLocations, InitialNodeCount: firstCount(want), ForceSendFields: []string{"InitialNodeCount"},
		Config: &container.NodeConfig{
			MachineType: want.MachineType, DiskSizeGb: value(want.DiskSizeGb), DiskType: want.DiskType, ImageType: want.ImageType,
			Spot: value(want.Spot), ServiceAccount: want.ServiceAccount, OauthScopes: want.OAuthScopes, Tags: want.NetworkTags,
			Labels: labels(want.Labels), Taints: taints(want.Taints), ResourceLabels: diff.Both(want.ResourceLabels, account.Labels(in.Tags)),
		},
		Management: managementOf(want.Management, &container.NodeManagement{AutoUpgrade: true, AutoRepair: true}),
	}
	if want.Autoscaling != nil {
		p.Autoscaling = autoscaling(*want.Autoscaling)
	}
	if want.MaxPodsPerNode != nil {
		p.MaxPodsConstraint = &container.MaxPodsConstraint{MaxPodsPerNode: *want.MaxPodsPerNode}
	}
	if want.UpgradeSettings != nil {
		p.UpgradeSettings = upgradeSettings(*want.UpgradeSettings, nil)
	}
	return p
}

// firstCount is how many nodes each zone of a new pool has: with autoscaling as
// many as there have to be.
func firstCount(want v1alpha1.GKENodePoolParameters) int64 {
	switch a := want.Autoscaling; {
	case want.NodeCount != nil:
		return *want.NodeCount
	case a == nil:
		return 1
	case a.TotalMaxNodeCount != nil:
		zones := max(int64(len(want.NodeLocations)), 1)
		return (value(a.TotalMinNodeCount) + zones - 1) / zones
	default:
		return value(a.MinNodeCount)
	}
}

// Update implements managed.External. GKE does one thing at a time with a pool: it
// is asked for the first.
func (e nodePool) Update(ctx context.Context, mr *v1alpha1.GKENodePool, o *ObservedPool) error {
	steps, _ := planPool(mr.Spec.ForProvider, o)
	if len(steps) == 0 {
		return nil
	}
	at, first := clusterOf(mr), steps[0]
	if err := failedBefore(ctx, e.api, mr, at.location, "/clusters/"+at.cluster+"/nodePools/"+o.Name, e.now()); err != nil {
		return err
	}
	switch {
	case first.autoscaling != nil:
		return e.api.SetAutoscaling(ctx, at, o.Name, first.autoscaling)
	case first.management != nil:
		return e.api.SetManagement(ctx, at, o.Name, first.management)
	case first.size != nil:
		return e.api.SetSize(ctx, at, o.Name, *first.size)
	default:
		return e.api.UpdatePool(ctx, at, o.Name, first.update)
	}
}

// Delete implements managed.External.
func (e nodePool) Delete(ctx context.Context, mr *v1alpha1.GKENodePool, o *ObservedPool) error {
	return e.api.DeletePool(ctx, clusterOf(mr), o.Name)
}

// Adopt implements managed.Adopter.
func (e nodePool) Adopt(ctx context.Context, mr *v1alpha1.GKENodePool, o *ObservedPool, tags map[string]string) error {
	return e.api.UpdatePool(ctx, clusterOf(mr), o.Name, relabelledPool(o, account.Labels(tags)))
}
