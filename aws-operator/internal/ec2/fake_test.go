// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// fakeEC2 has one VPC. Everything is done at once. As EC2 does, it gives a new
// group a rule that lets everything out, and each rule an id.
type fakeEC2 struct {
	mu        sync.Mutex
	groups    map[string]*fakeGroup
	known     map[ruleKey]*fakeRule
	made      int
	mutations int
	inUse     bool
	fail      error // what the next call that authorizes something returns
}

type fakeGroup struct {
	types.SecurityGroup
	sides
}

// ruleKey is what EC2 has one rule of.
type ruleKey struct {
	group  string
	egress bool
	rule   rule
}

type fakeRule struct {
	id   string
	tags map[string]string
}

func newFakeEC2() *fakeEC2 {
	return &fakeEC2{groups: map[string]*fakeGroup{}, known: map[ruleKey]*fakeRule{}}
}

func refusal(code string) error {
	return &smithy.OperationError{ServiceID: "EC2", OperationName: "Test", Err: &smithy.GenericAPIError{Code: code, Message: "refused"}}
}

func (f *fakeEC2) DescribeSecurityGroups(_ context.Context, in *ec2.DescribeSecurityGroupsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := &ec2.DescribeSecurityGroupsOutput{}
	for _, id := range slices.Sorted(maps.Keys(f.groups)) {
		if g := f.groups[id]; len(in.GroupIds) > 0 && in.GroupIds[0] == id || len(in.GroupIds) == 0 && matches(tagMap(g.Tags), in.Filters) {
			out.SecurityGroups = append(out.SecurityGroups, g.SecurityGroup)
		}
	}
	if len(in.GroupIds) > 0 && len(out.SecurityGroups) == 0 {
		return nil, refusal("InvalidGroup.NotFound")
	}
	return out, nil
}

func matches(tags map[string]string, filters []types.Filter) bool {
	return !slices.ContainsFunc(filters, func(f types.Filter) bool {
		return !slices.Contains(f.Values, tags[strings.TrimPrefix(*f.Name, "tag:")])
	})
}

// described lists the rules of all groups as EC2 describes them, by their ids.
func (f *fakeEC2) described() []types.SecurityGroupRule {
	var list []types.SecurityGroupRule
	for _, id := range slices.Sorted(maps.Keys(f.groups)) {
		for _, out := range []bool{false, true} {
			set := f.groups[id].of(out)
			for _, r := range slices.SortedFunc(maps.Keys(set), inOrder) {
				list = append(list, f.describe(ruleKey{id, out, r}, set[r]))
			}
		}
	}
	return list
}

func (f *fakeEC2) describe(key ruleKey, description string) types.SecurityGroupRule {
	one := f.known[key]
	if one == nil {
		f.made++
		one = &fakeRule{id: fmt.Sprintf("sgr-%04d", f.made), tags: map[string]string{}}
		f.known[key] = one
	}
	r := listed(key.rule, key.egress, description)
	r.SecurityGroupRuleId, r.GroupId, r.Tags = &one.id, &key.group, tagList(one.tags)
	r.SecurityGroupRuleArn = aws.String("arn:" + one.id)
	return r
}

// listed is a rule as EC2 describes it: with ports of -1 where there are none.
func listed(r rule, egress bool, description string) types.SecurityGroupRule {
	d := types.SecurityGroupRule{IsEgress: &egress, IpProtocol: &r.protocol, FromPort: &r.from, ToPort: &r.to}
	if description != "" {
		d.Description = &description
	}
	switch r.peer.kind {
	case ipv4:
		d.CidrIpv4 = &r.peer.id
	case ipv6:
		d.CidrIpv6 = &r.peer.id
	case group:
		d.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: &r.peer.id, UserId: aws.String("123456789012")}
	case prefixList:
		d.PrefixListId = &r.peer.id
	}
	return d
}

func (f *fakeEC2) DescribeSecurityGroupRules(_ context.Context, in *ec2.DescribeSecurityGroupRulesInput, _ ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupRulesOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := &ec2.DescribeSecurityGroupRulesOutput{}
	for _, r := range f.described() {
		attributes := tagMap(r.Tags)
		attributes["group-id"] = *r.GroupId
		if len(in.SecurityGroupRuleIds) > 0 && in.SecurityGroupRuleIds[0] == *r.SecurityGroupRuleId ||
			len(in.SecurityGroupRuleIds) == 0 && matches(attributes, in.Filters) {
			out.SecurityGroupRules = append(out.SecurityGroupRules, r)
		}
	}
	if len(in.SecurityGroupRuleIds) > 0 && len(out.SecurityGroupRules) == 0 {
		return nil, refusal("InvalidSecurityGroupRuleId.NotFound")
	}
	return f.paged(out, aws.ToString(in.NextToken)), nil
}

// paged gives two rules a page.
func (f *fakeEC2) paged(out *ec2.DescribeSecurityGroupRulesOutput, token string) *ec2.DescribeSecurityGroupRulesOutput {
	const size = 2
	from, _ := strconv.Atoi(token)
	if from+size < len(out.SecurityGroupRules) {
		out.NextToken = aws.String(strconv.Itoa(from + size))
		out.SecurityGroupRules = out.SecurityGroupRules[:from+size]
	}
	out.SecurityGroupRules = out.SecurityGroupRules[from:]
	return out
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
		sides:         sides{rules{}, everythingOut()},
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

// parsed takes the permissions of a request apart.
func parsed(permissions []types.IpPermission) rules {
	set := rules{}
	for _, p := range permissions {
		r := rule{protocol: aws.ToString(p.IpProtocol), from: -1, to: -1}
		if p.FromPort != nil && p.ToPort != nil && r.protocol != all {
			r.from, r.to = *p.FromPort, *p.ToPort
		}
		add := func(kind peerKind, id, description *string) {
			r.peer = peer{kind, aws.ToString(id)}
			set[r] = aws.ToString(description)
		}
		for _, x := range p.IpRanges {
			add(ipv4, x.CidrIp, x.Description)
		}
		for _, x := range p.Ipv6Ranges {
			add(ipv6, x.CidrIpv6, x.Description)
		}
		for _, x := range p.UserIdGroupPairs {
			add(group, x.GroupId, x.Description)
		}
		for _, x := range p.PrefixListIds {
			add(prefixList, x.PrefixListId, x.Description)
		}
	}
	return set
}

// allow adds rules, or none if one of them is there.
func (f *fakeEC2) allow(id string, egress bool, list []types.IpPermission, tags []types.TagSpecification) ([]types.SecurityGroupRule, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail; err != nil {
		f.fail = nil
		return nil, err
	}
	g := f.groups[id]
	if g == nil {
		return nil, refusal("InvalidGroup.NotFound")
	}
	added := parsed(list)
	for r := range added {
		if _, there := g.of(egress)[r]; there {
			return nil, refusal("InvalidPermission.Duplicate")
		}
	}
	f.mutations++
	maps.Copy(g.of(egress), added)
	var made []types.SecurityGroupRule
	for r, description := range added {
		key := ruleKey{id, egress, r}
		f.describe(key, description)
		if len(tags) > 0 {
			f.known[key].tags = tagMap(tags[0].Tags)
		}
		made = append(made, f.describe(key, description))
	}
	return made, nil
}

// revoke removes rules by their ids, or whatever their description.
func (f *fakeEC2) revoke(id string, egress bool, list []types.IpPermission, ids []string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.groups[id]
	if g == nil {
		return refusal("InvalidGroup.NotFound")
	}
	gone := parsed(list)
	for _, ruleID := range ids {
		key, there := f.find(ruleID)
		if !there || key.group != id || key.egress != egress {
			return refusal("InvalidSecurityGroupRuleId.NotFound")
		}
		gone[key.rule] = ""
	}
	for r := range gone {
		if _, there := g.of(egress)[r]; !there {
			return refusal("InvalidPermission.NotFound")
		}
		f.take(ruleKey{id, egress, r})
	}
	f.mutations++
	return nil
}

func (f *fakeEC2) take(key ruleKey) {
	delete(f.groups[key.group].of(key.egress), key.rule)
	delete(f.known, key)
}

// find returns the rule that has the id.
func (f *fakeEC2) find(id string) (ruleKey, bool) {
	for key, r := range f.known {
		if _, there := f.groups[key.group].of(key.egress)[key.rule]; there && r.id == id {
			return key, true
		}
	}
	return ruleKey{}, false
}

func (f *fakeEC2) ModifySecurityGroupRules(_ context.Context, in *ec2.ModifySecurityGroupRulesInput, _ ...func(*ec2.Options)) (*ec2.ModifySecurityGroupRulesOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	update := in.SecurityGroupRules[0]
	key, there := f.find(*update.SecurityGroupRuleId)
	if !there || key.group != *in.GroupId {
		return nil, refusal("InvalidSecurityGroupRuleId.NotFound")
	}
	want := update.SecurityGroupRule
	d := types.SecurityGroupRule{
		IpProtocol: want.IpProtocol, FromPort: want.FromPort, ToPort: want.ToPort,
		CidrIpv4: want.CidrIpv4, CidrIpv6: want.CidrIpv6, PrefixListId: want.PrefixListId,
	}
	if want.ReferencedGroupId != nil {
		d.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: want.ReferencedGroupId}
	}
	next, set := ruleKey{key.group, key.egress, ruleOf(d)}, f.groups[key.group].of(key.egress)
	if _, taken := set[next.rule]; taken && next != key {
		return nil, refusal("InvalidPermission.Duplicate")
	}
	if next.rule.peer.kind != key.rule.peer.kind {
		return nil, refusal("InvalidParameterValue")
	}
	f.mutations++
	one := f.known[key]
	f.take(key)
	f.known[next], set[next.rule] = one, aws.ToString(want.Description)
	return &ec2.ModifySecurityGroupRulesOutput{}, nil
}

func (f *fakeEC2) AuthorizeSecurityGroupIngress(_ context.Context, in *ec2.AuthorizeSecurityGroupIngressInput, _ ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
	made, err := f.allow(*in.GroupId, false, in.IpPermissions, in.TagSpecifications)
	return &ec2.AuthorizeSecurityGroupIngressOutput{SecurityGroupRules: made}, err
}

func (f *fakeEC2) AuthorizeSecurityGroupEgress(_ context.Context, in *ec2.AuthorizeSecurityGroupEgressInput, _ ...func(*ec2.Options)) (*ec2.AuthorizeSecurityGroupEgressOutput, error) {
	made, err := f.allow(*in.GroupId, true, in.IpPermissions, in.TagSpecifications)
	return &ec2.AuthorizeSecurityGroupEgressOutput{SecurityGroupRules: made}, err
}

func (f *fakeEC2) RevokeSecurityGroupIngress(_ context.Context, in *ec2.RevokeSecurityGroupIngressInput, _ ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error) {
	return &ec2.RevokeSecurityGroupIngressOutput{}, f.revoke(*in.GroupId, false, in.IpPermissions, in.SecurityGroupRuleIds)
}

func (f *fakeEC2) RevokeSecurityGroupEgress(_ context.Context, in *ec2.RevokeSecurityGroupEgressInput, _ ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupEgressOutput, error) {
	return &ec2.RevokeSecurityGroupEgressOutput{}, f.revoke(*in.GroupId, true, in.IpPermissions, in.SecurityGroupRuleIds)
}

func (f *fakeEC2) CreateTags(_ context.Context, in *ec2.CreateTagsInput, _ ...func(*ec2.Options)) (*ec2.CreateTagsOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if key, is := f.find(in.Resources[0]); is {
		f.mutations++
		maps.Copy(f.known[key].tags, tagMap(in.Tags))
		return &ec2.CreateTagsOutput{}, nil
	}
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
