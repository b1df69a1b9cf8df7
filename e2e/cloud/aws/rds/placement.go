// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"slices"
	"strings"
)

// defaultSubnetGroup is the name of the group that RDS makes of the default
// VPC's subnets.
const defaultSubnetGroup = "default"

// place finds the network, the zone and the parameter group of a new instance.
func (s *Service) place(here *region, d *description, in placementInput) error {
	group, err := s.subnetGroupFor(here, in.DBSubnetGroupName)
	if err != nil {
		return err
	}
	d.DBSubnetGroup = group
	if d.AvailabilityZone, err = zoneIn(group, in.AvailabilityZone); err != nil {
		return err
	}
	if d.VpcSecurityGroups, err = s.memberships(here, group.VpcID, in.VpcSecurityGroupIDs); err != nil {
		return err
	}
	if d.OptionGroupMemberships, err = optionGroupFor(d, in.OptionGroupName); err != nil {
		return err
	}
	d.DBParameterGroups, err = here.parameterGroupFor(d, in.DBParameterGroupName)
	return err
}

// optionGroupFor returns the default group, the only one that there is.
func optionGroupFor(d *description, name string) ([]optionGroupInUse, error) {
	v, err := findVersion(d.Engine, d.EngineVersion)
	if err != nil {
		return nil, err
	}
	only := "default:" + v.engine + "-" + strings.ReplaceAll(v.major, ".", "-")
	if name != "" && name != only {
		return nil, notFound("OptionGroupNotFoundFault", "Specified OptionGroupName: %s not found.", name)
	}
	return []optionGroupInUse{{OptionGroupName: only, Status: "in-sync"}}, nil
}

// subnetGroupFor returns the group of that name, or the default VPC's.
func (s *Service) subnetGroupFor(here *region, name string) (*subnetGroup, error) {
	if name != "" && name != defaultSubnetGroup {
		return here.findSubnetGroup(name)
	}
	vpc := s.network.DefaultVPC(here.scope)
	subnets := s.network.Subnets(here.scope, vpc)
	if vpc == "" || len(subnets) == 0 {
		return nil, notFound("DBSubnetGroupNotFoundFault", "DB subnet group 'default' does not exist: there is no default VPC.")
	}
	return newSubnetGroup(here.scope, defaultSubnetGroup, "default", vpc, subnets), nil
}

func zoneIn(group *subnetGroup, want string) (string, error) {
	if want == "" {
		return group.Subnets[0].SubnetAvailabilityZone.Name, nil
	}
	if !slices.ContainsFunc(group.Subnets, func(n groupSubnet) bool { return n.SubnetAvailabilityZone.Name == want }) {
		return "", refuse("InvalidVPCNetworkStateFault", "The DB subnet group %s has no subnet in availability zone %s.", group.DBSubnetGroupName, want)
	}
	return want, nil
}

// memberships checks that the security groups are there, in the same VPC.
func (s *Service) memberships(here *region, vpc string, ids []string) ([]groupMembership, error) {
	if len(ids) == 0 {
		ids = []string{s.network.DefaultGroup(here.scope, vpc)}
	}
	out := make([]groupMembership, 0, len(ids))
	for _, id := range ids {
		in, ok := s.network.GroupVPC(here.scope, id)
		if !ok {
			return nil, invalidValue("Invalid security group, groupId= %s, groupName=.", id)
		}
		if in != vpc {
			return nil, invalidCombination("The DB instance and EC2 security group are in different VPCs. "+
				"The DB instance is in %s and the EC2 security group is in %s", vpc, in)
		}
		out = append(out, groupMembership{VpcSecurityGroupID: id, Status: "active"})
	}
	return out, nil
}
