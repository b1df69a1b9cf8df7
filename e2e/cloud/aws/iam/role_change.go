// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

type updateInput struct {
	RoleName           string
	Description        *string
	MaxSessionDuration *int32
}

type trustInput struct {
	RoleName       string
	PolicyDocument string
}

type boundaryInput struct {
	RoleName            string
	PermissionsBoundary string
}

// result answers with an element that has nothing in it, unlike operations
// that answer without one.
type result struct{}

func (s *Roles) update(r *query.Request, in *updateInput) (*result, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	session := orElse(in.MaxSessionDuration, found.session)
	if err := checkSession(session); err != nil {
		return nil, err
	}
	found.session, found.description = session, orElse(in.Description, found.description)
	s.record(r, found.name, local.Updated)
	return &result{}, nil
}

func (s *Roles) updateTrust(r *query.Request, in *trustInput) (*query.Empty, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	next, err := readTrust(in.PolicyDocument)
	if err != nil {
		return nil, err
	}
	found.trust = next
	s.record(r, found.name, local.Updated)
	return &query.Empty{}, nil
}

func (s *Roles) putBoundary(r *query.Request, in *boundaryInput) (*query.Empty, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := checkBoundary(in.PermissionsBoundary); err != nil {
		return nil, err
	}
	found.boundary = in.PermissionsBoundary
	s.record(r, found.name, local.Updated)
	return &query.Empty{}, nil
}

func (s *Roles) deleteBoundary(r *query.Request, in *nameInput) (*query.Empty, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	if found.boundary == "" {
		return nil, noEntity("The role with name %s has no permissions boundary.", in.RoleName)
	}
	found.boundary = ""
	s.record(r, found.name, local.Updated)
	return &query.Empty{}, nil
}
