// SPDX-License-Identifier: Apache-2.0

package aks

import (
	"context"
	"net/netip"
	"slices"

	"github.com/crossplaneio/crossplane/azure-operator/internal/account"
	contract "github.com/crossplaneio/crossplane/shared/api/v1alpha1"
	"github.com/crossplaneio/crossplane/shared/fault"
)

// Reader reads what is at a path of Resource Manager.
type Reader interface {
	Get(ctx context.Context, operation, path, version string, into any) error
}

// publicIPs is the version of the API of public addresses that is read.
const publicIPs = "2024-05-01"

// egressOf returns the addresses from which the cluster's traffic reaches the
// Internet, as networks of one address each: those of its load balancer, or of the
// NAT gateway that AKS made for it. A cluster whose traffic goes through what
// somebody else made has none here; nor has one whose addresses the operator may not
// read: a target's spec.network says what they are.
func egressOf(ctx context.Context, by Reader, c *ClusterObservation) ([]string, error) {
	var out []string
	for _, id := range outboundIDs(c) {
		var ip struct {
			Properties struct {
				Address string `json:"ipAddress"`
			} `json:"properties"`
		}
		err := by.Get(ctx, "PublicIPAddressesClient.Get", id, publicIPs, &ip)
		if account.IsNotFound(err) || fault.Is(account.Classify(err), fault.Permission) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if address, err := netip.ParseAddr(ip.Properties.Address); err == nil {
			out = append(out, netip.PrefixFrom(address, address.BitLen()).String())
		}
	}
	slices.Sort(out)
	return out, nil
}

// outboundIDs are the resource ids of the public addresses.
func outboundIDs(c *ClusterObservation) []string {
	network := value(value(c.Properties).NetworkProfile)
	references := value(network.LoadBalancerProfile).EffectiveOutboundIPs
	references = append(slices.Clone(references), value(network.NatGatewayProfile).EffectiveOutboundIPs...)
	var ids []string
	for _, r := range references {
		if id := value(value(r).ID); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// networkOf is where what runs on the cluster is: its nodes' subnet, the addresses
// of its pods, and from where it reaches the Internet.
func networkOf(c *ClusterObservation) *contract.Network {
	p := value(c.Properties)
	n := &contract.Network{EgressCIDRs: c.Egress}
	for _, pool := range p.AgentPoolProfiles {
		if id := value(value(pool).VnetSubnetID); id != "" && n.ID == "" {
			n.ID = id
		}
	}
	for _, cidr := range value(p.NetworkProfile).PodCidrs {
		n.CIDRs = append(n.CIDRs, value(cidr))
	}
	if n.ID == "" && len(n.CIDRs)+len(n.EgressCIDRs) == 0 {
		return nil
	}
	return n
}
