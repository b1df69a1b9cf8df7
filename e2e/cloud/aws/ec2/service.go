// SPDX-License-Identifier: Apache-2.0

// Package ec2 is the part of EC2 that databases need: VPCs, subnets and
// security groups.
package ec2

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Namespace is the XML namespace of the service's answers.
const Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"

// serviceName is the service's name in ledgers and quotas.
const serviceName = "ec2"

// Users knows what uses networks.
type Users interface {
	// UsesSecurityGroup says whether something is in the security group.
	UsesSecurityGroup(s query.Scope, id string) bool
	// UsesSubnet says whether something may be placed into the subnet.
	UsesSubnet(s query.Scope, id string) bool
}

// Service answers EC2's operations.
type Service struct {
	cloud   *local.Cloud
	users   []Users
	regions map[query.Scope]*region
}

// New returns the service; Users must be called before it is used.
func New(cloud *local.Cloud) *Service {
	return &Service{cloud: cloud, regions: map[query.Scope]*region{}}
}

// Users tells the service who uses its networks.
func (s *Service) Users(u ...Users) { s.users = u }

// used says whether anybody uses a network, as uses asks one of them.
func (s *Service) used(uses func(Users) bool) bool { return slices.ContainsFunc(s.users, uses) }

// Reset returns every region to its default VPC.
func (s *Service) Reset() { clear(s.regions) }

// Operations returns the handlers by operation.
func (s *Service) Operations() map[string]query.Handler {
	return map[string]query.Handler{
		"DescribeVpcs":                  query.Operation(s.describeVPCs),
		"CreateVpc":                     query.Operation(s.createVPC),
		"DeleteVpc":                     query.Operation(s.deleteVPC),
		"DescribeSubnets":               query.Operation(s.describeSubnets),
		"CreateSubnet":                  query.Operation(s.createSubnet),
		"DeleteSubnet":                  query.Operation(s.deleteSubnet),
		"CreateSecurityGroup":           query.Operation(s.createGroup),
		"DescribeSecurityGroups":        query.Operation(s.describeGroups),
		"DeleteSecurityGroup":           query.Operation(s.deleteGroup),
		"DescribeSecurityGroupRules":    query.Operation(s.describeRules),
		"AuthorizeSecurityGroupIngress": s.authorize(false),
		"AuthorizeSecurityGroupEgress":  s.authorize(true),
		"RevokeSecurityGroupIngress":    s.revoke(false),
		"RevokeSecurityGroupEgress":     s.revoke(true),
		"ModifySecurityGroupRules":      query.Operation(s.modifyRules),
		"CreateTags":                    query.Operation(s.createTags),
		"DeleteTags":                    query.Operation(s.deleteTags),
	}
}

// Regions returns the names of the regions that there are.
func Regions() []string { return []string{"us-east-1", "us-west-2", "eu-west-1"} }

// region is what an account has in a region.
type region struct {
	vpcs    local.Table[*vpc]
	subnets local.Table[*subnet]
	groups  local.Table[*group]
}

// in returns what the account has in the region. The first to ask finds what
// AWS gives to every account: a default VPC with a subnet in each zone.
func (s *Service) in(scope query.Scope) *region {
	r, ok := s.regions[scope]
	if !ok {
		r = &region{}
		s.regions[scope] = r
		r.addDefaults(scope)
	}
	return r
}

func (s *Service) record(r *query.Request, kind, id, action string) {
	s.cloud.Ledger.Record(local.Entry{
		Service: serviceName, Region: r.Region, Kind: kind, ID: id, Action: action, Operation: r.Operation, Caller: r.Caller,
	})
	s.cloud.Events.Publish(local.Resource{Service: serviceName, Region: r.Region, Kind: kind, ID: id, State: action})
}

// newID returns an ID as EC2 makes them: a prefix and 17 hexadecimal digits.
func newID(prefix string) string {
	return fixedID(prefix, rand.Text())
}

// fixedID returns the same ID for the same seed, so that what a region has from
// the start is called the same after a restart.
func fixedID(prefix string, seed ...string) string {
	sum := sha256.Sum256([]byte(prefix + strings.Join(seed, "/")))
	return prefix + "-" + hex.EncodeToString(sum[:])[:17]
}
