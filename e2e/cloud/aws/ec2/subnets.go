// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// subnet is a subnet as DescribeSubnets shows it.
type subnet struct {
	SubnetID         string `xml:"subnetId"`
	VpcID            string `xml:"vpcId"`
	OwnerID          string `xml:"ownerId"`
	State            string `xml:"state"`
	CidrBlock        string `xml:"cidrBlock"`
	AvailabilityZone string `xml:"availabilityZone"`
	DefaultForAz     bool   `xml:"defaultForAz"`
	Tags             []tag  `xml:"tagSet>item"`
}

type describeSubnetsInput struct {
	SubnetIDs  []string `query:"SubnetId"`
	Filters    []filter `query:"Filter"`
	MaxResults *int32
	NextToken  string
}

type describeSubnetsOutput struct {
	Subnets   []subnet `xml:"subnetSet>item"`
	NextToken string   `xml:"nextToken,omitempty"`
}

func (s *Service) describeSubnets(r *query.Request, in *describeSubnetsInput) (*describeSubnetsOutput, error) {
	here := s.in(r.Scope)
	for _, id := range in.SubnetIDs {
		if _, ok := here.subnets.Get(id); !ok {
			return nil, notFound("InvalidSubnetID", "subnet", id)
		}
	}
	found := selected(here.subnets.All(), in.SubnetIDs, in.Filters, (*subnet).id, (*subnet).attributes)
	page, next, err := query.Page(found, (*subnet).id, in.NextToken, pageSize(in.MaxResults))
	return &describeSubnetsOutput{Subnets: copies(page), NextToken: next}, err
}

func (n *subnet) id() string { return n.SubnetID }

func (n *subnet) attributes() attributes {
	return attributes{
		"subnet-id": {n.SubnetID}, "vpc-id": {n.VpcID}, "availability-zone": {n.AvailabilityZone}, "availabilityZone": {n.AvailabilityZone},
		"cidr-block": {n.CidrBlock}, "cidrBlock": {n.CidrBlock}, "cidr": {n.CidrBlock}, "state": {n.State},
		"default-for-az": {boolean(n.DefaultForAz)}, "owner-id": {n.OwnerID},
	}.tagged(n.Tags)
}

type createSubnetInput struct {
	VpcID            string `query:"VpcId"`
	CidrBlock        string
	AvailabilityZone string
	taggedInput
}

type createSubnetOutput struct {
	Subnet subnet `xml:"subnet"`
}

func (s *Service) createSubnet(r *query.Request, in *createSubnetInput) (*createSubnetOutput, error) {
	here := s.in(r.Scope)
	v, ok := here.vpcs.Get(in.VpcID)
	if !ok {
		return nil, notFound("InvalidVpcID", "vpc", in.VpcID)
	}
	if err := here.room(v, in.CidrBlock); err != nil {
		return nil, err
	}
	zone := in.AvailabilityZone
	if zone == "" {
		zone = zones(r.Region)[0]
	}
	if !slices.Contains(zones(r.Region), zone) {
		return nil, refuse("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. "+
			"Subnets can currently only be created in the following availability zones: %v.", zone, zones(r.Region))
	}
	tags, err := in.tags("subnet")
	if err != nil {
		return nil, err
	}
	n := &subnet{
		SubnetID: newID("subnet"), VpcID: v.VpcID, OwnerID: r.Account, State: "available",
		CidrBlock: in.CidrBlock, AvailabilityZone: zone, Tags: tags,
	}
	here.subnets.Put(n.SubnetID, n)
	s.record(r, kindSubnet, n.SubnetID, local.Created)
	return &createSubnetOutput{*n}, nil
}

// room says whether the VPC has the range, and no other subnet a part of it.
func (r *region) room(v *vpc, cidr string) error {
	want, err := block(cidr)
	if err != nil {
		return err
	}
	whole, err := block(v.CidrBlock)
	if err != nil {
		return err
	}
	if !whole.Contains(want.Addr()) || want.Bits() < whole.Bits() {
		return refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid.", cidr)
	}
	for _, n := range r.subnets.All() {
		if other, err := block(n.CidrBlock); n.VpcID == v.VpcID && err == nil && other.Overlaps(want) {
			return refuse("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", cidr)
		}
	}
	return nil
}

// zones returns the availability zones of a region.
func zones(region string) []string { return []string{region + "a", region + "b", region + "c"} }

type deleteSubnetInput struct {
	SubnetID string `query:"SubnetId"`
}

func (s *Service) deleteSubnet(r *query.Request, in *deleteSubnetInput) (*returned, error) {
	here := s.in(r.Scope)
	if _, ok := here.subnets.Get(in.SubnetID); !ok {
		return nil, notFound("InvalidSubnetID", "subnet", in.SubnetID)
	}
	if s.used(func(u Users) bool { return u.UsesSubnet(r.Scope, in.SubnetID) }) {
		return nil, refuse("DependencyViolation", "The subnet '%s' has dependencies and cannot be deleted.", in.SubnetID)
	}
	here.subnets.Delete(in.SubnetID)
	s.record(r, kindSubnet, in.SubnetID, local.Deleted)
	return &returned{Return: true}, nil
}
