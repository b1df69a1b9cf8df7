// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/crossplaneio/crossplane/aws-operator/api/network/v1alpha1"
)

func cidr(c string) []types.IpRange { return []types.IpRange{{CidrIp: &c}} }

func permission(protocol string, from, to int32, ranges []types.IpRange) types.IpPermission {
	return types.IpPermission{IpProtocol: &protocol, FromPort: &from, ToPort: &to, IpRanges: ranges}
}

// asDescribed are the rules of permissions, by way of how EC2 describes them.
func asDescribed(list ...types.IpPermission) rules {
	set := rules{}
	for r, description := range parsed(list) {
		set[ruleOf(listed(r, false, description))] = description
	}
	return set
}

func aGroupWith(own sides) *GroupObservation {
	return &GroupObservation{SecurityGroup: types.SecurityGroup{GroupId: aws.String("sg-1")}, own: own}
}

func TestRulesThatAreTheSame(t *testing.T) {
	for name, tc := range map[string]struct {
		want v1alpha1.Permission
		have types.IpPermission
	}{
		"one port": {
			v1alpha1.Permission{Protocol: "tcp", FromPort: aws.Int32(22), CIDRs: []string{"10.0.0.0/8"}},
			permission("tcp", 22, 22, cidr("10.0.0.0/8")),
		},
		"host bits": {
			v1alpha1.Permission{Protocol: "tcp", FromPort: aws.Int32(1), ToPort: aws.Int32(9), CIDRs: []string{"10.1.2.3/8"}},
			permission("tcp", 1, 9, cidr("10.0.0.0/8")),
		},
		"all traffic": {
			v1alpha1.Permission{Protocol: "all", CIDRs: []string{"0.0.0.0/0"}},
			types.IpPermission{IpProtocol: aws.String("-1"), IpRanges: cidr("0.0.0.0/0")},
		},
		"all traffic with ports that mean nothing": {
			v1alpha1.Permission{Protocol: "all", CIDRs: []string{"0.0.0.0/0"}},
			permission("-1", 0, 65535, cidr("0.0.0.0/0")),
		},
		"protocol by number": {
			v1alpha1.Permission{Protocol: "17", FromPort: aws.Int32(53), CIDRs: []string{"10.0.0.0/8"}},
			permission("udp", 53, 53, cidr("10.0.0.0/8")),
		},
		"any ping": {
			v1alpha1.Permission{Protocol: "icmp", CIDRs: []string{"10.0.0.0/8"}},
			permission("icmp", -1, -1, cidr("10.0.0.0/8")),
		},
		"one type of ping": {
			v1alpha1.Permission{Protocol: "1", FromPort: aws.Int32(8), ToPort: aws.Int32(-1), CIDRs: []string{"10.0.0.0/8"}},
			permission("icmp", 8, -1, cidr("10.0.0.0/8")),
		},
		"protocol without a name": {
			v1alpha1.Permission{Protocol: "50", CIDRs: []string{"10.0.0.0/8"}},
			types.IpPermission{IpProtocol: aws.String("50"), IpRanges: cidr("10.0.0.0/8")},
		},
		"itself, a list and the other family": {
			v1alpha1.Permission{
				Protocol: "tcp", FromPort: aws.Int32(5432), Self: aws.Bool(true), PrefixListIDs: []string{"pl-1"},
				SecurityGroupIDs: []string{"sg-2"}, CIDRs: []string{"2001:DB8::1/32"}, Description: "clients",
			},
			types.IpPermission{
				IpProtocol: aws.String("tcp"), FromPort: aws.Int32(5432), ToPort: aws.Int32(5432),
				UserIdGroupPairs: []types.UserIdGroupPair{
					{GroupId: aws.String("sg-2"), UserId: aws.String("123456789012"), Description: aws.String("clients")},
					{GroupId: aws.String("sg-1"), UserId: aws.String("123456789012"), Description: aws.String("clients")},
				},
				Ipv6Ranges:    []types.Ipv6Range{{CidrIpv6: aws.String("2001:db8::/32"), Description: aws.String("clients")}},
				PrefixListIds: []types.PrefixListId{{PrefixListId: aws.String("pl-1"), Description: aws.String("clients")}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := v1alpha1.SecurityGroupParameters{Ingress: []v1alpha1.Permission{tc.want}}
			c := plan(p, aGroupWith(sides{ingress: asDescribed(tc.have)}))
			if fields := c.fields(); len(fields) > 0 {
				t.Errorf("%v: revoke %+v, allow %+v", fields, c.revokeIngress, c.allowIngress)
			}
		})
	}
}

func TestPlanOfRules(t *testing.T) {
	want := v1alpha1.SecurityGroupParameters{
		Ingress: []v1alpha1.Permission{
			{Protocol: "tcp", FromPort: aws.Int32(3306), CIDRs: []string{"10.0.0.0/16", "10.1.0.0/16"}, Description: "apps"},
		},
		Egress: []v1alpha1.Permission{},
	}
	have := aGroupWith(sides{
		ingress: asDescribed(permission("tcp", 3306, 3306, []types.IpRange{
			{CidrIp: aws.String("10.0.0.0/16"), Description: aws.String("apps")}, {CidrIp: aws.String("0.0.0.0/0")},
		})),
		egress: everythingOut(),
	})
	got := plan(want, have)
	expected := change{
		revokeIngress: []types.IpPermission{permission("tcp", 3306, 3306, cidr("0.0.0.0/0"))},
		allowIngress: []types.IpPermission{permission("tcp", 3306, 3306, []types.IpRange{
			{CidrIp: aws.String("10.1.0.0/16"), Description: aws.String("apps")},
		})},
		revokeEgress: []types.IpPermission{{IpProtocol: aws.String("-1"), IpRanges: cidr("0.0.0.0/0")}},
	}
	if d := cmp.Diff(expected, got, cmp.AllowUnexported(change{}), cmpopts.IgnoreUnexported(types.IpPermission{}, types.IpRange{})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"ingress", "egress"}, []string(got.fields())); d != "" {
		t.Errorf("fields (-want +got):\n%s", d)
	}
}

func TestANewDescriptionReplacesTheRule(t *testing.T) {
	want := v1alpha1.SecurityGroupParameters{Ingress: []v1alpha1.Permission{
		{Protocol: "tcp", FromPort: aws.Int32(22), CIDRs: []string{"10.0.0.0/8"}, Description: "new"},
	}}
	have := aGroupWith(sides{ingress: asDescribed(permission("tcp", 22, 22, cidr("10.0.0.0/8")))})
	if c := plan(want, have); len(c.revokeIngress) != 1 || len(c.allowIngress) != 1 {
		t.Errorf("revoke %+v, allow %+v", c.revokeIngress, c.allowIngress)
	}
}

func TestRulesThatAreNotTheGroupsBusiness(t *testing.T) {
	ssh, web := rule{protocol: "tcp", from: 22, to: 22, peer: peer{ipv4, "10.0.0.0/8"}}, rule{protocol: "tcp", from: 443, to: 443, peer: peer{ipv4, "10.0.0.0/8"}}
	wants := v1alpha1.Permission{Protocol: "tcp", FromPort: aws.Int32(22), CIDRs: []string{"10.0.0.0/8"}, Description: "as the group has it"}
	for name, tc := range map[string]struct {
		want        v1alpha1.SecurityGroupParameters
		own, others sides
		fields      []string
	}{
		"nothing is said":                     {own: sides{rules{ssh: ""}, everythingOut()}},
		"nothing may be":                      {want: v1alpha1.SecurityGroupParameters{Ingress: []v1alpha1.Permission{}}, own: sides{rules{ssh: ""}, everythingOut()}, fields: []string{"ingress"}},
		"an object's":                         {want: v1alpha1.SecurityGroupParameters{Ingress: []v1alpha1.Permission{}}, others: sides{ingress: rules{web: ""}}},
		"an object's, that the group has too": {want: v1alpha1.SecurityGroupParameters{Ingress: []v1alpha1.Permission{wants}}, others: sides{ingress: rules{ssh: "as the object has it"}}},
		"an object's, in the other direction": {
			want: v1alpha1.SecurityGroupParameters{Ingress: []v1alpha1.Permission{wants}}, others: sides{egress: rules{ssh: ""}}, fields: []string{"ingress"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := aGroupWith(tc.own)
			g.others = tc.others
			if d := cmp.Diff(tc.fields, []string(plan(tc.want, g).fields())); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
