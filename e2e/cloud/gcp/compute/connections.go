// SPDX-License-Identifier: Apache-2.0

package compute

import (
	"net/http"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindConnection is the kind of connections in ledgers.
const kindConnection = "Connection"

// connection is a private connection of a network to the network of Google's
// services. There is one for a network and a service.
type connection struct {
	Network               string   `json:"network"`
	ReservedPeeringRanges []string `json:"reservedPeeringRanges"`
	Peering               string   `json:"peering"`
	Service               string   `json:"service"`
}

// networkingOperation is an operation of Service Networking.
type networkingOperation struct {
	Name     string         `json:"name"`
	Done     bool           `json:"done,omitempty"`
	Error    *status        `json:"error,omitempty"`
	Response map[string]any `json:"response,omitempty"`
}

type status struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// owner finds the project of a network "projects/NUMBER/global/networks/NAME".
func (s *Service) owner(path string) (*project, string, error) {
	parts := strings.Split(path, "/")
	if len(parts) == 5 && parts[0] == "projects" && parts[3] == "networks" {
		for _, p := range s.projects {
			if _, there := p.networks.Get(parts[4]); there && (parts[1] == iam.Number(p.id) || parts[1] == p.id) {
				return p, parts[4], nil
			}
		}
	}
	return nil, "", rest.Refuse(http.StatusBadRequest, "invalid", "Network '%s' was not found.", path)
}

func (s *Service) createConnection(r *rest.Request) (any, error) {
	in, err := rest.Read[connection](r)
	if err != nil {
		return nil, err
	}
	p, name, err := s.owner(in.Network)
	if err != nil {
		return nil, err
	}
	if err := p.check(in); err != nil {
		return nil, err
	}
	if _, there := p.connections.Get(name); there {
		return nil, rest.Refuse(http.StatusBadRequest, "FLOW_SN_DC_RESOURCE_PREVENTING_CREATE_CONNECTION",
			"Cannot modify allocated ranges in CreateConnection. Please use UpdateConnection.")
	}
	in.Service, in.Peering = "services/"+r.Path("service"), "servicenetworking-googleapis-com"
	s.record(r, kindConnection, name, local.Created)
	return s.later(p, local.Create, name, func() { p.connections.Put(name, in) }), nil
}

// check says which of the ranges there is not.
func (p *project) check(in *connection) error {
	for _, name := range in.ReservedPeeringRanges {
		if a, there := p.addresses.Get(name); !there || a.Status != "RESERVED" {
			return rest.Refuse(http.StatusBadRequest, "invalid", "IP range '%s' was not found in the network.", name)
		}
	}
	if len(in.ReservedPeeringRanges) == 0 {
		return rest.Refuse(http.StatusBadRequest, "invalid", "At least one reserved range is needed.")
	}
	return nil
}

func (s *Service) listConnections(r *rest.Request) (any, error) {
	found := []*connection{}
	if p, name, err := s.owner(r.Query.Get("network")); err == nil {
		if c, there := p.connections.Get(name); there {
			found = append(found, c)
		}
	}
	return map[string]any{"connections": found}, nil
}

// patchConnection replaces the reserved ranges.
func (s *Service) patchConnection(r *rest.Request) (any, error) {
	in, err := rest.Read[connection](r)
	if err != nil {
		return nil, err
	}
	p, name, err := s.owner(in.Network)
	if err != nil {
		return nil, err
	}
	c, there := p.connections.Get(name)
	if !there {
		return nil, rest.Refuse(http.StatusNotFound, "notFound", "Connection for network '%s' was not found.", in.Network)
	}
	if err := p.check(in); err != nil {
		return nil, err
	}
	s.record(r, kindConnection, name, local.Updated)
	return s.later(p, local.Modify, name, func() { c.ReservedPeeringRanges = slices.Clone(in.ReservedPeeringRanges) }), nil
}

func (s *Service) deleteConnection(r *rest.Request) (any, error) {
	in, err := rest.Read[struct {
		ConsumerNetwork string `json:"consumerNetwork"`
	}](r)
	if err != nil {
		return nil, err
	}
	p, name, err := s.owner(in.ConsumerNetwork)
	if err != nil {
		return nil, err
	}
	if _, there := p.connections.Get(name); !there {
		return nil, rest.Refuse(http.StatusNotFound, "notFound", "Connection for network '%s' was not found.", in.ConsumerNetwork)
	}
	if s.user.Uses(p.id, "projects/"+p.id+"/global/networks/"+name) {
		return nil, rest.Refuse(http.StatusBadRequest, "FLOW_SN_DC_RESOURCE_PREVENTING_DELETE_CONNECTION",
			"Failed to delete connection; Producer services (e.g. CloudSQL, Cloud Memstore, etc.) are still using this connection.")
	}
	s.record(r, kindConnection, name, local.Deleted)
	return s.later(p, local.Delete, name, func() { p.connections.Delete(name) }), nil
}

// later starts an operation. A fault of the operation "operation.connection"
// lets it fail.
func (s *Service) later(p *project, takes local.Action, network string, done func()) *networkingOperation {
	op := &networkingOperation{Name: "operations/pssn." + number()}
	p.waiting.Put(op.Name, op)
	answer := *op
	effect := s.cloud.Faults.Strike(local.Call{Account: p.id, Service: networkingName, Operation: "operation.connection", Name: network})
	s.agenda.After(takes, func() {
		op.Done = true
		if effect.Error != nil {
			op.Error = &status{Code: 9, Message: effect.Error.Message}
			return
		}
		op.Response = map[string]any{"@type": "type.googleapis.com/google.protobuf.Empty"}
		done()
	})
	return &answer
}

func (s *Service) getNetworkingOperation(r *rest.Request) (any, error) {
	for _, p := range s.projects {
		if op, there := p.waiting.Get("operations/" + r.Path("name")); there {
			return op, nil
		}
	}
	return nil, rest.Refuse(http.StatusNotFound, "notFound", "The operation was not found.")
}
