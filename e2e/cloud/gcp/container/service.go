// SPDX-License-Identifier: Apache-2.0

// Package container is the local Google Cloud's Kubernetes Engine: clusters and
// node pools with their states, operations, rules and errors. The API servers behind
// its endpoints are real ones, of package kubernetes.
package container

import (
	"log/slog"
	"time"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/container/wire"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/kubernetes"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// serviceName is the API's name in ledgers, faults and quotas.
const serviceName = "container"

// The kinds of what there is, in ledgers.
const (
	kindCluster  = "Cluster"
	kindNodePool = "NodePool"
)

// Network is what the service needs to know of networks.
type Network interface {
	// Connected says whether a network exists.
	Connected(project, network string) (exists, connected bool)
}

// Identities is what the service needs to know of who calls.
type Identities interface {
	// Holder returns whose an access token is, and the roles that it has in the
	// project; false if the token is good for nothing.
	Holder(token, project string) (caller string, roles []string, ok bool)
}

// Servers runs the API servers behind the endpoints.
type Servers interface {
	Start(id string, authenticate kubernetes.Authenticate, ready func(kubernetes.Endpoint, error))
	Keep(id string, want kubernetes.Content)
	Stop(id string)
	Clear()
}

// Service answers Kubernetes Engine's operations.
type Service struct {
	cloud      *local.Cloud
	agenda     *rest.Agenda
	network    Network
	identities Identities
	servers    Servers
	log        *slog.Logger
	places     map[place]*location
}

// place is a location of a project.
type place struct{ project, location string }

// location is what a project has in a place.
type location struct {
	place

	clusters   local.Table[*cluster]
	operations []*wire.Operation // oldest first
}

// New returns a service without a cluster.
func New(cloud *local.Cloud, agenda *rest.Agenda, network Network, identities Identities, servers Servers, log *slog.Logger) *Service {
	return &Service{cloud: cloud, agenda: agenda, network: network, identities: identities, servers: servers, log: log, places: map[place]*location{}}
}

// Service returns what is answered where.
func (s *Service) Service() rest.Service {
	const (
		here     = " /v1/projects/{project}/locations/{location}"
		clusters = here + "/clusters"
		cluster  = clusters + "/{cluster}"
		pools    = cluster + "/nodePools"
		pool     = pools + "/{pool}"
	)
	return rest.Service{Name: serviceName, Routes: []rest.Route{
		{Pattern: "POST" + clusters, Operation: "clusters.create", Handler: s.createCluster},
		{Pattern: "GET" + clusters, Operation: "clusters.list", Handler: s.listClusters},
		{Pattern: "GET" + cluster, Operation: "clusters.get", Handler: s.getCluster},
		{Pattern: "PUT" + cluster, Operation: "clusters.update", Handler: s.updateCluster},
		{Pattern: "DELETE" + cluster, Operation: "clusters.delete", Handler: s.deleteCluster},
		{Pattern: "POST" + cluster, Verb: "setResourceLabels", Operation: "clusters.setResourceLabels", Handler: s.setLabels},
		{Pattern: "POST" + cluster, Verb: "setMaintenancePolicy", Operation: "clusters.setMaintenancePolicy", Handler: s.setMaintenance},

		{Pattern: "POST" + pools, Operation: "nodePools.create", Handler: s.createPool},
		{Pattern: "GET" + pools, Operation: "nodePools.list", Handler: s.listPools},
		{Pattern: "GET" + pool, Operation: "nodePools.get", Handler: s.getPool},
		{Pattern: "PUT" + pool, Operation: "nodePools.update", Handler: s.updatePool},
		{Pattern: "DELETE" + pool, Operation: "nodePools.delete", Handler: s.deletePool},
		{Pattern: "POST" + pool, Verb: "setSize", Operation: "nodePools.setSize", Handler: s.setSize},
		{Pattern: "POST" + pool, Verb: "setAutoscaling", Operation: "nodePools.setAutoscaling", Handler: s.setAutoscaling},
		{Pattern: "POST" + pool, Verb: "setManagement", Operation: "nodePools.setManagement", Handler: s.setManagement},

		{Pattern: "GET" + here + "/operations", Operation: "operations.list", Handler: s.listOperations},
		{Pattern: "GET" + here + "/operations/{name}", Operation: "operations.get", Handler: s.getOperation},
	}}
}

func (s *Service) in(r *rest.Request) *location {
	at := place{r.Project, r.Path("location")}
	l, ok := s.places[at]
	if !ok {
		l = &location{place: at}
		s.places[at] = l
	}
	return l
}

// find returns a cluster that there is, hidden or not.
func (s *Service) find(r *rest.Request) (*location, *cluster, error) {
	here, name := s.in(r), r.Path("cluster")
	c, ok := here.clusters.Get(name)
	if !ok {
		return nil, nil, notFound("projects/%s/locations/%s/clusters/%s", r.Project, here.location, name)
	}
	return here, c, nil
}

// Reset removes everything.
func (s *Service) Reset() {
	clear(s.places)
	s.servers.Clear()
}

// record notes a change that took effect.
func (s *Service) record(r *rest.Request, c *cluster, kind, id, action string) {
	s.cloud.Ledger.Record(local.Entry{
		Service: serviceName, Region: c.Location, Kind: kind, ID: id, Action: action, Operation: r.Operation, Caller: r.Caller,
	})
}

// publish tells everybody of a state.
func (s *Service) publish(c *cluster, kind, id, state string) {
	s.cloud.Events.Publish(local.Resource{Service: serviceName, Region: c.Location, Kind: kind, ID: id, State: state})
}

// now is the cloud's time as the API writes it.
func (s *Service) now() string { return s.cloud.Clock.Now().Format(time.RFC3339Nano) }
