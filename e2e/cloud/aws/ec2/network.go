// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
)

// Subnet is what other services see of a subnet.
type Subnet struct{ ID, VPC, Zone string }

// DefaultVPC returns the region's default VPC, or "" where it was deleted.
func (s *Service) DefaultVPC(scope query.Scope) string {
	for _, v := range s.in(scope).vpcs.All() {
		if v.IsDefault {
			return v.VpcID
		}
	}
	return ""
}

// DefaultGroup returns the VPC's default security group.
func (s *Service) DefaultGroup(scope query.Scope, vpcID string) string {
	for _, g := range s.in(scope).groups.All() {
		if g.VpcID == vpcID && g.GroupName == defaultGroup {
			return g.GroupID
		}
	}
	return ""
}

// GroupVPC returns the VPC of a security group, if there is such a group.
func (s *Service) GroupVPC(scope query.Scope, id string) (string, bool) {
	g, ok := s.in(scope).groups.Get(id)
	if !ok {
		return "", false
	}
	return g.VpcID, true
}

// AddGroup makes a security group for another service, whose it is: the members let
// each other in. It returns the group's ID.
func (s *Service) AddGroup(scope query.Scope, vpcID, name, description string) string {
	g := newGroup(scope, newID("sg"), name, description, vpcID)
	g.rules = append(g.rules, rule{id: fixedID("sgr", g.GroupID, "self"), protocol: all, peer: peer{group: g.GroupID}})
	s.in(scope).groups.Put(g.GroupID, g)
	return g.GroupID
}

// RemoveGroup removes a group that AddGroup made.
func (s *Service) RemoveGroup(scope query.Scope, id string) { s.in(scope).groups.Delete(id) }

// Subnet returns the subnet of that ID.
func (s *Service) Subnet(scope query.Scope, id string) (Subnet, bool) {
	n, ok := s.in(scope).subnets.Get(id)
	if !ok {
		return Subnet{}, false
	}
	return Subnet{ID: n.SubnetID, VPC: n.VpcID, Zone: n.AvailabilityZone}, true
}

// Subnets returns the subnets of a VPC.
func (s *Service) Subnets(scope query.Scope, vpcID string) []Subnet {
	var out []Subnet
	for _, n := range s.in(scope).subnets.All() {
		if n.VpcID == vpcID {
			out = append(out, Subnet{ID: n.SubnetID, VPC: n.VpcID, Zone: n.AvailabilityZone})
		}
	}
	return out
}
