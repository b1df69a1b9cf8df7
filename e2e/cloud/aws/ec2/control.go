// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Live lists what exists beyond what a region has from the start.
func (s *Service) Live() []local.Resource {
	out := []local.Resource{}
	for scope, r := range s.regions {
		add := func(kind, id string) {
			out = append(out, local.Resource{Service: serviceName, Region: scope.Region, Kind: kind, ID: id})
		}
		for _, v := range r.vpcs.All() {
			if !v.IsDefault {
				add("Vpc", v.VpcID)
			}
		}
		for _, n := range r.subnets.All() {
			if !n.DefaultForAz {
				add("Subnet", n.SubnetID)
			}
		}
		for _, g := range r.groups.All() {
			if g.GroupName != defaultGroup {
				add(kindGroup, g.GroupID)
			}
			for _, n := range g.taggedRules() {
				add(kindRule, n.id)
			}
		}
	}
	return out
}
