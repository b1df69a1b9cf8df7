// SPDX-License-Identifier: Apache-2.0

package compute

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/iam"
	"github.com/crossplaneio/crossplane/e2e/cloud/gcp/rest"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// kindNetwork is the kind of networks in ledgers.
const kindNetwork = "Network"

type network struct {
	Kind                  string         `json:"kind"`
	ID                    string         `json:"id"`
	Name                  string         `json:"name"`
	Description           string         `json:"description,omitempty"`
	AutoCreateSubnetworks bool           `json:"autoCreateSubnetworks"`
	MTU                   int64          `json:"mtu,omitempty"`
	RoutingConfig         *routingConfig `json:"routingConfig,omitempty"`
	SelfLink              string         `json:"selfLink"`
	CreationTimestamp     string         `json:"creationTimestamp"`
}

type routingConfig struct {
	RoutingMode string `json:"routingMode,omitempty"`
}

func (s *Service) insertNetwork(r *rest.Request) (any, error) {
	in, err := rest.Read[network](r)
	if err != nil {
		return nil, err
	}
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	p := s.in(r.Project)
	path := "projects/" + p.id + "/global/networks/" + in.Name
	if _, there := p.networks.Get(in.Name); there {
		return nil, alreadyThere(path)
	}
	in.Kind, in.ID, in.CreationTimestamp = "compute#network", number(), s.now()
	in.SelfLink = r.Base + "/compute/v1/" + path
	in.MTU = cmp.Or(in.MTU, 1460)
	if in.RoutingConfig == nil {
		in.RoutingConfig = &routingConfig{RoutingMode: "REGIONAL"}
	}
	if s.cloud.Settings.Exceeds("compute:networks", p.networks.Len()+1) {
		// Compute Engine notices only in the operation.
		full := &local.Error{Code: "QUOTA_EXCEEDED", Message: "Quota 'NETWORKS' exceeded."}
		return s.launch(r, p, "insert", "networks/"+in.Name, local.Create, outcome{err: full}), nil
	}
	p.networks.Put(in.Name, in)
	s.cloud.HideNew(in.SelfLink, r.Effect)
	s.record(r, kindNetwork, in.Name, local.Created)
	return s.begin(r, p, "insert", "networks/"+in.Name, local.Create, nil, func() { p.networks.Delete(in.Name) }), nil
}

func (s *Service) findNetwork(r *rest.Request) (*network, error) {
	n, ok := s.in(r.Project).networks.Get(r.Path("name"))
	if !ok {
		return nil, notFound("projects/" + r.Project + "/global/networks/" + r.Path("name"))
	}
	return n, nil
}

func (s *Service) getNetwork(r *rest.Request) (any, error) {
	n, err := s.findNetwork(r)
	if err != nil {
		return nil, err
	}
	if s.cloud.Veil.Hides(n.SelfLink) {
		return nil, notFound("projects/" + r.Project + "/global/networks/" + n.Name)
	}
	return n, nil
}

func (s *Service) listNetworks(r *rest.Request) (any, error) {
	const most = 500
	page, next, err := rest.Page(r, "maxResults", most, s.in(r.Project).networks.All(), func(n *network) string { return n.Name })
	if err != nil {
		return nil, err
	}
	return map[string]any{"kind": "compute#networkList", "items": page, "nextPageToken": next}, nil
}

// patchNetwork changes what can be changed: the routing mode.
func (s *Service) patchNetwork(r *rest.Request) (any, error) {
	n, err := s.findNetwork(r)
	if err != nil {
		return nil, err
	}
	in, err := rest.Read[network](r)
	if err != nil {
		return nil, err
	}
	if in.RoutingConfig == nil || in.Description != "" || in.MTU != 0 {
		return nil, rest.Refuse(http.StatusBadRequest, "invalid", "Only the routing configuration of a network can be changed.")
	}
	s.record(r, kindNetwork, n.Name, local.Updated)
	return s.begin(r, s.in(r.Project), "patch", "networks/"+n.Name, local.Modify, func() { n.RoutingConfig = in.RoutingConfig }, nil), nil
}

func (s *Service) deleteNetwork(r *rest.Request) (any, error) {
	n, err := s.findNetwork(r)
	if err != nil {
		return nil, err
	}
	p := s.in(r.Project)
	path := "projects/" + p.id + "/global/networks/" + n.Name
	user := ""
	for _, a := range p.addresses.All() {
		if networkName(a.Network) == n.Name {
			user = "projects/" + p.id + "/global/addresses/" + a.Name
		}
	}
	if s.user.Uses(p.id, path) {
		user = "a Cloud SQL instance"
	}
	if slices.ContainsFunc(s.others, func(u User) bool { return u.Uses(p.id, path) }) {
		user = "a cluster"
	}
	if _, connected := p.connections.Get(n.Name); connected {
		user = "projects/" + p.id + "/global/networks/" + n.Name + "/peerings/servicenetworking-googleapis-com"
	}
	if user != "" {
		return nil, rest.Refuse(http.StatusBadRequest, "resourceInUseByAnotherResource",
			"The network resource '%s' is already being used by '%s'", path, user)
	}
	s.record(r, kindNetwork, n.Name, local.Deleted)
	return s.begin(r, p, "delete", "networks/"+n.Name, local.Delete, func() { p.networks.Delete(n.Name) }, nil), nil
}

// Connected says whether a network exists and whether it is connected to the
// network of Google's services.
func (s *Service) Connected(project, path string) (exists, connected bool) {
	if !strings.HasPrefix(path, "projects/"+project+"/") && !strings.HasPrefix(path, "projects/"+iam.Number(project)+"/") {
		return false, false
	}
	p := s.in(project)
	_, exists = p.networks.Get(networkName(path))
	_, connected = p.connections.Get(networkName(path))
	return exists, connected
}

func networkName(path string) string { return path[strings.LastIndex(path, "/")+1:] }
