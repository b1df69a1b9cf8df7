// SPDX-License-Identifier: Apache-2.0

package iam

import (
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// managedPolicies are the managed policies that the local AWS has, all of them
// AWS's own: those that EKS's clusters and nodes are told to have, and some that
// serve as permissions boundaries.
func managedPolicies() []string {
	return []string{
		"AmazonEKSClusterPolicy", "AmazonEKSServicePolicy", "AmazonEKSVPCResourceController", "AmazonEKSWorkerNodePolicy",
		"AmazonEKSWorkerNodeMinimalPolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEC2ContainerRegistryPullOnly",
		"AmazonSSMManagedInstanceCore", "PowerUserAccess", "ReadOnlyAccess", "service-role/AmazonRDSEnhancedMonitoringRole",
		"service-role/AmazonEBSCSIDriverPolicy",
	}
}

const managedPolicyPrefix = "arn:aws:iam::aws:policy/"

type attachedPolicy struct {
	PolicyName string
	PolicyArn  string
}

type policyInput struct {
	RoleName  string
	PolicyArn string
}

func checkPolicy(arn string) error {
	name, managed := strings.CutPrefix(arn, managedPolicyPrefix)
	if !managed || !slices.Contains(managedPolicies(), name) {
		return noEntity("Policy %s does not exist or is not attachable.", arn)
	}
	return nil
}

func checkBoundary(arn string) error {
	if arn == "" {
		return nil
	}
	return checkPolicy(arn)
}

// attach makes a policy the role's; one that it is already stays so.
func (s *Roles) attach(r *query.Request, in *policyInput) (*query.Empty, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	if err := checkPolicy(in.PolicyArn); err != nil {
		return nil, err
	}
	if _, there := found.policies.Get(in.PolicyArn); there {
		return &query.Empty{}, nil
	}
	if s.cloud.Settings.Exceeds("iam:policiesPerRole", found.policies.Len()+1) {
		return nil, conflict("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", s.cloud.Settings.Quota("iam:policiesPerRole"))
	}
	name := in.PolicyArn[strings.LastIndexByte(in.PolicyArn, '/')+1:]
	found.policies.Put(in.PolicyArn, attachedPolicy{PolicyName: name, PolicyArn: in.PolicyArn})
	s.record(r, found.name, local.Updated)
	return &query.Empty{}, nil
}

func (s *Roles) detach(r *query.Request, in *policyInput) (*query.Empty, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, there := found.policies.Get(in.PolicyArn); !there {
		return nil, noEntity("Policy %s was not found.", in.PolicyArn)
	}
	found.policies.Delete(in.PolicyArn)
	s.record(r, found.name, local.Updated)
	return &query.Empty{}, nil
}

type listAttachedInput struct {
	RoleName   string
	PathPrefix string
	Marker     string
	MaxItems   *int32
}

type attachedPage struct {
	AttachedPolicies []attachedPolicy `xml:"AttachedPolicies>member"`
	IsTruncated      bool
	Marker           string `xml:",omitempty"`
}

func (s *Roles) listAttached(r *query.Request, in *listAttachedInput) (*attachedPage, error) {
	found, err := s.find(r.Account, in.RoleName)
	if err != nil {
		return nil, err
	}
	page, next, err := query.Page(found.policies.All(), func(p attachedPolicy) string { return p.PolicyArn }, in.Marker, int(orElse(in.MaxItems, 100)))
	return &attachedPage{AttachedPolicies: page, IsTruncated: next != "", Marker: next}, err
}
