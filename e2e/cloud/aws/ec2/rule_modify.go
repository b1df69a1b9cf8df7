// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type modifyRulesInput struct {
	GroupID string       `query:"GroupId"`
	Rules   []ruleUpdate `query:"SecurityGroupRule"`
}

type ruleUpdate struct {
	RuleID string      `query:"SecurityGroupRuleId"`
	Rule   ruleRequest `query:"SecurityGroupRule"`
}

// ruleRequest describes a whole rule: what it leaves out is not there afterwards.
type ruleRequest struct {
	IPProtocol   string `query:"IpProtocol"`
	FromPort     *int32
	ToPort       *int32
	CidrIPv4     string `query:"CidrIpv4"`
	CidrIPv6     string `query:"CidrIpv6"`
	PrefixListID string `query:"PrefixListId"`
	ReferencedID string `query:"ReferencedGroupId"`
	Description  string
}

// modifyRules changes rules of a group: all of a request's, or none.
func (s *Service) modifyRules(r *query.Request, in *modifyRulesInput) (*returned, error) {
	g, err := s.findGroup(r.Scope, in.GroupID, "")
	if err != nil {
		return nil, err
	}
	next := slices.Clone(g.rules)
	for _, update := range in.Rules {
		i := slices.IndexFunc(next, func(n rule) bool { return n.id == update.RuleID })
		if i < 0 {
			return nil, refuse("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", update.RuleID)
		}
		changed, err := update.Rule.apply(next[i])
		if err != nil {
			return nil, err
		}
		others := slices.Delete(slices.Clone(next), i, i+1)
		if err := s.fits(r.Scope, &group{rules: others}, []rule{changed}); err != nil {
			return nil, err
		}
		next[i] = changed
	}
	g.rules = next
	s.record(r, kindGroup, g.GroupID, local.Updated)
	return &returned{Return: true}, nil
}

// apply returns the rule as it is asked for. Whom it lets through can be another
// of the same kind only.
func (q ruleRequest) apply(old rule) (rule, error) {
	asked, err := rules([]permission{q.permission()}, old.egress)
	if err != nil {
		return old, err
	}
	if len(asked) != 1 || asked[0].peer.kind() != old.peer.kind() {
		return old, refuse("InvalidParameterValue", "The source or destination of rule '%s' can't be of another kind.", old.id)
	}
	asked[0].id, asked[0].tags = old.id, old.tags
	return asked[0], nil
}

func (q ruleRequest) permission() permission {
	p := permission{IPProtocol: q.IPProtocol, FromPort: q.FromPort, ToPort: q.ToPort}
	if q.CidrIPv4 != "" {
		p.IPRanges = []ipRange{{q.CidrIPv4, q.Description}}
	}
	if q.CidrIPv6 != "" {
		p.IPv6Ranges = []ipv6Range{{q.CidrIPv6, q.Description}}
	}
	if q.PrefixListID != "" {
		p.PrefixListIDs = []prefixList{{q.PrefixListID, q.Description}}
	}
	if q.ReferencedID != "" {
		p.Groups = []groupPeer{{GroupID: q.ReferencedID, Description: q.Description}}
	}
	return p
}

// kind is which of the peer's fields is set.
func (p peer) kind() [4]bool {
	return [4]bool{p.cidr4 != "", p.cidr6 != "", p.group != "", p.prefixList != ""}
}

// rule returns the rule that has the ID, of whatever group.
func (r *region) rule(id string) *rule {
	for _, g := range r.groups.All() {
		if i := slices.IndexFunc(g.rules, func(n rule) bool { return n.id == id }); i >= 0 {
			return &g.rules[i]
		}
	}
	return nil
}
