// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
)

// vpc is a VPC as DescribeVpcs shows it.
type vpc struct {
	VpcID     string `xml:"vpcId"`
	OwnerID   string `xml:"ownerId"`
	State     string `xml:"state"`
	CidrBlock string `xml:"cidrBlock"`
	IsDefault bool   `xml:"isDefault"`
	Tags      []tag  `xml:"tagSet>item"`
}

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

type tag struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

func (r *region) addDefaults(scope query.Scope) {
	v := &vpc{
		VpcID: fixedID("vpc", scope.Account, scope.Region), OwnerID: scope.Account,
		State: "available", CidrBlock: "172.31.0.0/16", IsDefault: true,
	}
	r.vpcs.Put(v.VpcID, v)
	for i, cidr := range []string{"172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20"} {
		zone := scope.Region + string(rune('a'+i))
		id := fixedID("subnet", scope.Account, zone)
		r.subnets.Put(id, &subnet{
			SubnetID: id, VpcID: v.VpcID, OwnerID: scope.Account, State: "available",
			CidrBlock: cidr, AvailabilityZone: zone, DefaultForAz: true,
		})
	}
	r.addDefaultGroup(scope, v.VpcID, fixedID("sg", scope.Account, scope.Region))
}

type describeVPCsInput struct {
	VpcIDs     []string `query:"VpcId"`
	Filters    []filter `query:"Filter"`
	MaxResults *int32
	NextToken  string
}

type describeVPCsOutput struct {
	Vpcs      []*vpc `xml:"vpcSet>item"`
	NextToken string `xml:"nextToken,omitempty"`
}

func (s *Service) describeVPCs(r *query.Request, in *describeVPCsInput) (*describeVPCsOutput, error) {
	here := s.in(r.Scope)
	for _, id := range in.VpcIDs {
		if _, ok := here.vpcs.Get(id); !ok {
			return nil, notFound("InvalidVpcID", "vpc", id)
		}
	}
	found := selected(here.vpcs.All(), in.VpcIDs, in.Filters, (*vpc).id, (*vpc).attributes)
	page, next, err := query.Page(found, (*vpc).id, in.NextToken, pageSize(in.MaxResults))
	return &describeVPCsOutput{Vpcs: page, NextToken: next}, err
}

func (v *vpc) id() string { return v.VpcID }

func (v *vpc) attributes() attributes {
	return attributes{
		"vpc-id": {v.VpcID}, "cidr": {v.CidrBlock}, "cidr-block": {v.CidrBlock}, "state": {v.State},
		"is-default": {boolean(v.IsDefault)}, "isDefault": {boolean(v.IsDefault)}, "owner-id": {v.OwnerID},
	}.tagged(v.Tags)
}

type describeSubnetsInput struct {
	SubnetIDs  []string `query:"SubnetId"`
	Filters    []filter `query:"Filter"`
	MaxResults *int32
	NextToken  string
}

type describeSubnetsOutput struct {
	Subnets   []*subnet `xml:"subnetSet>item"`
	NextToken string    `xml:"nextToken,omitempty"`
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
	return &describeSubnetsOutput{Subnets: page, NextToken: next}, err
}

func (n *subnet) id() string { return n.SubnetID }

func (n *subnet) attributes() attributes {
	return attributes{
		"subnet-id": {n.SubnetID}, "vpc-id": {n.VpcID}, "availability-zone": {n.AvailabilityZone}, "availabilityZone": {n.AvailabilityZone},
		"cidr-block": {n.CidrBlock}, "cidrBlock": {n.CidrBlock}, "cidr": {n.CidrBlock}, "state": {n.State},
		"default-for-az": {boolean(n.DefaultForAz)}, "owner-id": {n.OwnerID},
	}.tagged(n.Tags)
}
