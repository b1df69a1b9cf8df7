// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"regexp"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// Types of access entries that the local EKS makes or takes.
const (
	typeStandard = "STANDARD"
	typeNode     = "EC2_LINUX"
)

// entry lets an IAM principal into a cluster.
type entry struct {
	entryView

	policies local.Table[*association] // by ARN
}

type entryView struct {
	ClusterName      string            `json:"clusterName"`
	PrincipalArn     string            `json:"principalArn"`
	AccessEntryArn   string            `json:"accessEntryArn"`
	KubernetesGroups []string          `json:"kubernetesGroups"`
	Username         string            `json:"username"`
	Type             string            `json:"type"`
	CreatedAt        moment            `json:"createdAt"`
	ModifiedAt       moment            `json:"modifiedAt"`
	Tags             map[string]string `json:"tags"`
}

type entryResult struct {
	AccessEntry entryView `json:"accessEntry"`
}

type createEntryInput struct {
	ClusterName      string            `json:"-" path:"clusterName"`
	PrincipalArn     string            `json:"principalArn"`
	KubernetesGroups []string          `json:"kubernetesGroups"`
	Username         string            `json:"username"`
	Type             string            `json:"type"`
	Tags             map[string]string `json:"tags"`
	Token            string            `json:"clientRequestToken"`
}

type entryInput struct {
	ClusterName  string `json:"-" path:"clusterName"`
	PrincipalArn string `json:"-" path:"principalArn"`
}

type updateEntryInput struct {
	entryInput

	KubernetesGroups []string `json:"kubernetesGroups"`
	Username         string   `json:"username"`
	Token            string   `json:"clientRequestToken"`
}

// empty is the answer of operations that answer nothing.
type empty struct{}

// principals are those of IAM that can have an entry, with their name.
var principals = regexp.MustCompile(`^arn:aws:iam::([0-9]{12}):(user|role)/(?:.*/)?([^/]+)$`)

// entered finds a cluster whose entries can be seen and changed.
func (s *Service) entered(scope query.Scope, name string) (*cluster, error) {
	_, c, err := s.find(scope, name)
	if err != nil {
		return nil, err
	}
	if c.Access.Mode == modeConfigMap {
		return nil, wrongState("The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.")
	}
	return c, nil
}

func (s *Service) entry(scope query.Scope, in entryInput) (*cluster, *entry, error) {
	c, err := s.entered(scope, in.ClusterName)
	if err != nil {
		return nil, nil, err
	}
	e, ok := c.entries.Get(in.PrincipalArn)
	if !ok {
		return nil, nil, notFound("The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.")
	}
	return c, e, nil
}

func (s *Service) createEntry(r *query.Request, in *createEntryInput) (*entryResult, error) {
	c, err := s.entered(r.Scope, in.ClusterName)
	if err != nil {
		return nil, err
	}
	if _, there := c.entries.Get(in.PrincipalArn); there {
		return nil, inUse("The specified access entry resource is already in use on this cluster.")
	}
	if state := c.state(); state != active && state != updating {
		return nil, wrongState("Cluster '%s' is in state %s", c.Name, state)
	}
	if err := firstOf(checkPrincipal(in.PrincipalArn), checkGroups(in.KubernetesGroups), checkTags(in.Tags)); err != nil {
		return nil, err
	}
	if in.Type != "" && in.Type != typeStandard {
		return nil, invalid("The local cloud makes no access entries of type %s by itself.", in.Type)
	}
	e := s.admit(c, in.PrincipalArn, typeStandard)
	e.KubernetesGroups, e.Tags = append([]string{}, in.KubernetesGroups...), in.Tags
	if in.Username != "" {
		e.Username = in.Username
	}
	s.record(r, kindAccessEntry, e.id(), local.Created)
	return &entryResult{e.entryView}, nil
}

// admit adds an entry.
func (s *Service) admit(c *cluster, principal, kind string) *entry {
	now := moment(s.cloud.Clock.Now())
	e := &entry{entryView: entryView{
		ClusterName: c.Name, PrincipalArn: principal, AccessEntryArn: strings.Replace(c.Arn, ":cluster/", ":access-entry/", 1) + "/" + principal,
		KubernetesGroups: []string{}, Username: defaultUser(principal), Type: kind, CreatedAt: now, ModifiedAt: now, Tags: map[string]string{},
	}}
	c.entries.Put(principal, e)
	return e
}

// admitCreator lets who made the cluster administer it, where that was asked for.
func (s *Service) admitCreator(r *query.Request, c *cluster) {
	if !orElse(c.Access.Bootstrap, true) {
		return
	}
	e := s.admit(c, principalOf(r.Caller), typeStandard)
	e.policies.Put(adminPolicy, &association{PolicyArn: adminPolicy, Scope: accessScope{Type: scopeCluster, Namespaces: []string{}}})
}

// admitNodes makes the entry that the nodes of a role need.
func (s *Service) admitNodes(c *cluster, role string) {
	if _, there := c.entries.Get(role); there || c.Access.Mode == modeConfigMap {
		return
	}
	e := s.admit(c, role, typeNode)
	e.Username, e.KubernetesGroups = "system:node:{{EC2PrivateDNSName}}", []string{"system:nodes"}
}

func (e *entry) id() string { return e.ClusterName + "/" + e.PrincipalArn }

func (s *Service) describeEntry(r *query.Request, in *entryInput) (*entryResult, error) {
	_, e, err := s.entry(r.Scope, *in)
	if err != nil {
		return nil, err
	}
	return &entryResult{e.entryView}, nil
}

func (s *Service) updateEntry(r *query.Request, in *updateEntryInput) (*entryResult, error) {
	_, e, err := s.entry(r.Scope, in.entryInput)
	if err != nil {
		return nil, err
	}
	if err := checkGroups(in.KubernetesGroups); err != nil {
		return nil, err
	}
	if in.KubernetesGroups != nil {
		e.KubernetesGroups = in.KubernetesGroups
	}
	if in.Username != "" {
		e.Username = in.Username
	}
	e.ModifiedAt = moment(s.cloud.Clock.Now())
	s.record(r, kindAccessEntry, e.id(), local.Updated)
	return &entryResult{e.entryView}, nil
}

func (s *Service) deleteEntry(r *query.Request, in *entryInput) (*empty, error) {
	c, e, err := s.entry(r.Scope, *in)
	if err != nil {
		return nil, err
	}
	c.entries.Delete(e.PrincipalArn)
	s.refresh(c)
	s.record(r, kindAccessEntry, e.id(), local.Deleted)
	return &empty{}, nil
}

type entryNames struct {
	AccessEntries []string `json:"accessEntries"`
	NextToken     *string  `json:"nextToken"`
}

func (s *Service) listEntries(r *query.Request, in *listInput) (*entryNames, error) {
	c, err := s.entered(r.Scope, in.ClusterName)
	if err != nil {
		return nil, err
	}
	page, next, err := paged(c.entries.Names(), in.pageInput)
	return &entryNames{AccessEntries: page, NextToken: next}, err
}

func checkPrincipal(arn string) error {
	if !principals.MatchString(arn) {
		return invalid("The specified principalArn is invalid: invalid principal.")
	}
	return nil
}

func checkGroups(groups []string) error {
	if slices.ContainsFunc(groups, func(g string) bool {
		return strings.HasPrefix(g, "system:") || strings.HasPrefix(g, "eks:") || strings.HasPrefix(g, "amazon") || strings.HasPrefix(g, "aws:")
	}) {
		return invalid("The kubernetes group name is invalid, it cannot start with system:, eks:, aws:, amazon")
	}
	return nil
}

// defaultUser is what a principal is called in the cluster unless its entry says
// otherwise: sessions of a role are told apart.
func defaultUser(principal string) string {
	parts := principals.FindStringSubmatch(principal)
	if len(parts) == 0 || parts[2] == "user" {
		return principal
	}
	return "arn:aws:sts::" + parts[1] + ":assumed-role/" + parts[3] + "/{{SessionName}}"
}

// principalOf is the principal of a caller: of a session, its role.
func principalOf(caller string) string {
	rest, session := strings.CutPrefix(caller, "arn:aws:sts::")
	parts := strings.Split(rest, "/")
	if !session || len(parts) != 3 {
		return caller
	}
	return "arn:aws:iam::" + strings.TrimSuffix(parts[0], ":assumed-role") + ":role/" + parts[1]
}
