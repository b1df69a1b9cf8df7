// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"encoding/base64"
	"slices"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// cluster is a cluster: what the API shows and what it does not.
type cluster struct {
	work
	clusterView

	id      string // of its API server
	creator string // the ARN of who made it
	serving bool   // the API server has started, well or not
	at      kubernetes.Endpoint
	err     error // why the API server could not start

	groups  local.Table[*nodegroup]
	entries local.Table[*entry]
	updates local.Table[*updateView]
}

// state returns the state that the cluster is in.
func (c *cluster) state() string {
	if c.err != nil {
		return c.work.state(failed)
	}
	return c.work.state(active)
}

// view returns the cluster as the API shows it now.
func (c *cluster) view() clusterView {
	v := c.clusterView
	v.Status = c.state()
	return v
}

// launch starts the API server. The cluster is not active before that serves.
func (s *Service) launch(here *region, c *cluster) {
	name, scope := c.Name, here.scope
	authenticate := func(token string) (user kubernetes.User, ok bool) {
		s.cloud.Do(func() { user, ok = s.authenticate(scope, name, token) })
		return user, ok
	}
	begun := s.lasts(local.Create, creating, func() { s.activate(here, c) })
	begun.kept = func() bool { return !c.serving }
	s.begin(here, &c.work, begun)
	s.publish(here, kindCluster, c.Name, creating)
	s.servers.Start(c.id, authenticate, func(at kubernetes.Endpoint, err error) {
		s.cloud.Do(func() {
			c.serving, c.at, c.err = true, at, err
			s.advance(&c.work)
		})
	})
}

// activate ends the cluster's creation.
func (s *Service) activate(here *region, c *cluster) {
	if c.err != nil {
		s.log.Error("cannot start an API server", "cluster", c.Name, "error", c.err)
		c.Health.Issues = []issue{{Code: "InternalFailure", Message: "The control plane could not be started.", ResourceIDs: []string{}}}
	} else {
		c.Endpoint, c.Authority.Data = c.at.URL, base64.StdEncoding.EncodeToString(c.at.CA)
	}
	s.refresh(c)
	s.publish(here, kindCluster, c.Name, c.state())
}

// refresh tells the API server what is to be in it.
func (s *Service) refresh(c *cluster) {
	var content kubernetes.Content
	for _, g := range c.groups.All() {
		content.Nodes = append(content.Nodes, g.nodes...)
	}
	for _, e := range c.entries.All() {
		content.Grants = append(content.Grants, e.grants()...)
	}
	s.servers.Keep(c.id, content)
}

type nameInput struct {
	Name string `json:"-" path:"name"`
}

type pageInput struct {
	MaxResults int32  `json:"-" query:"maxResults"`
	NextToken  string `json:"-" query:"nextToken"`
}

// paged cuts a page of names, 100 at most.
func paged(names []string, in pageInput) ([]string, *string, error) {
	size := int(in.MaxResults)
	if size <= 0 || size > 100 {
		size = 100
	}
	page, next, err := query.Page(slices.Clone(names), func(n string) string { return n }, in.NextToken, size)
	if next == "" {
		return append([]string{}, page...), nil, err
	}
	return page, &next, err
}

type clusterNames struct {
	Clusters  []string `json:"clusters"`
	NextToken *string  `json:"nextToken"`
}

func (s *Service) listClusters(r *query.Request, in *pageInput) (*clusterNames, error) {
	page, next, err := paged(s.in(r.Scope).clusters.Names(), *in)
	return &clusterNames{Clusters: page, NextToken: next}, err
}

func (s *Service) describeCluster(r *query.Request, in *nameInput) (*clusterResult, error) {
	_, c, err := s.find(r.Scope, in.Name)
	if err != nil {
		return nil, err
	}
	if s.cloud.Veil.Hides(c.Arn) {
		return nil, notFound("No cluster found for name: %s.", in.Name)
	}
	return &clusterResult{c.view()}, nil
}

// deleteCluster refuses while there are node groups, as EKS does. What is being
// made or changed can't be deleted.
func (s *Service) deleteCluster(r *query.Request, in *nameInput) (*clusterResult, error) {
	here, c, err := s.find(r.Scope, in.Name)
	if err != nil {
		return nil, err
	}
	switch state := c.state(); {
	case state == deleting:
		return &clusterResult{c.view()}, nil
	case c.groups.Len() > 0:
		return nil, inUse("Cluster has nodegroups attached")
	case c.DeletionProtection:
		return nil, wrongState("Cluster %s has deletion protection enabled. Disable it to delete the cluster.", c.Name)
	case state == creating, state == updating:
		return nil, inUse("Cannot delete because cluster %s currently is in state %s", c.Name, state)
	}
	s.record(r, kindCluster, c.Name, local.Deleted)
	c.forced = ""
	s.begin(here, &c.work, s.lasts(local.Delete, deleting, func() { s.remove(here, c) }))
	s.publish(here, kindCluster, c.Name, deleting)
	return &clusterResult{c.view()}, nil
}

// remove ends the cluster and its API server.
func (s *Service) remove(here *region, c *cluster) {
	here.clusters.Delete(c.Name)
	s.network.RemoveGroup(here.scope, c.VPC.ClusterSecurityGroup)
	s.servers.Stop(c.id)
	s.publish(here, kindCluster, c.Name, "DELETED")
}
