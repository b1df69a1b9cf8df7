// SPDX-License-Identifier: Apache-2.0

package eks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/crossplaneio/crossplane/e2e/cloud/aws/query"
	"github.com/crossplaneio/crossplane/e2e/cloud/local"
)

// UsesSecurityGroup says whether a cluster is in the security group.
func (s *Service) UsesSecurityGroup(scope query.Scope, id string) bool {
	return slices.ContainsFunc(s.in(scope).clusters.All(), func(c *cluster) bool { return slices.Contains(c.VPC.SecurityGroupIDs, id) })
}

// UsesSubnet says whether a cluster or a node group is in the subnet.
func (s *Service) UsesSubnet(scope query.Scope, id string) bool {
	return slices.ContainsFunc(s.in(scope).clusters.All(), func(c *cluster) bool {
		return slices.Contains(c.VPC.SubnetIDs, id) ||
			slices.ContainsFunc(c.groups.All(), func(g *nodegroup) bool { return slices.Contains(g.Subnets, id) })
	})
}

// Live lists what exists. Entries that come with a cluster go with it.
func (s *Service) Live() []local.Resource {
	s.Settle()
	out := []local.Resource{}
	for _, r := range s.regions {
		add := func(kind, id, state string) {
			out = append(out, local.Resource{Service: serviceName, Region: r.scope.Region, Kind: kind, ID: id, State: state})
		}
		for _, c := range r.clusters.All() {
			add(kindCluster, c.Name, c.state())
			for _, g := range c.groups.All() {
				add(kindNodegroup, g.id(), g.state(active))
			}
		}
	}
	return out
}

// Has says whether control requests about a kind are for this service.
func Has(kind string) bool { return kind == kindCluster || kind == kindNodegroup }

// Force puts a cluster or a node group into a state, or lets it out of it.
func (s *Service) Force(t local.Target, state string) error {
	here, c, g, err := s.target(t)
	if err != nil {
		return err
	}
	if g != nil {
		g.forced = state
		s.publish(here, kindNodegroup, g.id(), g.state(active))
		return nil
	}
	c.forced = state
	s.publish(here, kindCluster, c.Name, c.state())
	return nil
}

// Alter changes what the API shows of a cluster or a node group, at once.
func (s *Service) Alter(t local.Target, fields map[string]any) error {
	here, c, g, err := s.target(t)
	if err != nil {
		return err
	}
	if g == nil {
		if err := alter(&c.clusterView, fields); err != nil {
			return err
		}
		s.publish(here, kindCluster, c.Name, c.state())
		return nil
	}
	if err := alter(&g.nodegroupView, fields); err != nil {
		return err
	}
	if len(g.nodes) > 0 {
		s.populate(here, c, g)
	}
	s.publish(here, kindNodegroup, g.id(), g.state(active))
	return nil
}

func alter[V any](view *V, fields map[string]any) error {
	body, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("writing fields: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(view); err != nil {
		return fmt.Errorf("changing fields: %w", err)
	}
	return nil
}

// target finds what a control request names; g is nil where that is a cluster.
func (s *Service) target(t local.Target) (here *region, c *cluster, g *nodegroup, err error) {
	s.Settle()
	name, group, _ := strings.Cut(t.ID, "/")
	for _, r := range s.regions {
		if t.Region != "" && t.Region != r.scope.Region {
			continue
		}
		c, ok := r.clusters.Get(name)
		if !ok {
			continue
		}
		if g, there := c.groups.Get(group); there && t.Kind == kindNodegroup {
			return r, c, g, nil
		}
		if t.Kind == kindCluster && group == "" {
			return r, c, nil, nil
		}
	}
	return nil, nil, nil, fmt.Errorf("%w: %s %s", local.ErrNoTarget, t.Kind, t.ID)
}
