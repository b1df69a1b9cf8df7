// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"fmt"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindRule is the kind of rules in ledgers, and in tags. Those with tags are kept
// in the ledger by themselves; others are changes of their group.
const (
	kindRule   = "SecurityGroupRule"
	taggedRule = "security-group-rule"
)

type authorizeInput struct {
	GroupID     string `query:"GroupId"`
	GroupName   string
	Permissions []permission `query:"IpPermissions"`
	taggedInput
}

type authorizeOutput struct {
	Return bool       `xml:"return"`
	Rules  []ruleView `xml:"securityGroupRuleSet>item"`
}

// authorize returns the handler that adds rules of one direction: all of a
// request's, or none.
func (s *Service) authorize(egress bool) query.Handler {
	return query.Operation(func(r *query.Request, in *authorizeInput) (*authorizeOutput, error) {
		g, err := s.findGroup(r.Scope, in.GroupID, in.GroupName)
		if err != nil {
			return nil, err
		}
		added, err := rules(in.Permissions, egress)
		if err != nil {
			return nil, err
		}
		tags, err := in.tags(taggedRule)
		if err != nil {
			return nil, err
		}
		for i := range added {
			added[i].id, added[i].tags = newID("sgr"), tags
		}
		if err := s.fits(r.Scope, g, added); err != nil {
			return nil, err
		}
		g.rules = append(slices.Clone(g.rules), added...)
		s.record(r, kindGroup, g.GroupID, local.Updated)
		s.recordTagged(r, added, local.Created)
		return &authorizeOutput{Return: true, Rules: g.ruleViews(r.Scope, added)}, nil
	})
}

// recordTagged puts those rules that have tags into the ledger.
func (s *Service) recordTagged(r *query.Request, rules []rule, action string) {
	for _, n := range rules {
		if len(n.tags) > 0 {
			s.record(r, kindRule, n.id, action)
		}
	}
}

func (g *group) taggedRules() []rule {
	return slices.DeleteFunc(slices.Clone(g.rules), func(n rule) bool { return len(n.tags) == 0 })
}

func (g *group) rulesWith(ids map[string]bool) []rule {
	return slices.DeleteFunc(slices.Clone(g.rules), func(n rule) bool { return !ids[n.id] })
}

// fits checks that the rules are new, may be there and have peers that exist.
func (s *Service) fits(scope query.Scope, g *group, added []rule) error {
	here := s.in(scope)
	for i, n := range added {
		if slices.ContainsFunc(g.rules, n.same) || slices.ContainsFunc(added[:i], n.same) {
			return refuse("InvalidPermission.Duplicate", "the specified rule \"%s\" already exists", n)
		}
		if n.peer.group == "" {
			continue
		}
		if err := checkGroupID(n.peer.group); err != nil {
			return err
		}
		if _, ok := here.groups.Get(n.peer.group); !ok {
			return refuse("InvalidGroup.NotFound", "The security group '%s' does not exist", n.peer.group)
		}
	}
	count := len(added)
	for _, old := range g.rules {
		if old.egress == added[0].egress {
			count++
		}
	}
	if s.cloud.Settings.Exceeds("ec2:rulesPerSecurityGroup", count) {
		return refuse("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
	}
	return nil
}

// String is how EC2 writes a rule in an error.
func (r rule) String() string {
	from := r.peer.cidr4 + r.peer.cidr6 + r.peer.group + r.peer.prefixList
	if r.protocol == all {
		return "peer: " + from + ", ALL, ALLOW"
	}
	return fmt.Sprintf("peer: %s, %s, from port: %d, to port: %d, ALLOW", from, r.protocol, r.from, r.to)
}

type revokeInput struct {
	GroupID     string `query:"GroupId"`
	GroupName   string
	Permissions []permission `query:"IpPermissions"`
	RuleIDs     []string     `query:"SecurityGroupRuleId"`
}

type revokeOutput struct {
	Return bool `xml:"return"`
}

// revoke returns the handler that takes rules of one direction away: all of a
// request's, or none.
func (s *Service) revoke(egress bool) query.Handler {
	return query.Operation(func(r *query.Request, in *revokeInput) (*revokeOutput, error) {
		g, err := s.findGroup(r.Scope, in.GroupID, in.GroupName)
		if err != nil {
			return nil, err
		}
		gone, err := g.find(in, egress)
		if err != nil {
			return nil, err
		}
		s.recordTagged(r, g.rulesWith(gone), local.Deleted)
		g.rules = slices.DeleteFunc(slices.Clone(g.rules), func(n rule) bool { return gone[n.id] })
		s.record(r, kindGroup, g.GroupID, local.Updated)
		return &revokeOutput{Return: true}, nil
	})
}

// find returns the IDs of the rules that a request names.
func (g *group) find(in *revokeInput, egress bool) (map[string]bool, error) {
	found := map[string]bool{}
	for _, id := range in.RuleIDs {
		if !slices.ContainsFunc(g.rules, func(n rule) bool { return n.id == id && n.egress == egress }) {
			return nil, refuse("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", id)
		}
		found[id] = true
	}
	if len(in.RuleIDs) > 0 {
		return found, nil
	}
	named, err := rules(in.Permissions, egress)
	if err != nil {
		return nil, err
	}
	for _, n := range named {
		i := slices.IndexFunc(g.rules, n.same)
		if i < 0 {
			return nil, refuse("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		found[g.rules[i].id] = true
	}
	return found, nil
}
