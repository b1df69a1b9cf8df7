// SPDX-License-Identifier: Apache-2.0

package gke

import (
	"cmp"
	"context"
	"encoding/base64"
	"strings"
	"time"

	"google.golang.org/api/container/v1"
	kube "sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplaneio/crossplane/gcp-operator/api/compute/v1alpha1"
	network "github.com/crossplaneio/crossplane/gcp-operator/api/network/v1alpha1"
	gcpapi "github.com/crossplaneio/crossplane/gcp-operator/api/v1alpha1"
	"github.com/crossplaneio/crossplane/gcp-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/managed"
)

// +kubebuilder:rbac:groups=compute.gcp.crossplane.io,resources=gkeclusters,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=compute.gcp.crossplane.io,resources=gkeclusters/status,verbs=patch
// +kubebuilder:rbac:groups=compute.gcp.crossplane.io,resources=gkeclusters/finalizers,verbs=update

// Cluster returns the kind GKECluster. A cluster's name is ours to choose, so
// creating it twice is harmless.
func Cluster(accounts Accounts) managed.Kind[*v1alpha1.GKECluster, container.Cluster] {
	return managed.Kind[*v1alpha1.GKECluster, container.Cluster]{
		New:      func() *v1alpha1.GKECluster { return &v1alpha1.GKECluster{} },
		Provider: func() kube.Object { return &gcpapi.Provider{} },
		Connect: func(ctx context.Context, mr *v1alpha1.GKECluster) (managed.External[*v1alpha1.GKECluster, container.Cluster], error) {
			a, err := accounts.Connect(ctx, mr.Spec.ProviderRef.Name)
			if err != nil {
				return nil, err
			}
			return cluster{api: newClient(a), tokens: a, now: time.Now}, nil
		},
		Classify:  account.Classify,
		Name:      func(mr *v1alpha1.GKECluster, owner string) string { return chosenName(mr.Name, owner) },
		ValidName: validName,
		HoldsData: true,
		References: []managed.ReferenceField[*v1alpha1.GKECluster]{{
			Field:   "networkRef",
			To:      network.GroupVersion.WithKind("Network"),
			Names:   func(mr *v1alpha1.GKECluster) []string { return managed.NameOf(mr.Spec.ForProvider.NetworkRef) },
			Resolve: func(mr *v1alpha1.GKECluster, names []string) { mr.Spec.ForProvider.Network = names[0] },
		}},
	}
}

// cluster is managed.External for clusters of one project.
type cluster struct {
	api    ClusterAPI
	tokens Tokens
	now    func() time.Time
}

func placeOf(mr *v1alpha1.GKECluster) place {
	return place{mr.Spec.ForProvider.Location, managed.ExternalName(mr)}
}

// Observe implements managed.External. It is one call: a cluster tells of its pools.
func (e cluster) Observe(ctx context.Context, mr *v1alpha1.GKECluster, _ managed.Identity) (*container.Cluster, error) {
	if managed.ExternalName(mr) == "" {
		return nil, nil //nolint:nilnil // never named, so there certainly is none
	}
	c, err := e.api.Cluster(ctx, placeOf(mr))
	if account.IsNotFound(err) {
		return nil, nil //nolint:nilnil // nil says that there is none
	}
	if err != nil {
		return nil, err
	}
	if c.Status == failed && mr.Status.FirstReadyTime == nil && mr.DeletionTimestamp.IsZero() {
		return c, failedCreation("creating the cluster", c.Conditions)
	}
	return c, nil
}

// Assess implements managed.External.
func (e cluster) Assess(mr *v1alpha1.GKECluster, c *container.Cluster) managed.Assessment {
	want := mr.Spec.ForProvider
	mr.Status.AtProvider = observed(c)
	_, drift := planCluster(want, c)
	a := managed.Assessment{
		Name:      c.Name,
		Tags:      c.ResourceLabels,
		State:     clusterState(c.Status),
		Message:   messageOf(c.Status, mr.Status.AtProvider.Conditions),
		Busy:      c.Status != running && c.Status != degraded,
		Drift:     drift,
		Fixed:     fixedCluster(want, c),
		Protected: protected(want),
		Location:  locationOf(want.Location),
		Reach:     contract.ReachNetwork,
	}
	if ipOf(c).EnablePublicEndpoint {
		a.Reach = contract.ReachInternet
	}
	if c.Status == provisioning {
		return a
	}
	a.Offers, a.Network, a.Connection = offers(c), networkOf(c), connectionOf(want.Location, c)
	if a.State == managed.Available && initialPool(c) != nil && mr.Status.FirstReadyTime == nil {
		a.State, a.Message = managed.Creating, "its initial node is being removed"
	}
	return a
}

// observed is what users want to see. Of a cluster that is being made GKE says more
// and more, which nobody can use yet.
func observed(c *container.Cluster) v1alpha1.GKEClusterObservation {
	if c.Status == provisioning {
		return v1alpha1.GKEClusterObservation{State: c.Status}
	}
	return v1alpha1.GKEClusterObservation{
		State: c.Status, Version: c.CurrentMasterVersion, Endpoint: endpointOf(c), ReleaseChannel: channelOf(c),
		Network: c.Network, Subnetwork: c.Subnetwork, SelfLink: c.SelfLink, Conditions: conditionsOf(c.Conditions),
	}
}

// locationOf tells a zone from a region: it has one part more.
func locationOf(location string) *contract.Location {
	if i := strings.LastIndexByte(location, '-'); strings.Count(location, "-") > 1 {
		return &contract.Location{Provider: "gcp", Region: location[:i], Zone: location}
	}
	return &contract.Location{Provider: "gcp", Region: location}
}

func offers(c *container.Cluster) *contract.Offer {
	return &contract.Offer{
		Group: "compute.crossplane.io", Kind: "KubernetesCluster", Attributes: map[string]string{"version": c.CurrentMasterVersion},
	}
}

// networkOf is where Pods are. Of nodes GKE tells the subnetwork, not its addresses.
func networkOf(c *container.Cluster) *contract.Network {
	n := &contract.Network{ID: c.Network}
	if ip := c.IpAllocationPolicy; ip != nil && ip.ClusterIpv4CidrBlock != "" {
		n.CIDRs = []string{ip.ClusterIpv4CidrBlock}
	}
	return n
}

// ipOf returns how the API server is reached at addresses; never nil.
func ipOf(c *container.Cluster) *container.IPEndpointsConfig {
	if c.ControlPlaneEndpointsConfig == nil || c.ControlPlaneEndpointsConfig.IpEndpointsConfig == nil {
		return &container.IPEndpointsConfig{}
	}
	return c.ControlPlaneEndpointsConfig.IpEndpointsConfig
}

// endpointOf is the address for clients: the public one where there is one.
func endpointOf(c *container.Cluster) string {
	ip := ipOf(c)
	if ip.EnablePublicEndpoint {
		return cmp.Or(ip.PublicEndpoint, c.Endpoint)
	}
	return cmp.Or(ip.PrivateEndpoint, c.Endpoint)
}

// keyCluster is, in connection details, GKE's name of the cluster.
const keyCluster = "cluster"

// connectionOf is known once the cluster has an endpoint.
func connectionOf(location string, c *container.Cluster) map[string]string {
	if endpointOf(c) == "" || c.MasterAuth == nil {
		return nil
	}
	ca, err := base64.StdEncoding.DecodeString(c.MasterAuth.ClusterCaCertificate)
	if err != nil || len(ca) == 0 {
		return nil
	}
	return map[string]string{
		contract.KeyType: "kubernetes", contract.KeyProvider: "gcp", contract.KeyEndpoint: "https://" + endpointOf(c),
		contract.KeyCA: string(ca), contract.KeyRegion: locationOf(location).Region, keyCluster: c.Name,
	}
}
