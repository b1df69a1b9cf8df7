// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// fakeEC2 has one VPC. Everything is done at once. As EC2 does, it gives a new
// group a rule that lets everything out, and describes rules grouped by port.
type fakeEC2 struct {
	mu        sync.Mutex
	groups    map[string]*fakeGroup
	made      int
	mutations int
	inUse     bool
	fail      error // what the next call that authorizes something returns
}

type fakeGroup struct {
	types.SecurityGroup
	ingress, egress rules
}

func newFakeEC2() *fakeEC2 { return &fakeEC2{groups: map[string]*fakeGroup{}} }

func refusal(code string) error {
	return &smithy.OperationError{ServiceID: "EC2", OperationName: "Test", Err: &smithy.GenericAPIError{Code: code, Message: "refused"}}
}

func (f *fakeEC2) DescribeSecurityGroups(_ context.Context, in *ec2.DescribeSecurityGroupsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := &ec2.DescribeSecurityGroupsOutput{}
	for _, id := range slices.Sorted(maps.Keys(f.groups)) {
		if g := f.groups[id]; len(in.GroupIds) > 0 && in.GroupIds[0] == id || len(in.GroupIds) == 0 && matches(g, in.Filters) {
			out.SecurityGroups = append(out.SecurityGroups, g.describe())
		}
	}
	if len(in.GroupIds) > 0 && len(out.SecurityGroups) == 0 {
		return nil, refusal("InvalidGroup.NotFound")
	}
	return out, nil
}

func matches(g *fakeGroup, filters []types.Filter) bool {
	tags := tagMap(g.Tags)
	return !slices.ContainsFunc(filters, func(f types.Filter) bool {
		return !slices.Contains(f.Values, tags[strings.TrimPrefix(*f.Name, "tag:")])
	})
}

// describe groups the rules by protocol and ports.
func (g *fakeGroup) describe() types.SecurityGroup {
	c := g.SecurityGroup
	c.IpPermissions, c.IpPermissionsEgress = grouped(g.ingress), grouped(g.egress)
	return c
}

func grouped(set rules) []types.IpPermission {
	var list []types.IpPermission
	for _, p := range permissions(set) {
		if n := len(list) - 1; n >= 0 && *list[n].IpProtocol == *p.IpProtocol && aws.ToInt32(list[n].FromPort) == aws.ToInt32(p.FromPort) && aws.ToInt32(list[n].ToPort) == aws.ToInt32(p.ToPort) {
			last := &list[n]
			last.IpRanges, last.Ipv6Ranges = append(last.IpRanges, p.IpRanges...), append(last.Ipv6Ranges, p.Ipv6Ranges...)
			last.UserIdGroupPairs = append(last.UserIdGroupPairs, p.UserIdGroupPairs...)
			last.PrefixListIds = append(last.PrefixListIds, p.PrefixListIds...)
			continue
		}
		list = append(list, p)
	}
	return list
}

func (f *fakeEC2) CreateSecurityGroup(_ context.Context, in *ec2.CreateSecurityGroupInput, _ ...func(*ec2.Options)) (*ec2.CreateSecurityGroupOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, g := range f.groups {
		if *g.GroupName == *in.GroupName {
			return nil, refusal("InvalidGroup.Duplicate")
		}
	}
	f.made++
	f.mutations++
	id := fmt.Sprintf("sg-%04d", f.made)
	vpc := in.VpcId
	if vpc == nil {
		vpc = aws.String("vpc-default")
	}
	f.groups[id] = &fakeGroup{
		SecurityGroup: types.SecurityGroup{GroupId: &id, GroupName: in.GroupName, Description: in.Description, VpcId: vpc, Tags: in.TagSpecifications[0].Tags},
		ingress:       rules{}, egress: rules{{protocol: all, from: -1, to: -1, peer: peer{ipv4, "0.0.0.0/0"}}: ""},
	}
	return &ec2.CreateSecurityGroupOutput{GroupId: &id}, nil
}

func (f *fakeEC2) DeleteSecurityGroup(_ context.Context, in *ec2.DeleteSecurityGroupInput, _ ...func(*ec2.Options)) (*ec2.DeleteSecurityGroupOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.groups[*in.GroupId] == nil:
		return nil, refusal("InvalidGroup.NotFound")
	case f.inUse:
		return nil, refusal("DependencyViolation")
	}
	f.mutations++
	delete(f.groups, *in.GroupId)
	return &ec2.DeleteSecurityGroupOutput{}, nil
}

// allow adds rules, or none if one of them is there.
func (f *fakeEC2) allow(id string, list []types.IpPermission, of func(*fakeGroup) rules) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail; err != nil {
		f.fail = nil
		return err
	}
	g := f.groups[id]
	if g == nil {
		return refusal("InvalidGroup.NotFound")
	}
	added := found(list)
	for r := range added {
		if _, there := of(g)[r]; there {
			return refusal("InvalidPermission.Duplicate")
		}
	}
	f.mutations++
	maps.Copy(of(g), added)
	return nil
}

// revoke removes rules whatever their description.
func (f *fakeEC2) revoke(id string, list []types.IpPermission, of func(*fakeGroup) rules) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.groups[id]
	if g == nil {
		return refusal("InvalidGroup.NotFound")
	}
	for r := range found(list) {
		if _, there := of(g)[r]; !there {
			return refusal("InvalidPermission.NotFound")
		}
		delete(of(g), r)
	}
	f.mutations++
	return nil
}

func ingress(g *fakeGroup) rules { return g.ingress }
func egress(g *fakeGroup) rules  { return g.egress }

func (f *fakeEC2) AuthorizeSecurityGroupIngress(_ context.Context, in *ec2.AuthorizeSecurityGroupIngressInput, _ ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	return &ec2.AuthorizeSecurityGroupIngressOutput{}, f.allow(*in.GroupId, in.IpPermissions, ingress)
}

func (f *fakeEC2) AuthorizeSecurityGroupEgress(_ context.Context, in *ec2.AuthorizeSecurityGroupEgressInput, _ ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupEgressOutput, error) {
	return &ec2.AuthorizeSecurityGroupEgressOutput{}, f.allow(*in.GroupId, in.IpPermissions, egress)
}

func (f *fakeEC2) RevokeSecurityGroupIngress(_ context.Context, in *ec2.RevokeSecurityGroupIngressInput, _ ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	return &ec2.RevokeSecurityGroupIngressOutput{}, f.revoke(*in.GroupId, in.IpPermissions, ingress)
}

func (f *fakeEC2) RevokeSecurityGroupEgress(_ context.Context, in *ec2.RevokeSecurityGroupEgressInput, _ ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupEgressOutput, error) {
	return &ec2.RevokeSecurityGroupEgressOutput{}, f.revoke(*in.GroupId, in.IpPermissions, egress)
}

func (f *fakeEC2) CreateTags(_ context.Context, in *ec2.CreateTagsInput, _ ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.groups[in.Resources[0]]
	if g == nil {
		return nil, refusal("InvalidGroup.NotFound")
	}
	f.mutations++
	tags := tagMap(g.Tags)
	maps.Copy(tags, tagMap(in.Tags))
	g.Tags = tagList(tags)
	return &ec2.CreateTagsOutput{}, nil
}
