// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	sdk "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v8"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/azure-operator/api/compute/v1alpha1"
	azureapi "github.com/crossplaneio/crossplane/azure-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/diff"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// PoolAPI is the part of the client of agent pools that they need.
type PoolAPI interface {
	Get(ctx context.Context, group, cluster, name string, o *sdk.AgentPoolsClientGetOptions) (sdk.AgentPoolsClientGetResponse, error)
	BeginCreateOrUpdate(ctx context.Context, group, cluster, name string, p sdk.AgentPool,
		o *sdk.AgentPoolsClientBeginCreateOrUpdateOptions) (*runtime.Poller[sdk.AgentPoolsClientCreateOrUpdateResponse], error)
	BeginDelete(ctx context.Context, group, cluster, name string, o *sdk.AgentPoolsClientBeginDeleteOptions) (*runtime.Poller[sdk.AgentPoolsClientDeleteResponse], error)
}

// ParentAPI is the part of the client of clusters that agent pools need.
type ParentAPI interface {
	Get(ctx context.Context, group, name string, o *sdk.ManagedClustersClientGetOptions) (sdk.ManagedClustersClientGetResponse, error)
}

// PoolObservation is what Azure says of an agent pool, and what concerns it of its
// cluster.
type PoolObservation struct {
	Profile

	ID              string
	ClusterName     string
	ClusterLocation string
	ClusterVersion  string // empty where it is not known
	ClusterBusy     bool
}

// +kubebuilder:rbac:groups=compute.azure.crossplane.io,resources=aksagentpools,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=compute.azure.crossplane.io,resources=aksagentpools/status,verbs=patch
// +kubebuilder:rbac:groups=compute.azure.crossplane.io,resources=aksagentpools/finalizers,verbs=update

// AgentPool returns the kind AKSAgentPool. A pool's name is ours to choose.
func AgentPool(accounts Accounts) managed.Kind[*v1alpha1.AKSAgentPool, PoolObservation] {
	return managed.Kind[*v1alpha1.AKSAgentPool, PoolObservation]{
		New:      func() *v1alpha1.AKSAgentPool { return &v1alpha1.AKSAgentPool{} },
		Provider: func() client.Object { return &azureapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.AKSAgentPool) (managed.External[*v1alpha1.AKSAgentPool, PoolObservation], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return account.Client(a, newAgentPools)
		},
		Classify:   account.Classify,
		Name:       func(mr *v1alpha1.AKSAgentPool, owner string) string { return poolName(mr.Name, owner) },
		ValidName:  validPoolName,
		References: poolReferences(),
		Poll:       followEvery,
		Settle:     settle,
	}
}

// followEvery is how often a pool at rest is looked at: nobody else tells it that
// the control plane was upgraded, and that its nodes have to follow.
const followEvery = 2 * time.Minute

// agentPool is managed.External for agent pools of one account.
type agentPool struct {
	pools    PoolAPI
	clusters ParentAPI
}

func newAgentPools(subscription string, c azcore.TokenCredential, o *arm.ClientOptions) (agentPool, error) {
	f, err := sdk.NewClientFactory(subscription, c, o)
	if err != nil {
		return agentPool{}, err //nolint:wrapcheck // account.Client says what was done
	}
	return agentPool{f.NewAgentPoolsClient(), f.NewManagedClustersClient()}, nil
}

// clusterOf names the cluster of a pool and its resource group: as the spec does
// or, where the objects that this refers to are gone, as Azure did.
func clusterOf(mr *v1alpha1.AKSAgentPool) (group, name string) {
	p, seen := mr.Spec.ForProvider, mr.Status.AtProvider
	return cmp.Or(p.ResourceGroupName, groupIn(seen.ID)), cmp.Or(p.ClusterName, seen.ClusterName)
}

// Observe implements managed.External. A cluster that is gone has no pools.
func (e agentPool) Observe(ctx context.Context, mr *v1alpha1.AKSAgentPool, _ managed.Identity) (*PoolObservation, error) {
	name := managed.ExternalName(mr)
	group, cluster := clusterOf(mr)
	if name == "" || group == "" || cluster == "" {
		return nil, nil //nolint:nilnil // never made, so there certainly is none
	}
	out, err := e.pools.Get(ctx, group, cluster, name, nil)
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	profile, err := profileOf(&out.AgentPool)
	if err != nil {
		return nil, err
	}
	obs := &PoolObservation{Profile: profile, ID: value(out.ID), ClusterName: cluster}
	parent, err := e.clusters.Get(ctx, group, cluster, nil)
	if account.IsNotFound(err) {
		return obs, nil
	}
	if err != nil {
		return nil, err
	}
	p := value(parent.Properties)
	obs.ClusterLocation, obs.ClusterVersion = short(value(parent.Location)), version(&parent.ManagedCluster)
	obs.ClusterBusy = !atRest(value(p.ProvisioningState)) || changing(p.AgentPoolProfiles)
	return obs, nil
}

// Assess implements managed.External.
func (e agentPool) Assess(mr *v1alpha1.AKSAgentPool, obs *PoolObservation) managed.Assessment {
	want, state := mr.Spec.ForProvider, value(obs.ProvisioningState)
	_, status := mr.Managed()
	mr.Status.AtProvider = v1alpha1.AKSAgentPoolObservation{
		State: state, PowerState: value(said(value(obs.PowerState).Code)), ID: obs.ID, ClusterName: obs.ClusterName, Version: runs(&obs.Profile),
		NodeImageVersion: value(obs.NodeImageVersion), Count: value(obs.Count), Problem: problemOf(value(obs.Status).ProvisioningError),
	}
	_, drift := planAgentPool(want, obs)
	return managed.Assessment{
		Name:     value(obs.Name),
		Tags:     textMap(obs.Profile.Tags),
		State:    stateOf(state, obs.PowerState, status.FirstReadyTime != nil),
		Message:  messageOf(state, obs.PowerState, mr.Status.AtProvider.Problem),
		Busy:     !atRest(state) || obs.ClusterBusy,
		Drift:    drift,
		Fixed:    fixedAgentPool(want, obs),
		Location: &contract.Location{Provider: "azure", Region: obs.ClusterLocation},
		Reach:    contract.ReachNetwork,
	}
}

// planAgentPool returns the pool as it is to be asked for next, and which fields
// that changes. An upgrade is a change of its own, and comes last.
func planAgentPool(want v1alpha1.AKSAgentPoolParameters, obs *PoolObservation) (*Profile, diff.Fields) {
	var d diff.Fields
	next := obs.Profile
	next.ETag = nil
	planPool(&d, "", want.NodePool, &next)
	set(&d, "mode", want.Mode, &next.Mode)
	if lacking := diff.Tags(&d, want.Tags, textMap(next.Tags)); len(lacking) > 0 {
		next.Tags = pointerMap(diff.Both(textMap(next.Tags), lacking))
	}
	upgraded := next
	before := len(d)
	if target := targetVersion(want.OrchestratorVersion, obs.ClusterVersion); newer(target, runs(&obs.Profile)) {
		set(&d, "orchestratorVersion", target, &upgraded.OrchestratorVersion)
	}
	switch {
	case before > 0:
		return &next, d
	case len(d) > 0:
		return &upgraded, d
	default:
		return nil, d
	}
}

// fixedAgentPool lists what differs and can't be changed.
func fixedAgentPool(want v1alpha1.AKSAgentPoolParameters, obs *PoolObservation) []string {
	var d diff.Fields
	diff.FixedText(&d, "clusterName", want.ClusterName, &obs.ClusterName)
	fixedPool(&d, "", want.NodePool, &obs.Profile)
	priority := cmp.Or(value(obs.ScaleSetPriority), sdk.ScaleSetPriorityRegular)
	diff.FixedText(&d, "scaleSetPriority", want.ScaleSetPriority, new(string(priority)))
	if price := priceOf(want.SpotMaxPrice); price != nil && *price != value(obs.SpotMaxPrice) {
		diff.FixedText(&d, "spotMaxPrice", want.SpotMaxPrice, new(strconv.FormatFloat(float64(value(obs.SpotMaxPrice)), 'f', -1, 32)))
	}
	if have := runs(&obs.Profile); newer(have, want.OrchestratorVersion) {
		diff.FixedText(&d, "orchestratorVersion", want.OrchestratorVersion, &have)
	}
	return d
}

// priceOf is a price as the SDK has it.
func priceOf(text string) *float32 {
	price, err := strconv.ParseFloat(text, 32)
	if err != nil {
		return nil
	}
	return new(float32(price))
}

// Create implements managed.External. A request to create a pool changes the one
// that is there already: see that of clusters.
func (e agentPool) Create(ctx context.Context, mr *v1alpha1.AKSAgentPool, in managed.Intent) (*PoolObservation, error) {
	want := mr.Spec.ForProvider
	p := newPool(want.NodePool)
	p.Mode = word[sdk.AgentPoolMode](cmp.Or(want.Mode, string(sdk.AgentPoolModeUser)))
	p.OrchestratorVersion = word[string](want.OrchestratorVersion)
	p.ScaleSetPriority, p.SpotMaxPrice = word[sdk.ScaleSetPriority](want.ScaleSetPriority), priceOf(want.SpotMaxPrice)
	p.Tags = pointerMap(diff.Both(want.Tags, in.Tags))
	request, err := poolOf(p)
	if err != nil {
		return nil, err
	}
	_, err = e.pools.BeginCreateOrUpdate(account.OnlyNew(ctx), want.ResourceGroupName, want.ClusterName, in.Name, request, nil)
	return nil, err
}

// Update implements managed.External.
func (e agentPool) Update(ctx context.Context, mr *v1alpha1.AKSAgentPool, obs *PoolObservation) error {
	next, _ := planAgentPool(mr.Spec.ForProvider, obs)
	if next == nil {
		return nil
	}
	return e.put(ctx, obs, *next)
}

// put asks for a pool as a whole, if it still is what was looked at.
func (e agentPool) put(ctx context.Context, obs *PoolObservation, next Profile) error {
	request, err := poolOf(next)
	if err != nil {
		return err
	}
	_, err = e.pools.BeginCreateOrUpdate(ctx, groupIn(obs.ID), obs.ClusterName, value(obs.Name), request,
		&sdk.AgentPoolsClientBeginCreateOrUpdateOptions{IfMatch: obs.ETag})
	return err
}

// Delete implements managed.External.
func (e agentPool) Delete(ctx context.Context, _ *v1alpha1.AKSAgentPool, obs *PoolObservation) error {
	_, err := e.pools.BeginDelete(ctx, groupIn(obs.ID), obs.ClusterName, value(obs.Name), nil)
	return err
}

// Adopt implements managed.Adopter.
func (e agentPool) Adopt(ctx context.Context, _ *v1alpha1.AKSAgentPool, obs *PoolObservation, tags map[string]string) error {
	next := obs.Profile
	next.ETag, next.Tags = nil, pointerMap(diff.Both(textMap(next.Tags), tags))
	return e.put(ctx, obs, next)
}
