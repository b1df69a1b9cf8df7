// SPDX-License-Identifier: Apache-2.0

package aws_test

import (
	"fmt"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/google/go-cmp/cmp"

	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

func TestDefaultNetwork(t *testing.T) {
	w := start(t)
	ids := map[string]bool{}
	for _, region := range []string{"us-east-1", "us-west-2", "eu-west-1"} {
		w.login(t, region, "AKIDLOCAL", "secretlocal", "")
		vpcs := must(w.ec2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{Filters: filters("is-default", "true")}))(t).Vpcs
		if len(vpcs) != 1 || vpcs[0].State != types.VpcStateAvailable || *vpcs[0].CidrBlock != "172.31.0.0/16" {
			t.Fatalf("%s: %+v", region, vpcs)
		}
		ids[*vpcs[0].VpcId] = true
		zones := map[string]bool{}
		for _, n := range must(w.ec2.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{Filters: filters("vpc-id", *vpcs[0].VpcId)}))(t).Subnets {
			zones[*n.AvailabilityZone] = true
		}
		if !zones[region+"a"] || !zones[region+"b"] || !zones[region+"c"] {
			t.Errorf("%s has subnets in %v", region, zones)
		}
		groups := must(w.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{}))(t).SecurityGroups
		if len(groups) != 1 || *groups[0].GroupName != "default" || *groups[0].IpPermissions[0].UserIdGroupPairs[0].GroupId != *groups[0].GroupId {
			t.Errorf("%s has groups %+v", region, groups)
		}
	}
	if len(ids) != 3 {
		t.Errorf("regions share VPCs: %v", ids)
	}
}

func filters(pairs ...string) []types.Filter {
	var out []types.Filter
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.Filter{Name: &pairs[i], Values: []string{pairs[i+1]}})
	}
	return out
}

func TestVPCs(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	w.settings(t, local.Settings{Quotas: map[string]int{"ec2:vpcs": 2}})
	vpc := must(w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: new("10.0.0.0/16"), TagSpecifications: tagged(types.ResourceTypeVpc, "k", "v")}))(t).Vpc
	_, err := w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: new("10.1.0.0/16")})
	wantCode(t, err, "VpcLimitExceeded")
	_, err = w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: new("10.0.0.0/8")})
	wantCode(t, err, "InvalidVpc.Range")
	subnet := func(cidr, zone string) (*ec2.CreateSubnetOutput, error) {
		return w.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.VpcId, CidrBlock: &cidr, AvailabilityZone: &zone})
	}
	made := must(subnet("10.0.1.0/24", "us-east-1c"))(t).Subnet
	_, err = subnet("10.0.1.128/25", "us-east-1a")
	wantCode(t, err, "InvalidSubnet.Conflict")
	_, err = subnet("10.9.1.0/24", "us-east-1a")
	wantCode(t, err, "InvalidSubnet.Range")
	_, err = subnet("10.0.2.0/24", "us-west-2a")
	wantCode(t, err, "InvalidParameterValue")
	_, err = w.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: vpc.VpcId})
	wantCode(t, err, "DependencyViolation")
	must(w.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: made.SubnetId}))(t)
	_, err = w.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: made.SubnetId})
	wantCode(t, err, "InvalidSubnetID.NotFound")
	_, err = w.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{*made.SubnetId}})
	wantCode(t, err, "InvalidSubnetID.NotFound")
	must(w.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: vpc.VpcId}))(t)
	_, err = w.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{*vpc.VpcId}})
	wantCode(t, err, "InvalidVpcID.NotFound")
	if live := must(w.Live(ctx))(t); len(live) > 0 {
		t.Errorf("left over: %v", live)
	}
}

// group makes a security group and returns its ID.
func (w *world) group(t *testing.T, name string) string {
	t.Helper()
	return *must(w.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: &name, Description: new("for tests"), TagSpecifications: tagged(types.ResourceTypeSecurityGroup, "name", name),
	}))(t).GroupId
}

func tagged(kind types.ResourceType, key, value string) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: kind, Tags: []types.Tag{{Key: &key, Value: &value}}}}
}

func TestGroupRefusals(t *testing.T) {
	type input = ec2.CreateSecurityGroupInput
	tests := map[string]struct {
		in   input
		want string
	}{
		"name taken":      {input{GroupName: new("taken"), Description: new("d")}, "InvalidGroup.Duplicate"},
		"default":         {input{GroupName: new("default"), Description: new("d")}, "InvalidParameterValue"},
		"like an ID":      {input{GroupName: new("sg-one"), Description: new("d")}, "InvalidParameterValue"},
		"strange letters": {input{GroupName: new("größe"), Description: new("d")}, "InvalidParameterValue"},
		"strange words":   {input{GroupName: new("x"), Description: new("größe")}, "InvalidParameterValue"},
		"no description":  {input{GroupName: new("x"), Description: new("")}, "MissingParameter"},
		"unknown VPC":     {input{GroupName: new("x"), Description: new("d"), VpcId: new("vpc-1")}, "InvalidVpcID.NotFound"},
		"too many":        {input{GroupName: new("x"), Description: new("d")}, "SecurityGroupLimitExceeded"},
		"tags of another": {input{GroupName: new("x"), Description: new("d"), TagSpecifications: tagged(types.ResourceTypeVpc, "k", "v")}, "InvalidParameterValue"},
		"reserved tag key": {
			input{GroupName: new("x"), Description: new("d"), TagSpecifications: tagged(types.ResourceTypeSecurityGroup, "aws:x", "v")}, "InvalidParameterValue",
		},
	}
	w := start(t)
	w.group(t, "taken")
	w.settings(t, local.Settings{Quotas: map[string]int{"ec2:securityGroups": 2}})
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := w.ec2.CreateSecurityGroup(t.Context(), &tc.in)
			wantCode(t, err, tc.want)
		})
	}
}

func TestGroupLife(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	id, other := w.group(t, "one"), w.group(t, "two")
	found := must(w.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}}))(t).SecurityGroups[0]
	if *found.GroupName != "one" || *found.Tags[0].Value != "one" || *found.OwnerId != "000000000001" || len(found.IpPermissions) != 0 ||
		*found.IpPermissionsEgress[0].IpProtocol != "-1" || *found.IpPermissionsEgress[0].IpRanges[0].CidrIp != "0.0.0.0/0" {
		t.Errorf("a new group: %+v", found)
	}
	for name, in := range map[string]*ec2.DescribeSecurityGroupsInput{
		"by tag": {Filters: filters("tag:name", "one")}, "by name": {Filters: filters("group-name", "on*")},
		"by both":    {Filters: filters("group-name", "one", "vpc-id", *found.VpcId)},
		"by tag key": {Filters: filters("tag-key", "name", "group-id", id)}, "in the default VPC": {GroupNames: []string{"one"}},
	} {
		if got := must(w.ec2.DescribeSecurityGroups(ctx, in))(t).SecurityGroups; len(got) != 1 || *got[0].GroupId != id {
			t.Errorf("%s: %d groups", name, len(got))
		}
	}
	for given, want := range map[string]string{"sg-0123456789abcdef0": "InvalidGroup.NotFound", "group": "InvalidGroupId.Malformed"} {
		_, err := w.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{given}})
		wantCode(t, err, want)
		_, err = w.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &given})
		wantCode(t, err, want)
	}

	w.create(t, "db", func(in *createInput) { in.VpcSecurityGroupIds = []string{id} })
	remove := func(id string) error {
		_, err := w.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &id})
		return err
	}
	wantCode(t, remove(id), "DependencyViolation")
	w.delete(t, "db")
	w.wantNo(t, "db")
	must(w.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &other, IpPermissions: []types.IpPermission{fromGroup(id)}}))(t)
	wantCode(t, remove(id), "DependencyViolation")
	check(t, remove(other))
	check(t, remove(id))
	_, err := w.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupName: new("default")})
	wantCode(t, err, "CannotDelete")
}

func (w *world) wantNo(t *testing.T, name string) {
	t.Helper()
	_, err := w.rds.DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &name})
	wantCode(t, err, "DBInstanceNotFound")
}

func fromRange(port int32, ranges ...string) types.IpPermission {
	p := types.IpPermission{IpProtocol: new("tcp"), FromPort: &port, ToPort: &port}
	for _, r := range ranges {
		p.IpRanges = append(p.IpRanges, types.IpRange{CidrIp: &r, Description: new("office")})
	}
	return p
}

func fromGroup(id string) types.IpPermission {
	return types.IpPermission{IpProtocol: new("-1"), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &id}}}
}

func TestRules(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	id := w.group(t, "one")
	allow := func(p ...types.IpPermission) error {
		_, err := w.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: p})
		return err
	}
	revoke := func(p ...types.IpPermission) error {
		_, err := w.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &id, IpPermissions: p})
		return err
	}
	check(t, allow(fromRange(3306, "10.1.2.3/16", "10.2.0.0/16"), fromGroup(id)))
	wantCode(t, allow(fromRange(3306, "10.3.0.0/16", "10.1.0.0/16")), "InvalidPermission.Duplicate")
	wantCode(t, allow(fromRange(3306, "10.1.0.0/99")), "InvalidParameterValue")
	wantCode(t, allow(types.IpPermission{IpProtocol: new("tcp"), IpRanges: []types.IpRange{{CidrIp: new("10.0.0.0/8")}}}), "MissingParameter")
	wantCode(t, allow(types.IpPermission{IpProtocol: new("999"), IpRanges: []types.IpRange{{CidrIp: new("10.0.0.0/8")}}}), "InvalidParameterValue")
	wantCode(t, allow(fromGroup("sg-00000000")), "InvalidGroup.NotFound")
	wantCode(t, allow(fromGroup("somebody")), "InvalidGroupId.Malformed")

	got := must(w.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}}))(t).SecurityGroups[0].IpPermissions
	var ranges []string
	for _, r := range got[0].IpRanges {
		ranges = append(ranges, *r.CidrIp+" "+*r.Description)
	}
	if diff := cmp.Diff([]string{"10.1.0.0/16 office", "10.2.0.0/16 office"}, ranges); diff != "" || len(got) != 2 || got[1].FromPort != nil {
		t.Errorf("%d permissions, ranges (-want +got):\n%s", len(got), diff)
	}

	wantCode(t, revoke(fromRange(3306, "10.1.0.0/16", "10.9.0.0/16")), "InvalidPermission.NotFound")
	check(t, revoke(fromRange(3306, "10.1.0.0/16")))
	must(w.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &id, IpPermissions: []types.IpPermission{
		{IpProtocol: new("-1"), IpRanges: []types.IpRange{{CidrIp: new("0.0.0.0/0")}}},
	}}))(t)
	made := must(w.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &id, IpPermissions: []types.IpPermission{{
		IpProtocol: new("6"), FromPort: new(int32(1)), ToPort: new(int32(2)),
		Ipv6Ranges: []types.Ipv6Range{{CidrIpv6: new("::/0")}}, PrefixListIds: []types.PrefixListId{{PrefixListId: new("pl-1")}},
	}}}))(t).SecurityGroupRules
	if len(made) != 2 || *made[0].IpProtocol != "tcp" || *made[0].CidrIpv6 != "::/0" || !*made[0].IsEgress || *made[1].PrefixListId != "pl-1" {
		t.Errorf("made %+v", made)
	}

	rules := must(w.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: filters("group-id", id)}))(t).SecurityGroupRules
	if len(rules) != 4 {
		t.Errorf("%d rules, want two in and two out", len(rules))
	}
	must(w.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &id, SecurityGroupRuleIds: []string{*made[0].SecurityGroupRuleId}}))(t)
	_, err := w.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{*made[0].SecurityGroupRuleId}})
	wantCode(t, err, "InvalidSecurityGroupRuleId.NotFound")
}

func TestRulesWithTags(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	id := w.group(t, "one")
	made := must(w.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &id, IpPermissions: []types.IpPermission{fromRange(3306, "10.1.0.0/16")}, TagSpecifications: tagged(types.ResourceTypeSecurityGroupRule, "of", "me"),
	}))(t).SecurityGroupRules[0]
	must(w.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &id, IpPermissions: []types.IpPermission{fromRange(3306, "10.9.0.0/16")},
	}))(t)
	must(w.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{*made.SecurityGroupRuleId}, Tags: []types.Tag{{Key: new("more"), Value: new("x")}}}))(t)
	modify := func(rule *types.SecurityGroupRuleRequest) error {
		_, err := w.ec2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{
			GroupId: &id, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{SecurityGroupRuleId: made.SecurityGroupRuleId, SecurityGroupRule: rule}},
		})
		return err
	}
	port := new(int32(3306))
	request := func(cidr string) *types.SecurityGroupRuleRequest {
		return &types.SecurityGroupRuleRequest{IpProtocol: new("tcp"), FromPort: port, ToPort: port, CidrIpv4: &cidr}
	}
	wantCode(t, modify(request("10.9.0.0/16")), "InvalidPermission.Duplicate")
	wantCode(t, modify(&types.SecurityGroupRuleRequest{IpProtocol: new("tcp"), FromPort: port, ToPort: port, ReferencedGroupId: &id}), "InvalidParameterValue")
	check(t, modify(request("10.2.3.4/16")))
	found := must(w.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: filters("group-id", id, "tag:of", "me", "tag:more", "x")}))(t).SecurityGroupRules
	if len(found) != 1 || *found[0].SecurityGroupRuleId != *made.SecurityGroupRuleId || *found[0].CidrIpv4 != "10.2.0.0/16" || found[0].Description != nil {
		t.Errorf("found %+v", found)
	}
	live := func() (rules int) {
		for _, r := range must(w.Live(ctx))(t) {
			if r.Kind == "SecurityGroupRule" && r.ID == *made.SecurityGroupRuleId {
				rules++
			}
		}
		return rules
	}
	if live() != 1 {
		t.Errorf("a rule with tags is a resource of its own: %+v", must(w.Live(ctx))(t))
	}
	must(w.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &id, SecurityGroupRuleIds: []string{*made.SecurityGroupRuleId}}))(t)
	wantCode(t, modify(request("10.2.0.0/16")), "InvalidSecurityGroupRuleId.NotFound")
	if live() != 0 {
		t.Error("it is still there")
	}
}

func TestRuleLimit(t *testing.T) {
	w := start(t)
	id := w.group(t, "one")
	var ranges []string
	for i := range 61 {
		ranges = append(ranges, fmt.Sprintf("10.%d.0.0/16", i))
	}
	allow := func(ranges []string) error {
		_, err := w.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
			GroupId: &id, IpPermissions: []types.IpPermission{fromRange(1, ranges...)},
		})
		return err
	}
	wantCode(t, allow(ranges), "RulesPerSecurityGroupLimitExceeded")
	check(t, allow(ranges[:60]))
	wantCode(t, allow(ranges[60:]), "RulesPerSecurityGroupLimitExceeded")
}

func TestEC2Tags(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	id := w.group(t, "one")
	tag := func(key, value string) []types.Tag { return []types.Tag{{Key: &key, Value: &value}} }
	must(w.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: tag("name", "changed")}))(t)
	must(w.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: tag("more", "x")}))(t)
	must(w.ec2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{id}, Tags: tag("more", "not this")}))(t)
	got := func() map[string]string {
		out := map[string]string{}
		for _, tag := range must(w.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}}))(t).SecurityGroups[0].Tags {
			out[*tag.Key] = *tag.Value
		}
		return out
	}
	if diff := cmp.Diff(map[string]string{"name": "changed", "more": "x"}, got()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must(w.ec2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: new("more")}}}))(t)
	if diff := cmp.Diff(map[string]string{"name": "changed"}, got()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err := w.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{"sg-none"}, Tags: tag("a", "b")})
	wantCode(t, err, "InvalidID")
	var many []types.Tag
	for i := range 51 {
		many = append(many, types.Tag{Key: sdk.String(fmt.Sprint("k", i)), Value: new("v")})
	}
	_, err = w.ec2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: many})
	wantCode(t, err, "TagLimitExceeded")
}
