// SPDX-License-Identifier: Apache-2.0

package rds

import (
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/ec2"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindSubnetGroup is the kind of DB subnet groups in ledgers.
const kindSubnetGroup = "DBSubnetGroup"

// leastZones is in how many zones a group's subnets must be.
const leastZones = 2

// ownSubnetGroup is a subnet group that somebody made. A change replaces the
// group, which answers on their way may still refer to.
type ownSubnetGroup struct {
	*subnetGroup

	tags []tag
}

type subnetGroupInput struct {
	DBSubnetGroupName        string
	DBSubnetGroupDescription string
	SubnetIDs                []string `query:"SubnetIds"`
}

type createSubnetGroupInput struct {
	subnetGroupInput

	Tags []tag
}

type subnetGroupResult struct {
	DBSubnetGroup *subnetGroup
}

func newSubnetGroup(scope query.Scope, name, description, vpc string, subnets []ec2.Subnet) *subnetGroup {
	g := &subnetGroup{
		DBSubnetGroupName: name, DBSubnetGroupDescription: description, DBSubnetGroupArn: arn(scope, "subgrp", name),
		VpcID: vpc, SubnetGroupStatus: "Complete",
	}
	for _, n := range subnets {
		g.Subnets = append(g.Subnets, groupSubnet{SubnetIdentifier: n.ID, SubnetAvailabilityZone: zone{n.Zone}, SubnetStatus: "Active"})
	}
	return g
}

func (s *Service) createSubnetGroup(r *query.Request, in *createSubnetGroupInput) (*subnetGroupResult, error) {
	here := s.in(r.Scope)
	name := strings.ToLower(in.DBSubnetGroupName)
	if err := in.check(name); err != nil {
		return nil, err
	}
	if _, exists := here.subnetGroups.Get(name); exists {
		return nil, refuse("DBSubnetGroupAlreadyExists", "The DB subnet group '%s' already exists.", name)
	}
	if s.cloud.Settings.Exceeds("rds:subnetGroups", here.subnetGroups.Len()+1) {
		return nil, refuse("DBSubnetGroupQuotaExceeded", "The request would exceed the allowed number of DB subnet groups.")
	}
	subnets, err := s.subnets(here, in.SubnetIDs)
	if err != nil {
		return nil, err
	}
	tags, err := mergedTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	g := newSubnetGroup(here.scope, name, in.DBSubnetGroupDescription, subnets[0].VPC, subnets)
	here.subnetGroups.Put(name, &ownSubnetGroup{subnetGroup: g, tags: tags})
	s.cloud.HideNew(g.DBSubnetGroupArn, r.Effect)
	s.record(r, kindSubnetGroup, name, local.Created)
	return &subnetGroupResult{g}, nil
}

func (in subnetGroupInput) check(name string) error {
	switch {
	case name == "":
		return missing("DBSubnetGroupName")
	case len(name) > longestName || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789._- ") != "" || name == defaultSubnetGroup:
		return invalidValue("The parameter DBSubnetGroupName must contain no more than 255 letters, numbers, periods, " +
			"underscores, spaces, or hyphens, and must not be default.")
	case in.DBSubnetGroupDescription == "":
		return missing("DBSubnetGroupDescription")
	}
	return nil
}

// subnets returns the subnets, which must be of one VPC, in several zones.
func (s *Service) subnets(here *region, ids []string) ([]ec2.Subnet, error) {
	zones := map[string]bool{}
	out := make([]ec2.Subnet, 0, len(ids))
	for _, id := range ids {
		n, ok := s.network.Subnet(here.scope, id)
		if !ok {
			return nil, refuse("InvalidSubnet", "The subnet ID '%s' does not exist", id)
		}
		if len(out) > 0 && out[0].VPC != n.VPC {
			return nil, refuse("InvalidSubnet", "The subnets are not all in the same VPC.")
		}
		out, zones[n.Zone] = append(out, n), true
	}
	if len(zones) < leastZones {
		return nil, refuse("DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "+
			"Add subnets to cover at least %d AZs.", leastZones)
	}
	return out, nil
}

type describeSubnetGroupsInput struct {
	DBSubnetGroupName string
	Filters           []filter
	pageInput
}

type subnetGroupsPage struct {
	DBSubnetGroups []*subnetGroup `xml:"DBSubnetGroups>DBSubnetGroup"`
	Marker         string         `xml:",omitempty"`
}

func (s *Service) describeSubnetGroups(r *query.Request, in *describeSubnetGroupsInput) (*subnetGroupsPage, error) {
	here := s.in(r.Scope)
	if in.DBSubnetGroupName != "" {
		g, err := s.subnetGroupFor(here, in.DBSubnetGroupName)
		if err != nil {
			return nil, err
		}
		if s.cloud.Veil.Hides(g.DBSubnetGroupArn) {
			return nil, subnetGroupNotFound(g.DBSubnetGroupName)
		}
		return &subnetGroupsPage{DBSubnetGroups: []*subnetGroup{g}}, nil
	}
	page, next, err := paged(here.subnetGroups.All(), func(g *ownSubnetGroup) string { return g.DBSubnetGroupName }, in.pageInput)
	if err != nil {
		return nil, err
	}
	out := &subnetGroupsPage{Marker: next}
	for _, g := range page {
		if !s.cloud.Veil.Hides(g.DBSubnetGroupArn) {
			out.DBSubnetGroups = append(out.DBSubnetGroups, g.subnetGroup)
		}
	}
	return out, nil
}

func (s *Service) modifySubnetGroup(r *query.Request, in *subnetGroupInput) (*subnetGroupResult, error) {
	here := s.in(r.Scope)
	g, ok := here.subnetGroups.Get(strings.ToLower(in.DBSubnetGroupName))
	if !ok {
		return nil, subnetGroupNotFound(in.DBSubnetGroupName)
	}
	subnets, err := s.subnets(here, in.SubnetIDs)
	if err != nil {
		return nil, err
	}
	if subnets[0].VPC != g.VpcID {
		return nil, refuse("InvalidSubnet", "The subnets are in %s, the DB subnet group is in %s.", subnets[0].VPC, g.VpcID)
	}
	next := newSubnetGroup(here.scope, g.DBSubnetGroupName, orString(in.DBSubnetGroupDescription, g.DBSubnetGroupDescription), g.VpcID, subnets)
	for _, i := range here.members(g.DBSubnetGroupName) {
		if !slices.ContainsFunc(next.Subnets, func(n groupSubnet) bool { return n.SubnetAvailabilityZone.Name == i.AvailabilityZone }) {
			return nil, refuse("SubnetAlreadyInUse", "The subnet in %s is in use by %s.", i.AvailabilityZone, i.DBInstanceIdentifier)
		}
	}
	g.subnetGroup = next
	for _, i := range here.members(g.DBSubnetGroupName) {
		i.DBSubnetGroup = next
	}
	s.record(r, kindSubnetGroup, g.DBSubnetGroupName, local.Updated)
	return &subnetGroupResult{next}, nil
}

type deleteSubnetGroupInput struct {
	DBSubnetGroupName string
}

func (s *Service) deleteSubnetGroup(r *query.Request, in *deleteSubnetGroupInput) (*query.Empty, error) {
	here := s.in(r.Scope)
	name := strings.ToLower(in.DBSubnetGroupName)
	if _, err := here.findSubnetGroup(name); err != nil {
		return nil, err
	}
	if used := here.members(name); len(used) > 0 {
		return nil, refuse("InvalidDBSubnetGroupStateFault", "Cannot delete the subnet group '%s' because at least one database instance: %s is still using it.",
			name, used[0].DBInstanceIdentifier)
	}
	here.subnetGroups.Delete(name)
	s.record(r, kindSubnetGroup, name, local.Deleted)
	return &query.Empty{}, nil
}

// members returns the instances in a subnet group.
func (r *region) members(group string) []*instance {
	return slices.DeleteFunc(r.instances.All(), func(i *instance) bool { return i.DBSubnetGroup.DBSubnetGroupName != group })
}

func (r *region) findSubnetGroup(name string) (*subnetGroup, error) {
	g, ok := r.subnetGroups.Get(strings.ToLower(name))
	if !ok {
		return nil, subnetGroupNotFound(name)
	}
	return g.subnetGroup, nil
}

func subnetGroupNotFound(name string) error {
	return notFound("DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", name)
}
