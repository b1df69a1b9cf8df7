// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
)

// groupView is a security group as DescribeSecurityGroups shows it.
type groupView struct {
	GroupID     string       `xml:"groupId"`
	GroupName   string       `xml:"groupName"`
	Description string       `xml:"groupDescription"`
	VpcID       string       `xml:"vpcId"`
	OwnerID     string       `xml:"ownerId"`
	ARN         string       `xml:"securityGroupArn"`
	Ingress     []permission `xml:"ipPermissions>item"`
	Egress      []permission `xml:"ipPermissionsEgress>item"`
	Tags        []tag        `xml:"tagSet>item"`
}

type describeGroupsInput struct {
	GroupIDs   []string `query:"GroupId"`
	GroupNames []string `query:"GroupName"`
	Filters    []filter `query:"Filter"`
	MaxResults *int32
	NextToken  string
}

type describeGroupsOutput struct {
	Groups    []groupView `xml:"securityGroupInfo>item"`
	NextToken string      `xml:"nextToken,omitempty"`
}

func (s *Service) describeGroups(r *query.Request, in *describeGroupsInput) (*describeGroupsOutput, error) {
	ids, err := s.named(r.Scope, in)
	if err != nil {
		return nil, err
	}
	found := selected(s.in(r.Scope).groups.All(), ids, in.Filters, (*group).id, (*group).attributes)
	page, next, err := query.Page(found, (*group).id, in.NextToken, pageSize(in.MaxResults))
	if err != nil {
		return nil, err
	}
	out := &describeGroupsOutput{Groups: make([]groupView, 0, len(page)), NextToken: next}
	for _, g := range page {
		// Those that were named have been looked for already.
		if len(ids) > 0 || !s.cloud.Veil.Hides(g.ARN) {
			out.Groups = append(out.Groups, g.view())
		}
	}
	return out, nil
}

// named returns the IDs of the groups that are asked for by ID or by name, all
// of which must be there.
func (s *Service) named(scope query.Scope, in *describeGroupsInput) ([]string, error) {
	ids := make([]string, 0, len(in.GroupIDs)+len(in.GroupNames))
	add := func(g *group, err error) error {
		if err != nil {
			return err
		}
		if s.cloud.Veil.Hides(g.ARN) {
			return refuse("InvalidGroup.NotFound", "The security group '%s' does not exist", g.GroupID)
		}
		ids = append(ids, g.GroupID)
		return nil
	}
	for _, id := range in.GroupIDs {
		if err := add(s.findGroup(scope, id, "")); err != nil {
			return nil, err
		}
	}
	for _, name := range in.GroupNames {
		if err := add(s.findGroup(scope, "", name)); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func (g *group) id() string { return g.GroupID }

func (g *group) attributes() attributes {
	return attributes{
		"group-id": {g.GroupID}, "group-name": {g.GroupName}, "description": {g.Description},
		"vpc-id": {g.VpcID}, "owner-id": {g.OwnerID},
	}.tagged(g.Tags)
}

func (g *group) view() groupView {
	return groupView{
		GroupID: g.GroupID, GroupName: g.GroupName, Description: g.Description, VpcID: g.VpcID, OwnerID: g.OwnerID, ARN: g.ARN,
		Ingress: g.permissions(false), Egress: g.permissions(true), Tags: g.Tags,
	}
}
