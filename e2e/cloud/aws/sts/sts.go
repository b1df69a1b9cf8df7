// SPDX-License-Identifier: Apache-2.0

// Package sts is the local AWS's Security Token Service: who a caller is, and
// sessions of roles.
package sts

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Namespace is the XML namespace of the service's answers.
const Namespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// Unsigned is the operation that needs no signature: its token is the proof.
const Unsigned = "AssumeRoleWithWebIdentity"

// Service answers STS's operations.
type Service struct {
	cloud *local.Cloud
	keys  *iam.Keys
}

// New returns a service that issues its sessions' keys into keys.
func New(cloud *local.Cloud, keys *iam.Keys) *Service {
	return &Service{cloud: cloud, keys: keys}
}

// Operations returns the handlers by operation.
func (s *Service) Operations() map[string]query.Handler {
	return map[string]query.Handler{
		"GetCallerIdentity": query.Operation(s.callerIdentity),
		"AssumeRole":        query.Operation(s.assumeRole),
		Unsigned:            query.Operation(s.assumeRoleWithWebIdentity),
	}
}

type callerIdentity struct {
	Arn     string
	UserID  string `xml:"UserId"`
	Account string
}

func (s *Service) callerIdentity(r *query.Request, _ *struct{}) (*callerIdentity, error) {
	return &callerIdentity{Arn: r.Caller, UserID: r.CallerID, Account: r.Account}, nil
}
