// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Namespace is the XML namespace of the service's answers.
const Namespace = "https://iam.amazonaws.com/doc/2010-05-08/"

// serviceName is the service's name in ledgers and quotas.
const serviceName = "iam"

// everywhere is the region of what IAM has: roles are there in all of them.
const everywhere = "global"

// kindRole is the kind of roles in ledgers.
const kindRole = "Role"

// Roles answers IAM's operations on roles.
type Roles struct {
	cloud    *local.Cloud
	accounts map[string]*local.Table[*role] // by account; roles by their name in lower case
}

// NewRoles returns a service without a role.
func NewRoles(cloud *local.Cloud) *Roles {
	return &Roles{cloud: cloud, accounts: map[string]*local.Table[*role]{}}
}

// Operations returns the handlers by operation.
func (s *Roles) Operations() map[string]query.Handler {
	return map[string]query.Handler{
		"CreateRole": query.Operation(s.create),
		"GetRole":    query.Operation(s.get),
		"ListRoles":  query.Operation(s.list),
		"DeleteRole": query.Operation(s.delete),

		"UpdateRole":                    query.Operation(s.update),
		"UpdateAssumeRolePolicy":        query.Operation(s.updateTrust),
		"PutRolePermissionsBoundary":    query.Operation(s.putBoundary),
		"DeleteRolePermissionsBoundary": query.Operation(s.deleteBoundary),

		"TagRole":      query.Operation(s.tag),
		"UntagRole":    query.Operation(s.untag),
		"ListRoleTags": query.Operation(s.listTags),

		"AttachRolePolicy":         query.Operation(s.attach),
		"DetachRolePolicy":         query.Operation(s.detach),
		"ListAttachedRolePolicies": query.Operation(s.listAttached),
	}
}

// Reset removes everything.
func (s *Roles) Reset() { clear(s.accounts) }

// Live lists what exists.
func (s *Roles) Live() []local.Resource {
	out := []local.Resource{}
	for _, roles := range s.accounts {
		for _, r := range roles.All() {
			out = append(out, local.Resource{Service: serviceName, Region: everywhere, Kind: kindRole, ID: r.name})
		}
	}
	return out
}

// Trusts says whether there is a role of that ARN that the service, for example
// eks.amazonaws.com, may assume.
func (s *Roles) Trusts(arn, service string) bool {
	for _, roles := range s.accounts {
		for _, r := range roles.All() {
			if r.arn == arn {
				return r.trust.allows(service)
			}
		}
	}
	return false
}

// in returns the account's roles.
func (s *Roles) in(account string) *local.Table[*role] {
	roles, ok := s.accounts[account]
	if !ok {
		roles = &local.Table[*role]{}
		s.accounts[account] = roles
	}
	return roles
}

// find returns a role that there is.
func (s *Roles) find(account, name string) (*role, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	r, ok := s.in(account).Get(strings.ToLower(name))
	if !ok {
		return nil, noRole(name)
	}
	return r, nil
}

// record notes a change that took effect.
func (s *Roles) record(r *query.Request, name, action string) {
	s.cloud.Ledger.Record(local.Entry{
		Service: serviceName, Region: everywhere, Kind: kindRole, ID: name, Action: action, Operation: r.Operation, Caller: r.Caller,
	})
}
