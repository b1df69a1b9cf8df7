// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"net/netip"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindVPC and kindSubnet are kinds in ledgers.
const (
	kindVPC    = "Vpc"
	kindSubnet = "Subnet"
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

func (r *region) addDefaults(scope query.Scope) {
	v := &vpc{
		VpcID: fixedID("vpc", scope.Account, scope.Region), OwnerID: scope.Account,
		State: "available", CidrBlock: "172.31.0.0/16", IsDefault: true,
	}
	r.vpcs.Put(v.VpcID, v)
	for i, cidr := range []string{"172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20"} {
		zone, id := zones(scope.Region)[i], DefaultSubnets(scope)[i]
		r.subnets.Put(id, &subnet{
			SubnetID: id, VpcID: v.VpcID, OwnerID: scope.Account, State: "available",
			CidrBlock: cidr, AvailabilityZone: zone, DefaultForAz: true,
		})
	}
	r.addDefaultGroup(scope, v.VpcID, fixedID("sg", scope.Account, scope.Region))
}

// DefaultSubnets returns the IDs of the subnets that an account has in a region
// from the start, one in each zone: they are the same wherever the cloud runs.
func DefaultSubnets(scope query.Scope) []string {
	var ids []string
	for _, zone := range zones(scope.Region) {
		ids = append(ids, fixedID("subnet", scope.Account, zone))
	}
	return ids
}

type describeVPCsInput struct {
	VpcIDs     []string `query:"VpcId"`
	Filters    []filter `query:"Filter"`
	MaxResults *int32
	NextToken  string
}

type describeVPCsOutput struct {
	Vpcs      []vpc  `xml:"vpcSet>item"`
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
	return &describeVPCsOutput{Vpcs: copies(page), NextToken: next}, err
}

func (v *vpc) id() string { return v.VpcID }

func (v *vpc) attributes() attributes {
	return attributes{
		"vpc-id": {v.VpcID}, "cidr": {v.CidrBlock}, "cidr-block": {v.CidrBlock}, "state": {v.State},
		"is-default": {boolean(v.IsDefault)}, "isDefault": {boolean(v.IsDefault)}, "owner-id": {v.OwnerID},
	}.tagged(v.Tags)
}

// copies returns the things themselves, which may change once an answer is on
// its way.
func copies[T any](items []*T) []T {
	out := make([]T, 0, len(items))
	for _, item := range items {
		out = append(out, *item)
	}
	return out
}

type createVPCInput struct {
	CidrBlock string
	taggedInput
}

type createVPCOutput struct {
	Vpc vpc `xml:"vpc"`
}

func (s *Service) createVPC(r *query.Request, in *createVPCInput) (*createVPCOutput, error) {
	here := s.in(r.Scope)
	if _, err := block(in.CidrBlock); err != nil {
		return nil, refuse("InvalidVpc.Range", "The CIDR '%s' is invalid.", in.CidrBlock)
	}
	tags, err := in.tags("vpc")
	if err != nil {
		return nil, err
	}
	if s.cloud.Settings.Exceeds("ec2:vpcs", here.vpcs.Len()+1) {
		return nil, refuse("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
	}
	v := &vpc{VpcID: newID("vpc"), OwnerID: r.Account, State: "available", CidrBlock: in.CidrBlock, Tags: tags}
	here.vpcs.Put(v.VpcID, v)
	here.addDefaultGroup(r.Scope, v.VpcID, newID("sg"))
	s.record(r, kindVPC, v.VpcID, local.Created)
	return &createVPCOutput{*v}, nil
}

// block reads a range of addresses of a size that VPCs and subnets can have.
func block(cidr string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(cidr)
	if err != nil || !p.Addr().Is4() || p.Bits() < 16 || p.Bits() > 28 {
		return p, refuse("InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", cidr)
	}
	return p.Masked(), nil
}

type deleteVPCInput struct {
	VpcID string `query:"VpcId"`
}

func (s *Service) deleteVPC(r *query.Request, in *deleteVPCInput) (*returned, error) {
	here := s.in(r.Scope)
	if _, ok := here.vpcs.Get(in.VpcID); !ok {
		return nil, notFound("InvalidVpcID", "vpc", in.VpcID)
	}
	if len(s.Subnets(r.Scope, in.VpcID)) > 0 {
		return nil, refuse("DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.", in.VpcID)
	}
	defaults := ""
	for _, g := range here.groups.All() {
		switch {
		case g.VpcID == in.VpcID && g.GroupName == defaultGroup:
			defaults = g.GroupID
		case g.VpcID == in.VpcID:
			return nil, refuse("DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.", in.VpcID)
		}
	}
	here.groups.Delete(defaults)
	here.vpcs.Delete(in.VpcID)
	s.record(r, kindVPC, in.VpcID, local.Deleted)
	return &returned{Return: true}, nil
}
