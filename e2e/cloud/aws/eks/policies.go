// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Access policies, of
// https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
const (
	policyPrefix = "arn:aws:eks::aws:cluster-access-policy/"
	adminPolicy  = policyPrefix + "AmazonEKSClusterAdminPolicy"

	scopeCluster   = "cluster"
	scopeNamespace = "namespace"
)

// roleOf returns the ClusterRole whose rights are a policy's.
func roleOf(policy string) (string, bool) {
	role, ok := map[string]string{
		"AmazonEKSClusterAdminPolicy": "cluster-admin", "AmazonEKSAdminPolicy": "admin",
		"AmazonEKSEditPolicy": "edit", "AmazonEKSViewPolicy": "view",
	}[strings.TrimPrefix(policy, policyPrefix)]
	return role, ok
}

type association struct {
	PolicyArn    string      `json:"policyArn"`
	Scope        accessScope `json:"accessScope"`
	AssociatedAt moment      `json:"associatedAt"`
	ModifiedAt   moment      `json:"modifiedAt"`
}

type accessScope struct {
	Type       string   `json:"type"`
	Namespaces []string `json:"namespaces"`
}

type associateInput struct {
	entryInput

	PolicyArn string      `json:"policyArn"`
	Scope     accessScope `json:"accessScope"`
}

type associateResult struct {
	ClusterName  string       `json:"clusterName"`
	PrincipalArn string       `json:"principalArn"`
	Associated   *association `json:"associatedAccessPolicy"`
}

type disassociateInput struct {
	entryInput

	PolicyArn string `json:"-" path:"policyArn"`
}

type associatedPage struct {
	ClusterName  string         `json:"clusterName"`
	PrincipalArn string         `json:"principalArn"`
	Associated   []*association `json:"associatedAccessPolicies"`
}

func (s *Service) associate(r *query.Request, in *associateInput) (*associateResult, error) {
	c, e, err := s.entry(r.Scope, in.entryInput)
	if err != nil {
		return nil, err
	}
	if _, known := roleOf(in.PolicyArn); !known {
		return nil, invalid("The policyArn %s is not valid.", in.PolicyArn)
	}
	switch {
	case in.Scope.Type == scopeCluster && len(in.Scope.Namespaces) == 0:
	case in.Scope.Type == scopeNamespace && len(in.Scope.Namespaces) > 0:
	default:
		return nil, invalid("The access scope %s does not go with %d namespaces.", in.Scope.Type, len(in.Scope.Namespaces))
	}
	now := moment(s.cloud.Clock.Now())
	a := &association{PolicyArn: in.PolicyArn, Scope: accessScope{in.Scope.Type, append([]string{}, in.Scope.Namespaces...)}, AssociatedAt: now, ModifiedAt: now}
	e.policies.Put(in.PolicyArn, a)
	s.refresh(c)
	s.record(r, kindAccessEntry, e.id(), local.Updated)
	return &associateResult{ClusterName: c.Name, PrincipalArn: e.PrincipalArn, Associated: a}, nil
}

func (s *Service) disassociate(r *query.Request, in *disassociateInput) (*empty, error) {
	c, e, err := s.entry(r.Scope, in.entryInput)
	if err != nil {
		return nil, err
	}
	if _, there := e.policies.Get(in.PolicyArn); !there {
		return nil, notFound("The specified policyArn could not be found on the access entry.")
	}
	e.policies.Delete(in.PolicyArn)
	s.refresh(c)
	s.record(r, kindAccessEntry, e.id(), local.Updated)
	return &empty{}, nil
}

func (s *Service) listAssociated(r *query.Request, in *entryInput) (*associatedPage, error) {
	c, e, err := s.entry(r.Scope, *in)
	if err != nil {
		return nil, err
	}
	return &associatedPage{ClusterName: c.Name, PrincipalArn: e.PrincipalArn, Associated: append([]*association{}, e.policies.All()...)}, nil
}

// group is that of everybody who comes by the entry. Its policies' rights are the
// group's.
func (e *entry) group() string { return "eks:access-entry:" + e.PrincipalArn }

func (e *entry) grants() []kubernetes.Grant {
	var out []kubernetes.Grant
	for _, a := range e.policies.All() {
		role, _ := roleOf(a.PolicyArn) // it was checked
		principal := strings.NewReplacer(":", ".", "/", ".").Replace(strings.TrimPrefix(e.PrincipalArn, "arn:aws:iam::"))
		out = append(out, kubernetes.Grant{
			Name: "eks.access." + principal + "." + role, Group: e.group(), Role: role, Namespaces: slices.Clone(a.Scope.Namespaces),
		})
	}
	return out
}

// administers says whether the entry gives everything. Such a client does not
// depend on what is bound in the cluster.
func (e *entry) administers() bool {
	a, ok := e.policies.Get(adminPolicy)
	return ok && a.Scope.Type == scopeCluster
}
