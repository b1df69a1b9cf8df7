// SPDX-License-Identifier: Apache-2.0

package containers

import (
	"fmt"
	"hash/fnv"

	"github.com/crossplaneio/crossplane/e2e/cloud/azure/arm"
)

// outbound is the public address of a cluster's load balancer, in the group of its
// nodes.
func outbound(r *arm.Resource) arm.ID {
	return arm.ID{
		Subscription: r.ID.Subscription, Group: arm.Text(r.Body, "properties", "nodeResourceGroup"),
		Provider: "Microsoft.Network", Types: []string{"publicIPAddresses"}, Names: []string{own(r).id},
	}
}

// balanced says whether the cluster reaches the Internet by a load balancer of its own.
func balanced(r *arm.Resource) bool {
	return arm.Text(r.Body, "properties", "networkProfile", "outboundType") == "loadBalancer"
}

// balance gives the cluster its public address.
func (s *Service) balance(r *arm.Resource) {
	if !balanced(r) {
		return
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(own(r).id)) // it never fails
	// Of the networks that are for documentation: nothing is ever sent there.
	address := fmt.Sprintf("203.0.113.%d", sum.Sum32()%256)
	s.manager.Make(outbound(r), arm.Body{
		"location": arm.Text(r.Body, "location"), "sku": arm.Body{"name": "Standard"},
		"properties": arm.Body{"ipAddress": address, "publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4"},
	})
}

// showOutbound adds the cluster's public address to what the API shows.
func (s *Service) showOutbound(r *arm.Resource, b arm.Body) {
	if _, made := s.manager.Find(outbound(r)); made {
		arm.Set(b, []any{arm.Body{"id": outbound(r).String()}}, "properties", "networkProfile", "loadBalancerProfile", "effectiveOutboundIPs")
	}
}
