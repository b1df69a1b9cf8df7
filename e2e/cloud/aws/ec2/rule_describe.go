// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
)

// ruleView is a rule as DescribeSecurityGroupRules shows it.
type ruleView struct {
	RuleID       string         `xml:"securityGroupRuleId"`
	GroupID      string         `xml:"groupId"`
	GroupOwnerID string         `xml:"groupOwnerId"`
	IsEgress     bool           `xml:"isEgress"`
	IPProtocol   string         `xml:"ipProtocol"`
	FromPort     int32          `xml:"fromPort"`
	ToPort       int32          `xml:"toPort"`
	CidrIPv4     string         `xml:"cidrIpv4,omitempty"`
	CidrIPv6     string         `xml:"cidrIpv6,omitempty"`
	PrefixListID string         `xml:"prefixListId,omitempty"`
	Referenced   *groupReferred `xml:"referencedGroupInfo,omitempty"`
	Description  string         `xml:"description,omitempty"`
	ARN          string         `xml:"securityGroupRuleArn"`
	Tags         []tag          `xml:"tagSet>item"`
}

type groupReferred struct {
	GroupID string `xml:"groupId"`
	UserID  string `xml:"userId"`
}

func (g *group) ruleViews(scope query.Scope, of []rule) []ruleView {
	out := make([]ruleView, 0, len(of))
	for _, r := range of {
		out = append(out, g.ruleView(scope, r))
	}
	return out
}

func (g *group) ruleView(scope query.Scope, r rule) ruleView {
	v := ruleView{
		RuleID: r.id, GroupID: g.GroupID, GroupOwnerID: g.OwnerID, IsEgress: r.egress, IPProtocol: r.protocol, FromPort: r.from, ToPort: r.to,
		CidrIPv4: r.peer.cidr4, CidrIPv6: r.peer.cidr6, PrefixListID: r.peer.prefixList, Description: r.description, Tags: r.tags,
		ARN: "arn:aws:ec2:" + scope.Region + ":" + scope.Account + ":security-group-rule/" + r.id,
	}
	if r.protocol == all {
		v.FromPort, v.ToPort = -1, -1
	}
	if r.peer.group != "" {
		v.Referenced = &groupReferred{GroupID: r.peer.group, UserID: g.OwnerID}
	}
	return v
}

type describeRulesInput struct {
	RuleIDs    []string `query:"SecurityGroupRuleId"`
	Filters    []filter `query:"Filter"`
	MaxResults *int32
	NextToken  string
}

type describeRulesOutput struct {
	Rules     []ruleView `xml:"securityGroupRuleSet>item"`
	NextToken string     `xml:"nextToken,omitempty"`
}

func (s *Service) describeRules(r *query.Request, in *describeRulesInput) (*describeRulesOutput, error) {
	byID := map[string]bool{}
	var every []ruleView
	for _, g := range s.in(r.Scope).groups.All() {
		for _, v := range g.ruleViews(r.Scope, g.rules) {
			every, byID[v.RuleID] = append(every, v), true
		}
	}
	for _, id := range in.RuleIDs {
		if !byID[id] {
			return nil, refuse("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", id)
		}
	}
	sortBy(every, ruleView.id)
	found := selected(every, in.RuleIDs, in.Filters, ruleView.id, ruleView.attributes)
	page, next, err := query.Page(found, ruleView.id, in.NextToken, pageSize(in.MaxResults))
	return &describeRulesOutput{Rules: page, NextToken: next}, err
}

func (v ruleView) id() string { return v.RuleID }

func (v ruleView) attributes() attributes {
	return attributes{"group-id": {v.GroupID}, "security-group-rule-id": {v.RuleID}}.tagged(v.Tags)
}
