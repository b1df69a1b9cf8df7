// SPDX-License-Identifier: Apache-2.0

package ec2

import (
	"regexp"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// defaultGroup is the name of the security group that each VPC has.
const defaultGroup = "default"

// kindGroup is the kind of security groups in ledgers, and in tags.
const (
	kindGroup    = "SecurityGroup"
	taggedGroup  = "security-group"
	longestGroup = 255
)

// group is a security group.
type group struct {
	GroupID     string
	GroupName   string
	Description string
	VpcID       string
	OwnerID     string
	ARN         string
	Tags        []tag
	rules       []rule
}

func newGroup(scope query.Scope, id, name, description, vpc string) *group {
	return &group{
		GroupID: id, GroupName: name, Description: description, VpcID: vpc, OwnerID: scope.Account,
		ARN: "arn:aws:ec2:" + scope.Region + ":" + scope.Account + ":security-group/" + id,
		// Whatever a new group guards may talk to the world.
		rules: []rule{{id: fixedID("sgr", id), egress: true, protocol: all, peer: peer{cidr4: "0.0.0.0/0"}}},
	}
}

func (r *region) addDefaultGroup(scope query.Scope, vpcID, id string) {
	g := newGroup(scope, id, defaultGroup, "default VPC security group", vpcID)
	g.rules = append(g.rules, rule{id: fixedID("sgr", id, "self"), protocol: all, peer: peer{group: id}})
	r.groups.Put(id, g)
}

type createGroupInput struct {
	GroupName   string
	Description string `query:"GroupDescription"`
	VpcID       string `query:"VpcId"`
	taggedInput
}

type createGroupOutput struct {
	GroupID string `xml:"groupId"`
	ARN     string `xml:"securityGroupArn"`
	Tags    []tag  `xml:"tagSet>item"`
}

func (s *Service) createGroup(r *query.Request, in *createGroupInput) (*createGroupOutput, error) {
	here := s.in(r.Scope)
	if err := in.check(); err != nil {
		return nil, err
	}
	tags, err := in.tags(taggedGroup)
	if err != nil {
		return nil, err
	}
	vpcID, err := s.vpcFor(r.Scope, here, in.VpcID)
	if err != nil {
		return nil, err
	}
	for _, g := range here.groups.All() {
		if g.VpcID == vpcID && g.GroupName == in.GroupName {
			return nil, refuse("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", in.GroupName, vpcID)
		}
	}
	if s.cloud.Settings.Exceeds("ec2:securityGroups", here.groups.Len()+1) {
		return nil, refuse("SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.")
	}
	g := newGroup(r.Scope, newID("sg"), in.GroupName, in.Description, vpcID)
	g.Tags = tags
	here.groups.Put(g.GroupID, g)
	s.cloud.HideNew(g.ARN, r.Effect)
	s.record(r, kindGroup, g.GroupID, local.Created)
	return &createGroupOutput{GroupID: g.GroupID, ARN: g.ARN, Tags: g.Tags}, nil
}

func (in *createGroupInput) check() error {
	allowed := regexp.MustCompile(`^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*$`)
	switch {
	case in.GroupName == "":
		return refuse("MissingParameter", "The request must contain the parameter GroupName")
	case in.Description == "":
		return refuse("MissingParameter", "The request must contain the parameter GroupDescription")
	case strings.HasPrefix(in.GroupName, "sg-") || in.GroupName == defaultGroup:
		return refuse("InvalidParameterValue", "Invalid value '%s' for groupName. It is reserved.", in.GroupName)
	case len(in.GroupName) > longestGroup || !allowed.MatchString(in.GroupName):
		return refuse("InvalidParameterValue", "Value (%s) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.", in.GroupName)
	case len(in.Description) > longestGroup || !allowed.MatchString(in.Description):
		return refuse("InvalidParameterValue", "Value (%s) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.", in.Description)
	}
	return nil
}

// vpcFor returns the VPC of that ID, or the default one.
func (s *Service) vpcFor(scope query.Scope, here *region, id string) (string, error) {
	if id == "" {
		id = s.DefaultVPC(scope)
	}
	if id == "" {
		return "", refuse("VPCIdNotSpecified", "No default VPC for this user")
	}
	if _, ok := here.vpcs.Get(id); !ok {
		return "", notFound("InvalidVpcID", "vpc", id)
	}
	return id, nil
}

type deleteGroupInput struct {
	GroupID   string `query:"GroupId"`
	GroupName string
}

type deleteGroupOutput struct {
	Return  bool   `xml:"return"`
	GroupID string `xml:"groupId"`
}

func (s *Service) deleteGroup(r *query.Request, in *deleteGroupInput) (*deleteGroupOutput, error) {
	here := s.in(r.Scope)
	g, err := s.findGroup(r.Scope, in.GroupID, in.GroupName)
	if err != nil {
		return nil, err
	}
	if g.GroupName == defaultGroup {
		return nil, refuse("CannotDelete", "the specified group: \"%s\" name: \"default\" cannot be deleted by a user", g.GroupID)
	}
	if s.used(func(u Users) bool { return u.UsesSecurityGroup(r.Scope, g.GroupID) }) || here.refers(g.GroupID) {
		return nil, refuse("DependencyViolation", "resource %s has a dependent object", g.GroupID)
	}
	here.groups.Delete(g.GroupID)
	s.recordTagged(r, g.rules, local.Deleted)
	s.record(r, kindGroup, g.GroupID, local.Deleted)
	return &deleteGroupOutput{Return: true, GroupID: g.GroupID}, nil
}

// refers says whether another group's rules name the group.
func (r *region) refers(id string) bool {
	for _, g := range r.groups.All() {
		for _, rule := range g.rules {
			if g.GroupID != id && rule.peer.group == id {
				return true
			}
		}
	}
	return false
}

// findGroup returns a group by its ID or, in the default VPC, by its name.
func (s *Service) findGroup(scope query.Scope, id, name string) (*group, error) {
	here := s.in(scope)
	if id == "" {
		return s.findGroupByName(scope, name)
	}
	if err := checkGroupID(id); err != nil {
		return nil, err
	}
	g, ok := here.groups.Get(id)
	if !ok {
		return nil, refuse("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
	}
	return g, nil
}

func (s *Service) findGroupByName(scope query.Scope, name string) (*group, error) {
	if name == "" {
		return nil, refuse("MissingParameter", "The request must contain the parameter groupName or groupId")
	}
	vpcID := s.DefaultVPC(scope)
	for _, g := range s.in(scope).groups.All() {
		if g.VpcID == vpcID && g.GroupName == name {
			return g, nil
		}
	}
	return nil, refuse("InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC '%s'", name, vpcID)
}

func checkGroupID(id string) error {
	if !regexp.MustCompile(`^sg-([0-9a-f]{8}|[0-9a-f]{17})$`).MatchString(id) {
		return refuse("InvalidGroupId.Malformed", "Invalid id: \"%s\" (expecting \"sg-...\")", id)
	}
	return nil
}
