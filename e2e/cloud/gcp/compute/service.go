// SPDX-License-Identifier: Apache-2.0

// Package compute is the local Google Cloud's networks: Compute Engine's networks
// and global addresses, and Service Networking's connections.
package compute

import (
	"crypto/rand"
	"encoding/binary"
	"net/http"
	"regexp"
	"strconv"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// The APIs' names in ledgers, faults and quotas.
const (
	serviceName    = "compute"
	networkingName = "servicenetworking"
)

// User is a service whose resources are in networks.
type User interface {
	Uses(project, network string) bool
}

// Service answers the operations of both APIs.
type Service struct {
	cloud    *local.Cloud
	agenda   *rest.Agenda
	user     User   // by the connections to Google's services
	others   []User // by their networks alone
	projects map[string]*project
}

// project is what a project has.
type project struct {
	id          string
	networks    local.Table[*network]
	addresses   local.Table[*address]
	connections local.Table[*connection] // by network
	operations  []*operation             // oldest first
	waiting     local.Table[*networkingOperation]
}

// New returns a service without a network.
func New(cloud *local.Cloud, agenda *rest.Agenda) *Service {
	return &Service{cloud: cloud, agenda: agenda, projects: map[string]*project{}}
}

// Users tells the service who else has resources in networks: one that comes by the
// connections to Google's services, and others.
func (s *Service) Users(user User, others ...User) { s.user, s.others = user, others }

// Services returns what is answered where.
func (s *Service) Services() []rest.Service {
	const (
		global      = " /compute/v1/projects/{project}/global/"
		connections = " /v1/services/{service}/connections"
	)
	return []rest.Service{{Name: serviceName, Routes: []rest.Route{
		{Pattern: "POST" + global + "networks", Operation: "networks.insert", Handler: s.insertNetwork},
		{Pattern: "GET" + global + "networks", Operation: "networks.list", Handler: s.listNetworks},
		{Pattern: "GET" + global + "networks/{name}", Operation: "networks.get", Handler: s.getNetwork},
		{Pattern: "PATCH" + global + "networks/{name}", Operation: "networks.patch", Handler: s.patchNetwork},
		{Pattern: "DELETE" + global + "networks/{name}", Operation: "networks.delete", Handler: s.deleteNetwork},

		{Pattern: "POST" + global + "addresses", Operation: "globalAddresses.insert", Handler: s.insertAddress},
		{Pattern: "GET" + global + "addresses/{name}", Operation: "globalAddresses.get", Handler: s.getAddress},
		{Pattern: "DELETE" + global + "addresses/{name}", Operation: "globalAddresses.delete", Handler: s.deleteAddress},

		{Pattern: "GET" + global + "operations", Operation: "globalOperations.list", Handler: s.listOperations},
		{Pattern: "GET" + global + "operations/{name}", Operation: "globalOperations.get", Handler: s.getOperation},
	}}, {Name: networkingName, Routes: []rest.Route{
		{Pattern: "POST" + connections, Operation: "services.connections.create", Handler: s.createConnection},
		{Pattern: "GET" + connections, Operation: "services.connections.list", Handler: s.listConnections},
		{Pattern: "PATCH" + connections + "/{name}", Operation: "services.connections.patch", Handler: s.patchConnection},
		{Pattern: "POST" + connections + "/{name}", Operation: "services.connections.deleteConnection", Handler: s.deleteConnection},
		{Pattern: "GET /v1/operations/{name}", Operation: "operations.get", Handler: s.getNetworkingOperation},
	}}}
}

func (s *Service) in(id string) *project {
	p, ok := s.projects[id]
	if !ok {
		p = &project{id: id}
		s.projects[id] = p
	}
	return p
}

// Reset removes everything.
func (s *Service) Reset() { clear(s.projects) }

// Live lists what exists.
func (s *Service) Live() []local.Resource {
	var out []local.Resource
	for _, p := range s.projects {
		for _, n := range p.networks.All() {
			out = append(out, local.Resource{Service: serviceName, Region: "global", Kind: kindNetwork, ID: n.Name})
		}
		for _, a := range p.addresses.All() {
			out = append(out, local.Resource{Service: serviceName, Region: "global", Kind: kindAddress, ID: a.Name, State: a.Status})
		}
		for _, c := range p.connections.All() {
			out = append(out, local.Resource{Service: networkingName, Region: "global", Kind: kindConnection, ID: c.Network})
		}
	}
	return out
}

func (s *Service) record(r *rest.Request, kind, id, action string) {
	s.cloud.Ledger.Record(local.Entry{
		Service: r.Service, Region: "global", Kind: kind, ID: id, Action: action, Operation: r.Operation, Caller: r.Caller,
	})
}

// Names are as RFC 1035 has them
// (https://cloud.google.com/compute/docs/naming-resources).
var names = regexp.MustCompile(`^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)

func checkName(name string) error {
	if !names.MatchString(name) {
		return rest.Refuse(http.StatusBadRequest, "invalid", "Invalid value for field 'resource.name': '%s'. Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'", name)
	}
	return nil
}

func notFound(path string) error {
	return rest.Refuse(http.StatusNotFound, "notFound", "The resource '%s' was not found", path)
}

func alreadyThere(path string) error {
	return rest.Refuse(http.StatusConflict, "alreadyExists", "The resource '%s' already exists", path)
}

// number is a random id, which the API writes as a text.
func number() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return strconv.FormatUint(binary.BigEndian.Uint64(b[:])>>1, 10)
}
