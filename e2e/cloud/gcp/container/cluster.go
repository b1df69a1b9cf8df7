// SPDX-License-Identifier: Apache-2.0

package container

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/container/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// The states that clusters and pools enter by themselves (the API's reference).
const (
	provisioning = "PROVISIONING"
	running      = "RUNNING"
	reconciling  = "RECONCILING"
	stopping     = "STOPPING"
	failed       = "ERROR"
)

// cluster is a cluster: what the API shows and what it does not.
type cluster struct {
	wire.Cluster

	id      string // of its API server
	project string
	pools   local.Table[*pool]
	busy    *wire.Operation // what is under way, if anything
	settle  func()          // ends that if its time has come
	forced  string          // a state that somebody forced it into

	serving bool // the API server has started, well or not
	at      kubernetes.Endpoint
	err     error // why the API server could not start
}

func (c *cluster) state() string {
	switch {
	case c.forced != "":
		return c.forced
	case c.Status == running && c.busy != nil:
		return reconciling
	}
	return c.Status
}

// view returns the cluster as the API shows it now.
func (c *cluster) view() *wire.Cluster {
	out := c.Cluster
	out.Status = c.state()
	out.ResourceLabels = maps.Clone(c.ResourceLabels)
	ip := *c.ControlPlaneEndpointsConfig.IPEndpointsConfig
	out.ControlPlaneEndpointsConfig = &wire.ControlPlaneEndpointsConfig{IPEndpointsConfig: &ip}
	out.NodePools = nil
	for _, p := range c.pools.All() {
		out.NodePools = append(out.NodePools, p.view())
	}
	return &out
}

// free says why nothing can be done with the cluster just now.
func (c *cluster) free() error {
	if c.busy != nil {
		return busy(c.busy.Name, c.Name)
	}
	return nil
}

// launch starts the API server. The cluster does not run before that serves.
func (s *Service) launch(r *rest.Request, here *location, c *cluster) *wire.Operation {
	op := s.begin(r, here, c, work{
		typ: "CREATE_CLUSTER", takes: local.Create, kept: func() bool { return !c.serving },
		done:   func() { s.appear(c) },
		failed: func(fault local.Error) { c.Status, c.Conditions = failed, []wire.StatusCondition{condition(fault)} },
	})
	authenticate := func(token string) (user kubernetes.User, ok bool) {
		s.cloud.Do(func() { user, ok = s.authenticate(c, token) })
		return user, ok
	}
	s.servers.Start(c.id, authenticate, func(at kubernetes.Endpoint, err error) {
		s.cloud.Do(func() {
			c.serving, c.at, c.err = true, at, err
			if c.settle != nil {
				c.settle()
			}
		})
	})
	return op
}

func condition(fault local.Error) wire.StatusCondition {
	return wire.StatusCondition{Code: fault.Code, Message: fault.Message}
}

// appear ends the cluster's creation. Google's endpoints have no port; this one has,
// as all API servers here are at one address.
func (s *Service) appear(c *cluster) {
	if c.err != nil {
		s.log.Error("cannot start an API server", "cluster", c.Name, "error", c.err)
		c.Status, c.Conditions = failed, []wire.StatusCondition{{CanonicalCode: "INTERNAL", Message: "The control plane could not be started."}}
		return
	}
	c.Status = running
	c.MasterAuth = &wire.MasterAuth{ClusterCaCertificate: base64.StdEncoding.EncodeToString(c.at.CA)}
	for _, p := range c.pools.All() {
		p.Status = running
	}
	c.readdress()
}

// readdress tells where the API server is, as the settings have it.
func (c *cluster) readdress() {
	ip := c.ControlPlaneEndpointsConfig.IPEndpointsConfig
	c.Endpoint = strings.TrimPrefix(c.at.URL, "https://")
	ip.PrivateEndpoint, ip.PublicEndpoint = c.Endpoint, ""
	if *ip.EnablePublicEndpoint {
		ip.PublicEndpoint = c.Endpoint
	}
}

// refresh tells the API server what is to be in it.
func (s *Service) refresh(c *cluster) {
	content := kubernetes.Content{Grants: grants()}
	for _, p := range c.pools.All() {
		if p.Status != provisioning {
			content.Nodes = append(content.Nodes, nodesOf(c, p)...)
		}
	}
	s.servers.Keep(c.id, content)
}

func (s *Service) getCluster(r *rest.Request) (any, error) {
	_, c, err := s.find(r)
	if err != nil {
		return nil, err
	}
	if s.cloud.Veil.Hides(c.SelfLink) {
		return nil, notFound("projects/%s/locations/%s/clusters/%s", r.Project, c.Location, c.Name)
	}
	return c.view(), nil
}

func (s *Service) listClusters(r *rest.Request) (any, error) {
	out := &wire.ListClustersResponse{}
	for _, c := range s.in(r).clusters.All() {
		if !s.cloud.Veil.Hides(c.SelfLink) {
			out.Clusters = append(out.Clusters, c.view())
		}
	}
	return out, nil
}

// deleteCluster takes the pools with it, as GKE does.
func (s *Service) deleteCluster(r *rest.Request) (any, error) {
	here, c, err := s.find(r)
	if err != nil {
		return nil, err
	}
	if err := c.free(); err != nil {
		return nil, err
	}
	for _, p := range c.pools.All() {
		p.Status = stopping
		s.record(r, c, kindNodePool, p.id(c), local.Deleted)
	}
	s.record(r, c, kindCluster, c.Name, local.Deleted)
	c.forced, c.Status = "", stopping
	op := s.begin(r, here, c, work{typ: "DELETE_CLUSTER", takes: local.Delete, done: func() {
		here.clusters.Delete(c.Name)
		s.servers.Stop(c.id)
		c.Status = "DELETED"
	}})
	s.publish(c, kindCluster, c.Name, stopping)
	return op, nil
}

// Uses says whether a cluster is in the network.
func (s *Service) Uses(project, network string) bool {
	name := network[strings.LastIndexByte(network, '/')+1:]
	for at, here := range s.places {
		if at.project == project && slices.ContainsFunc(here.clusters.All(), func(c *cluster) bool { return c.Network == name }) {
			return true
		}
	}
	return false
}
