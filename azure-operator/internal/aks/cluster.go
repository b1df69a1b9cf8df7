// SPDX-License-Identifier: Apache-2.0

// Package aks manages the resources of Azure Kubernetes Service.
package aks

import (
	"context"
	"slices"
	"strings"
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
	"github.com/crossplaneio/crossplane/shared/fault"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// Accounts knows the account of each Provider by its name.
type Accounts interface {
	Connect(ctx context.Context, provider string) (*account.Account, error)
}

// ClusterAPI is the part of the client of managed clusters that they need.
type ClusterAPI interface {
	Get(ctx context.Context, group, name string, o *sdk.ManagedClustersClientGetOptions) (sdk.ManagedClustersClientGetResponse, error)
	BeginCreateOrUpdate(ctx context.Context, group, name string, c sdk.ManagedCluster,
		o *sdk.ManagedClustersClientBeginCreateOrUpdateOptions) (*runtime.Poller[sdk.ManagedClustersClientCreateOrUpdateResponse], error)
	BeginUpdateTags(ctx context.Context, group, name string, tags sdk.TagsObject,
		o *sdk.ManagedClustersClientBeginUpdateTagsOptions) (*runtime.Poller[sdk.ManagedClustersClientUpdateTagsResponse], error)
	BeginDelete(ctx context.Context, group, name string, o *sdk.ManagedClustersClientBeginDeleteOptions) (*runtime.Poller[sdk.ManagedClustersClientDeleteResponse], error)
	ListClusterUserCredentials(ctx context.Context, group, name string,
		o *sdk.ManagedClustersClientListClusterUserCredentialsOptions) (sdk.ManagedClustersClientListClusterUserCredentialsResponse, error)
}

// ClusterObservation is what Azure says of a cluster; how it is reached, and each
// of the addresses from which it reaches the Internet, takes a call of its own.
type ClusterObservation struct {
	sdk.ManagedCluster

	Access Access   // of one that is made; otherwise empty
	Egress []string // addresses from which it reaches the Internet, of one that is made
}

// group is the resource group that the cluster is in.
func (o *ClusterObservation) group() string { return groupIn(value(o.ID)) }

func groupIn(id string) string {
	parsed, err := arm.ParseResourceID(id)
	if err != nil {
		return ""
	}
	return parsed.ResourceGroupName
}

// settle is how long Azure may take to show, in a state, a change that it has
// accepted.
const settle = 30 * time.Second

// +kubebuilder:rbac:groups=compute.azure.crossplane.io,resources=aksclusters,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=compute.azure.crossplane.io,resources=aksclusters/status,verbs=patch
// +kubebuilder:rbac:groups=compute.azure.crossplane.io,resources=aksclusters/finalizers,verbs=update

// Cluster returns the kind AKSCluster. A cluster's name is ours to choose.
func Cluster(accounts Accounts) managed.Kind[*v1alpha1.AKSCluster, ClusterObservation] {
	return managed.Kind[*v1alpha1.AKSCluster, ClusterObservation]{
		New:      func() *v1alpha1.AKSCluster { return &v1alpha1.AKSCluster{} },
		Provider: func() client.Object { return &azureapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.AKSCluster) (managed.External[*v1alpha1.AKSCluster, ClusterObservation], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			clusters, err := account.Client(a, newClusters)
			of := func(ctx context.Context, provider string) (Tokens, error) { return accounts.Connect(ctx, provider) }
			return cluster{clusters: clusters, reader: a, own: a, of: of}, err
		},
		Classify:  account.Classify,
		Name:      func(mr *v1alpha1.AKSCluster, owner string) string { return clusterName(mr.Name, owner) },
		ValidName: validName,
		HoldsData: true,
		Settle:    settle,
		References: []managed.ReferenceField[*v1alpha1.AKSCluster]{groupReference(func(mr *v1alpha1.AKSCluster) groupFields {
			return groupFields{&mr.Spec.ForProvider.ResourceGroupName, mr.Spec.ForProvider.ResourceGroupRef}
		})},
	}
}

func newClusters(subscription string, c azcore.TokenCredential, o *arm.ClientOptions) (*sdk.ManagedClustersClient, error) {
	return sdk.NewManagedClustersClient(subscription, c, o) //nolint:wrapcheck // account.Client says what was done
}

// cluster is managed.External for clusters of one account.
type cluster struct {
	clusters ClusterAPI
	reader   Reader
	own      Tokens // of the account
	of       func(ctx context.Context, provider string) (Tokens, error)
}

// Observe implements managed.External. How a cluster is reached is asked at each
// look: its certificates can be replaced, and nothing else says so.
func (e cluster) Observe(ctx context.Context, mr *v1alpha1.AKSCluster, _ managed.Identity) (*ClusterObservation, error) {
	name := managed.ExternalName(mr)
	if name == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	group := mr.Spec.ForProvider.ResourceGroupName
	if group == "" {
		group = groupIn(mr.Status.AtProvider.ID) // the object that names it is gone
	}
	if group == "" {
		return nil, fault.New(fault.Dependency, contract.ReasonReferenceNotReady, "the resource group of the cluster is not known: its object is gone")
	}
	out, err := e.clusters.Get(ctx, group, name, nil)
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	obs := &ClusterObservation{ManagedCluster: out.ManagedCluster}
	if !made(&obs.ManagedCluster) {
		return obs, nil
	}
	found, err := e.clusters.ListClusterUserCredentials(ctx, group, name, nil)
	if account.IsNotFound(err) {
		return obs, nil // it is about to go
	}
	if err != nil {
		return nil, err
	}
	if obs.Access, err = accessOf(found.Kubeconfigs); err != nil {
		return nil, err
	}
	obs.Egress, err = egressOf(ctx, e.reader, obs)
	return obs, err
}

// made reports whether a cluster is beyond its creation, and not being deleted.
func made(c *sdk.ManagedCluster) bool {
	s := states[value(value(c.Properties).ProvisioningState)]
	return s != managed.Creating && s != managed.Deleting && hostOf(value(c.Properties)) != ""
}

func hostOf(p sdk.ManagedClusterProperties) string {
	if host := value(p.PrivateFQDN); host != "" {
		return host
	}
	return value(p.Fqdn)
}

// Assess implements managed.External.
func (e cluster) Assess(mr *v1alpha1.AKSCluster, obs *ClusterObservation) managed.Assessment {
	want, p := mr.Spec.ForProvider, value(obs.Properties)
	_, status := mr.Managed()
	mr.Status.AtProvider = observed(obs)
	state := value(p.ProvisioningState)
	a := managed.Assessment{
		Name:       value(obs.Name),
		Tags:       textMap(obs.Tags),
		State:      stateOf(state, p.PowerState, status.FirstReadyTime != nil),
		Message:    messageOf(state, p.PowerState, mr.Status.AtProvider.Problem),
		Busy:       !atRest(state) || changing(p.AgentPoolProfiles),
		Drift:      planCluster(want, &obs.ManagedCluster).fields,
		Fixed:      fixedCluster(want, &obs.ManagedCluster),
		Protected:  protected(want),
		Location:   &contract.Location{Provider: "azure", Region: want.Location},
		Offers:     offers(&obs.ManagedCluster),
		Reach:      contract.ReachInternet,
		Connection: connectionOf(want, obs),
		Network:    networkOf(obs),
	}
	if value(value(p.APIServerAccessProfile).EnablePrivateCluster) {
		a.Reach = contract.ReachNetwork
	}
	return a
}

// changing reports whether Azure is at work on a pool: it does one thing at a
// time in a cluster.
func changing(pools []*Profile) bool {
	return slices.ContainsFunc(pools, func(p *Profile) bool {
		state := value(p.ProvisioningState)
		return state != "" && !atRest(state)
	})
}

func observed(obs *ClusterObservation) v1alpha1.AKSClusterObservation {
	p := value(obs.Properties)
	return v1alpha1.AKSClusterObservation{
		State: value(p.ProvisioningState), PowerState: value(said(value(p.PowerState).Code)), ID: value(obs.ID), Version: version(&obs.ManagedCluster),
		Endpoint: obs.Access.Endpoint, NodeResourceGroup: value(p.NodeResourceGroup), PrincipalID: value(value(obs.Identity).PrincipalID),
		Pools: poolNamesOf(&obs.ManagedCluster), Problem: problemOf(value(p.Status).ProvisioningError),
	}
}

func poolNamesOf(c *sdk.ManagedCluster) []string {
	var names []string
	for _, p := range value(c.Properties).AgentPoolProfiles {
		names = append(names, value(p.Name))
	}
	slices.Sort(names)
	return names
}

func offers(c *sdk.ManagedCluster) *contract.Offer {
	return &contract.Offer{
		Group: "compute.crossplane.io", Kind: "KubernetesCluster", Attributes: map[string]string{"version": version(c)},
	}
}

// keyCluster is, in connection details, Azure's name of the cluster.
const keyCluster = "cluster"

// connectionOf is known once the cluster has an endpoint.
func connectionOf(want parameters, obs *ClusterObservation) map[string]string {
	if obs.Access.Endpoint == "" {
		return nil
	}
	return map[string]string{
		contract.KeyType: "kubernetes", contract.KeyProvider: "azure", contract.KeyEndpoint: obs.Access.Endpoint,
		contract.KeyCA: string(obs.Access.CA), contract.KeyRegion: want.Location, keyCluster: value(obs.Name),
	}
}

// short is a location's short name: Azure writes "West Europe" or westeurope.
func short(location string) string { return strings.ToLower(strings.ReplaceAll(location, " ", "")) }

// sameID compares resource ids, in which upper and lower case mean nothing.
func sameID(a, b string) bool { return strings.EqualFold(a, b) }
